"""A report on one page, for those who decide, and pictures on sheets of any size."""
