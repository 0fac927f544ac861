"""Figures from tables, with their uncertainty."""
