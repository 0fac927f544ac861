"""What holds for every test: fixed examples of properties, and one line for the real cases."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, settings

from calaudit.errors import CalauditError
from tests.golden.cases import ABSENT, FOLDER

# The same examples on every machine and in every run. What a search for others finds (it is
# `tests/test_search.py`) becomes an @example, so that it is tried from then on.
# How long an example takes says how busy the machine is, and nothing of calaudit.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fixed", UNTIMED, derandomize=True, database=None)
settings.register_profile("search", UNTIMED, print_blob=True)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def cases():
    """The folder of real cases; without it the tests that ask for it are left out."""
    return FOLDER


@pytest.fixture(autouse=True)
def _options_in_messages(monkeypatch):
    """Let messages name options, as the program prints them; `test_errors` has the other way."""
    monkeypatch.setattr(CalauditError, "on_command_line", True)


@pytest.fixture
def from_python(monkeypatch, _options_in_messages):
    """Let messages name arguments, as a caller from Python reads them."""
    monkeypatch.setattr(CalauditError, "on_command_line", False)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where the real cases are not here, skip one test that needs them and leave out the rest."""
    if FOLDER.is_dir():
        return
    need = [item for item in items if _needs_cases(item)]
    if not need:
        return
    first, *others = need
    first.add_marker(pytest.mark.skip(reason=f"{len(need)} tests left out: {ABSENT}"))
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]


def pytest_collection_finish() -> None:
    """Take what was collected, which stays, out of the collector's rounds."""
    gc.collect()
    gc.freeze()


def _needs_cases(item: pytest.Item) -> bool:
    return item.get_closest_marker("cases") is not None or "cases" in getattr(
        item, "fixturenames", ()
    )
