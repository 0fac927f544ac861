"""``python -m calaudit`` is the command line."""

from __future__ import annotations

from calaudit.cli import program

if __name__ == "__main__":
    program()
