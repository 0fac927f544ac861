"""Batches in order of time, and what they tell together."""
