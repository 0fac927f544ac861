"""Post-hoc calibration: maps from scores to scores that say what they mean."""
