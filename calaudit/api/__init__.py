"""The use cases, one function a command: the only place where the rooms meet."""
