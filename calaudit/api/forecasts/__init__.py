"""Figures of forecasts of a number, and what is said of them."""
