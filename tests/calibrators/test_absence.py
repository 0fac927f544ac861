"""No method learns from the absence of a class that the class does not exist."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest

import calaudit
from calaudit.api.fitting import fit
from calaudit.calibrators import load_calibrator
from calaudit.calibrators.binary import CROSS_FITTED_FROM
from calaudit.calibrators.fit_points import LABEL_ROWS
from calaudit.calibrators.multiclass_fit import CLASS_ROWS
from calaudit.cli import main
from calaudit.errors import NotEnoughData
from tests.calibrators.simulated import binary, several
from tests.certificates import fit_text

FAULTS = Path(__file__).parents[3] / "shared" / "faults"
LEARN = ("vector", "matrix")
CURVES = ("platt", "beta", "spline", "centered-isotonic", "isotonic", "histogram")


def rows(kept: int, n: int = 2000, k: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return logits too steep and labels, with so many rows of the last class."""
    z, y = several(n, k, 1.6, seed=5)
    last = np.flatnonzero(y == k - 1)
    gone = np.isin(np.arange(n), last[kept:])
    return z[~gone], y[~gone]


def fitted(kept: int, method: str, **more) -> calaudit.Calibrator:
    """Return a fit on those rows; the scores tell that there are four classes."""
    z, y = rows(kept)
    return fit(y, z, scale="logit", classes=list("abcd"), method=method, **more)


@pytest.mark.parametrize("kept", [0, 1, CLASS_ROWS - 1])
@pytest.mark.parametrize("method", LEARN)
def test_a_class_without_rows_is_not_learned(method, kept) -> None:
    """Vector and matrix scaling are refused, and the message says what to do, which works."""
    with pytest.raises(
        NotEnoughData, match=r"10 rows of each class .* of d\. Use --method temperat"
    ):
        fitted(kept, method)
    assert fitted(kept, "temperature").method == "temperature"


@pytest.mark.parametrize("kept", [0, CLASS_ROWS - 1])
def test_auto_keeps_to_one_number_there(kept) -> None:
    """The choice leaves vector scaling out, and says why."""
    found = fitted(kept, "auto")
    assert found.method in ("identity", "temperature")
    reasons = {c.method: c.reason for c in found.certificate.candidates}
    assert reasons["vector"] == "not tried (needs 10 rows of each class)"


@pytest.mark.parametrize("method", LEARN)
def test_enough_rows_of_each_class(method) -> None:
    """With more rows than that, whatever the fold, the class is learned."""
    assert fitted(2 * CLASS_ROWS, method).method == method


def test_a_class_that_one_fold_has_alone() -> None:
    """A class whose rows are all of one group is missing in the fit without that group's fold."""
    z, y = rows(60)
    group = np.where(y == 3, "alone", (np.arange(len(y)) % 50).astype(str))
    with pytest.raises(NotEnoughData, match="of d"):
        fit(y, z, scale="logit", classes=list("abcd"), method="vector", group=group)


def test_rows_without_weight_are_no_rows() -> None:
    """A class whose rows all weigh nothing is missing."""
    z, y = rows(200)
    with pytest.raises(NotEnoughData, match="of d"):
        fit(
            y, z, scale="logit", classes=list("abcd"), method="vector",
            sample_weight=np.where(y == 3, 0.0, 1.0),
        )  # fmt: skip


@pytest.mark.parametrize("method", CURVES)
def test_few_rows_of_a_label(method) -> None:
    """What learns how common a label is takes a few rows of either; temperature does not care."""
    z, y = binary(1000)
    few = np.ones(len(y), np.bool_)
    few[np.flatnonzero(y == 1)[LABEL_ROWS - 1 :]] = False
    p = 1 / (1 + np.exp(-z[few]))
    with pytest.raises(NotEnoughData, match=r"5 rows of each label .* there are 4: .*temperature"):
        fit(y[few], p, method=method)
    assert fit(y[few], p, method="temperature").method == "temperature"
    few[np.flatnonzero(y == 1)[LABEL_ROWS - 1]] = True
    assert fit(y[few], 1 / (1 + np.exp(-z[few])), method=method).method == method


