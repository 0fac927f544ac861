"""Members of an ensemble: where they are, their sums, and what is said of them."""
