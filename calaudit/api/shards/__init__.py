"""Tables of parts of a data set, made anywhere and at any time, and merged."""
