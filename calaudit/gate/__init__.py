"""The gate: rules on the figures of a report, alone and against a baseline."""
