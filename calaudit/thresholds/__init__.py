"""Thresholds: from scores to decisions, with costs, reviewers' capacity and constraints."""
