"""What all tests share."""

import pytest

from calaudit.errors import CalauditError


@pytest.fixture(autouse=True)
def _options_in_messages(monkeypatch):
    """Let messages name options, as the program prints them; `test_errors` has the other way."""
    monkeypatch.setattr(CalauditError, "on_command_line", True)


@pytest.fixture
def from_python(monkeypatch, _options_in_messages):
    """Let messages name arguments, as a caller from Python reads them."""
    monkeypatch.setattr(CalauditError, "on_command_line", False)
