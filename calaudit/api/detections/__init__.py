"""Rows inside and outside: which they are, what their scores are, and what is said of them."""
