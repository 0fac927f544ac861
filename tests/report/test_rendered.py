"""What a report can do by itself: save, apply what was fitted, become a frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from calaudit.errors import SettingsError
from calaudit.report.render_json import render_json
from calaudit.report.rendered import Rendered
from tests.report.checks import CHECKS
from tests.report.decisions import fraud
from tests.report.examples import multiclass
from tests.report.html_reports import digits_audit
from tests.report.pictured import audited

EVERY: dict[str, Callable[[], Rendered]] = {
    "report": multiclass,
    "audit": digits_audit,
    "decision": fraud,
    "check": next(iter(CHECKS.values())),
}


@pytest.mark.parametrize("name", EVERY)
def test_a_report_is_saved_by_its_suffix(name: str, tmp_path: Path) -> None:
    """Each kind writes what the command writes under the same name, in any case of the suffix."""
    report = EVERY[name]()
    report.save(tmp_path / "report.JSON")
    assert (tmp_path / "report.JSON").read_text(encoding="utf-8") == render_json(report)
    report.save(str(tmp_path / "report.html"))
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    report.save(tmp_path / "report.svg")
    assert (tmp_path / "report.svg").read_text(encoding="utf-8") == report.plot().to_svg()


def test_one_picture_can_be_saved_alone(tmp_path: Path) -> None:
    """Its name chooses it; unknown names and suffixes are refused, and nothing is written."""
    report = digits_audit()
    report.save(tmp_path / "hills.png", picture="histogram")
    assert (tmp_path / "hills.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SettingsError, match="no report format"):
        report.save(tmp_path / "report.docx")
    with pytest.raises(SettingsError, match="no picture"):
        report.save(tmp_path / "other.png", picture="no such")
    assert [path.name for path in tmp_path.iterdir()] == ["hills.png"]


def test_what_an_audit_fitted_can_be_applied() -> None:
    """Temperature scaling by the temperature in the document, computed here by hand."""
    report = digits_audit()
    scores = np.array([[2.0, 1.0, 0.0, -1.0, 0.5, 0.1, 0.2, 0.3, 0.4, -2.0]])
    (temperature,) = report.calibrator["certificate"]["parameters"]
    powers = np.exp(scores / temperature["value"])
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(report.fitted.apply(scores), expected, rtol=1e-6)


def test_the_frame_of_an_audit_has_both_sides() -> None:
    """Each metric stands before and after, side by side; without a calibrator only before."""
    pytest.importorskip("pandas")
    report = audited()
    assert report.after is not None
    frame = report.to_frame()
    assert frame.index.names == ["metric", "side"]
    metrics = [*report.before.metrics, "gap", "p_value"]
    both = [(m, side) for m in metrics for side in ("before", "after")]
    assert list(frame.index)[: len(both)] == both
    assert frame.loc[("log_loss", "saved"), "value"] == report.saved.value
    smece = report.after.metrics["smece"]
    assert frame.loc[("smece", "after"), "unbiased"] == smece.unbiased
    assert frame.loc[("smece", "before"), "value"] == report.before.metrics["smece"].value
    alone = audited(helped=False).to_frame()
    assert set(alone.index.get_level_values("side")) == {"before"}
