"""Fixtures for the tests of this folder."""

from tests.measured import measured

__all__ = ["measured"]
