"""Without the package that draws: everything but pictures, and what to install for these."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from calaudit.cli.delivery import Delivery
from calaudit.errors import SettingsError
from tests.report.pictured import drawn, slices

INSTALL = r"not installed: pip install 'calaudit\[pictures\]'"


@pytest.fixture(autouse=True)
def _absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``import vl_convert`` fail."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_a_picture_is_refused_before_the_work(tmp_path: Path, suffix: str) -> None:
    """Nothing is read for a file that cannot be drawn; what to install is said."""
    with pytest.raises(SettingsError, match=INSTALL):
        Delivery.checked("evaluate", [], output=[tmp_path / f"x{suffix}"])
    with pytest.raises(SettingsError, match=INSTALL):
        drawn().save(tmp_path / f"x{suffix}")


def test_a_page_of_one_picture_is_refused(tmp_path: Path) -> None:
    """A page that is a picture alone is one; a whole page is not."""
    page = [tmp_path / "x.html"]
    with pytest.raises(SettingsError, match=INSTALL):
        Delivery.checked("evaluate", [], output=page, picture="reliability")
    assert Delivery.checked("evaluate", [], output=page).files


@pytest.mark.parametrize("report", [drawn(), slices()], ids=["one", "small multiples"])
def test_a_page_says_what_a_picture_would_show(tmp_path: Path, report: object) -> None:
    """A page has its figures and, for each picture, its sentence and what to install."""
    report.save(tmp_path / "x.html")  # type: ignore[attr-defined]
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "pip install &#x27;calaudit[pictures]&#x27;" in page
    assert "<svg" not in page.partition("<main")[2]


def test_notebooks_still_draw() -> None:
    """A notebook gets the specification, which it draws itself."""
    assert list(drawn().plot()._repr_mimebundle_()) == [
        "application/vnd.vegalite.v5+json",
        "text/plain",
    ]
