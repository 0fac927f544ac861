"""The parts of what is expected of rows without labels."""