def test_auto_with_few_rows_of_a_label() -> None:
    """The choice is then between the scores as they are and a temperature."""
    z, y = binary(1000)
    few = np.ones(len(y), np.bool_)
    few[np.flatnonzero(y == 1)[LABEL_ROWS - 1 :]] = False
    assert few.sum() >= CROSS_FITTED_FROM
    found = fit(y[few], 1 / (1 + np.exp(-z[few])))
    assert found.method in ("identity", "temperature")
    reasons = {c.method: c.reason or "" for c in found.certificate.candidates}
    assert "5 rows of each label" in reasons["platt"]
    assert "5 rows of each label" in reasons["beta"]


@pytest.mark.parametrize("method", ["temperature", "vector"])
def test_a_class_that_turns_up(method, tmp_path, monkeypatch, capsys) -> None:
    """``apply`` and ``evaluate --calibrator`` say so, of files of older versions too."""
    monkeypatch.chdir(tmp_path)
    found = json.loads(fitted(100, method).to_json())
    found["certificate"]["class_rows"][3] = 0
    Path("cal.json").write_text(json.dumps(found))
    z, y = rows(500)
    names = np.array(list("abcd"))[y]
    table = {f"logit_{c}": z[:, k] for k, c in enumerate("abcd")} | {"label": names}
    arrow_csv.write_csv(pa.table(table), "new.csv")
    learned = "learned that they do not" if method == "vector" else "knows nothing of them"
    report = calaudit.evaluate("new.csv", calibrator="cal.json")
    assert report.notes[0].code == "unseen-classes"
    occur = f"occur here, and {learned}"
    assert occur in report.notes[0].text
    assert f": d ({(y == 3).sum()} rows)." in report.notes[0].text
    assert main(["apply", "cal.json", "new.csv", "-o", "out.csv"]) == 0
    told = capsys.readouterr().err
    assert f"the most probable here, and {learned}" in told
    assert f": d ({(z.argmax(axis=1) == 3).sum()} rows)." in told


def test_classes_that_were_seen_are_no_news(tmp_path) -> None:
    """Nothing is said of a calibrator that was fitted on rows of all classes, nor of none."""
    z, y = rows(100)
    for method in ("temperature", "identity"):
        calibrator = fitted(100 if method == "temperature" else 0, method)
        report = calaudit.evaluate(y, z, scale="logit", classes=list("abcd"), calibrator=calibrator)
        assert "unseen-classes" not in [note.code for note in report.notes]


def shifted(*, surely: bool) -> pa.Table:
    """Return rows to fit on, and others on which the fit does harm: surely, or by chance."""
    z, y = binary(1200, 2.0, seed=3)
    rest = np.arange(len(y)) >= (600 if surely else 1150)
    z = np.where(rest, z * (0.2 if surely else 0.85), z)
    return pa.table(
        {
            "logit": z,
            "label": y,
            "part": np.where(rest, "test", "val"),
            "weight": np.full(1200, 1.0),
        }
    )


@pytest.mark.parametrize("surely", [True, False])
def test_harm_on_held_out_rows_comes_first(surely, capsys, tmp_path) -> None:
    """On the console and in the JSON, before what else there is to note."""
    found = fit(
        shifted(surely=surely), label="label", logits="logit", split="part=val",
        method="temperature", weight="weight",
    )  # fmt: skip
    check = found.certificate.checks[0]
    assert check.kind == "held-out"
    assert check.saved < 0
    assert check.saved_high is not None
    assert (check.saved_high < 0) is surely
    first = "makes the scores worse: do not use it" if surely else "is not seen to help: on 50 held"
    assert first in fit_text(found).splitlines()[1]
    written = json.loads(found.to_json())["certificate"]["remarks"]
    assert first in written[0]["text"]
    assert len(written) > 1
    path = tmp_path / "cal.json"
    path.write_text(found.to_json())
    assert load_calibrator(path).certificate == found.certificate


@pytest.mark.skipif(not FAULTS.is_dir(), reason="the folder of faulty files is not there")
def test_the_file_in_which_a_class_is_missing() -> None:
    """On the full file the fit is no worse than the scores as they are."""
    calibrator = fit(str(FAULTS / "missing_class_fit.csv"))
    full = str(FAULTS / "missing_class_test.csv")
    before, after = calaudit.evaluate(full), calaudit.evaluate(full, calibrator=calibrator)
    losses = [report.metrics["log_loss"].value or 0.0 for report in (before, after)]
    assert losses[1] <= losses[0] + 0.01
