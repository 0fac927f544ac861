"""Forecasts of a number: intervals, quantiles, means with spreads, and members of ensembles."""
