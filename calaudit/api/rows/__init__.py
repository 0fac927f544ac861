"""Which rows are read, how they are divided, and the passes over them."""
