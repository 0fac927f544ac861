"""``calaudit apply`` to another base rate: by hand, with a calibrator, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import calaudit
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.certificate import Certificate
from calaudit.calibrators.platt import Platt
from calaudit.cli import main
from calaudit.errors import InputError, SettingsError

ROWS = "id,score\na,0.25\nb,0.5\nc,0\n"
THREE = "p_a,p_b,p_c\n0.2,0.3,0.5\n0,0.5,0.5\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working directory with files of two and of three classes."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.csv").write_text(ROWS)
    (tmp_path / "three.csv").write_text(THREE)
    return tmp_path


def column(name: str) -> list[float]:
    """Return the scores of the output."""
    return [float(line.split(",")[1]) for line in Path(name).read_text().splitlines()[1:]]


@pytest.mark.parametrize(
    "said",
    [
        {"prior": 0.02, "was": 0.5},
        {"prior": "2%", "was": "balanced"},
        {"class_weight": 49},
        {"class_weight": {"0": 1, "1": 49}},
    ],
)
def test_binary_by_hand(here: Path, said: dict[str, Any]) -> None:
    """Odds of 1 to 3 become 1 to 147, even odds 1 to 49; 0 stays."""
    done = calaudit.apply(None, "two.csv", "out.csv", **said)
    assert column("out.csv") == pytest.approx([1 / 148, 1 / 50, 0.0], rel=1e-12)
    assert done.means is not None
    assert done.means[0] == pytest.approx((0.25,))
    assert done.means[1] == pytest.approx(((1 / 148 + 1 / 50) / 3,))


def test_undersampling_by_its_own_formula(here: Path) -> None:
    """Dal Pozzolo et al. 2015: of negatives kept at β the score is βp/(βp − p + 1)."""
    beta = 0.02
    calaudit.apply(None, "two.csv", "out.csv", class_weight=1 / beta)
    expected = [beta * p / (beta * p - p + 1) for p in (0.25, 0.5, 0.0)]
    assert column("out.csv") == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "said",
    [
        {"prior": {"c": 0.8, "a": 0.1, "b": 0.1}, "was": "balanced"},
        {"prior": "0.1,0.1,0.8", "was": "a=0.333,b=0.333,c=0.333"},
        {"class_weight": "a=8,b=8,c=1"},
    ],
)
def test_several_classes_by_hand(here: Path, said: dict[str, Any]) -> None:
    """0.2, 0.3, 0.5 times 0.1, 0.1, 0.8, over their sum; what cannot be stays so."""
    calaudit.apply(None, "three.csv", "out.csv", **said)
    found = np.loadtxt("out.csv", delimiter=",", skiprows=1)
    assert found == pytest.approx(np.array([[2, 3, 40], [0, 5, 40]]) / [[45], [45]], abs=1e-12)


def test_after_a_calibrator(here: Path, capsys: Any) -> None:
    """Its rows tell what the base rate was, unless they were weighted; the command sees it."""
    evidence = Certificate(rows=100, class_rows=(75, 25))
    fitted = Calibrator(Platt(2.0, 1.0), "binary", "probability", ("0", "1"), certificate=evidence)
    Path("cal.json").write_text(fitted.to_json())
    command = ["apply", "cal.json", "two.csv", "-o", "out.csv", "--prior", "0.1"]
    assert main(command) == 0
    p = np.array([0.25, 0.5])
    odds = (p / (1 - p)) ** 2 * np.e * (0.1 / 0.9) / (25 / 75)
    assert column("out.csv")[:2] == pytest.approx(odds / (1 + odds), rel=1e-9)
    assert "platt, another base rate; replaced score" in capsys.readouterr().err
    with pytest.raises(SettingsError, match="does not tell what the base rate was"):
        calaudit.apply(
            Calibrator(Platt(2.0, 1.0), "binary", "probability", ("0", "1")),
            "two.csv", "out.csv", prior=0.1,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("file", "said", "told"),
    [
        ("two.csv", {}, "name a calibrator"),
        ("two.csv", {"prior": 0.1}, "--prior needs --was"),
        ("two.csv", {"was": 0.1}, "--prior says what it is now"),
        ("two.csv", {"prior": 0.1, "was": 0.2, "class_weight": 2}, "without --prior"),
        ("two.csv", {"prior": 1.0, "was": 0.2}, "above 0 and below 1"),
        ("two.csv", {"prior": 0.1, "was": 0}, "above 0 and below 1"),
        ("two.csv", {"prior": 2, "was": 0.5}, "2 % is written 2%"),
        ("two.csv", {"prior": "a=0.1,b=0.9", "was": 0.5}, "one number here"),
        ("two.csv", {"class_weight": 0}, "above 0"),
        ("three.csv", {"prior": 0.1, "was": "balanced"}, "one number for each class"),
        ("three.csv", {"prior": "a=0.1,b=0.9,d=0", "was": "balanced"}, "a, b, c"),
        ("three.csv", {"prior": (0.1, 0.1, 0.1), "was": "balanced"}, "sums to 0.3"),
    ],
)
def test_refused(here: Path, file: str, said: dict[str, Any], told: str) -> None:
    """What is no base rate, or not all that is needed, is refused in a line."""
    with pytest.raises(SettingsError, match=told):
        calaudit.apply(None, file, "out.csv", **said)
    assert not Path("out.csv").exists()


def test_other_scores_are_refused(here: Path) -> None:
    """A confidence has no base rate, and logits are not probabilities; the advice works."""
    Path("top.csv").write_text("confidence,correct\n0.2,1\n0.3,0\n")
    with pytest.raises(InputError, match=r"a base rate needs .* --score confidence"):
        calaudit.apply(None, "top.csv", "out.csv", prior=0.1, was=0.5)
    calaudit.apply(None, "top.csv", "out.csv", prior=0.1, was=0.5, score="confidence")
    Path("logits.csv").write_text("id,score\na,-2\nb,3\n")
    with pytest.raises(InputError, match="--logits score"):
        calaudit.apply(None, "logits.csv", "out.csv", prior=0.1, was=0.5)
    calaudit.apply(None, "logits.csv", "out.csv", prior=0.1, was=0.5, logits="score")
    shift = np.log(0.1 / 0.9)
    assert column("out.csv") == pytest.approx([-2 + shift, 3 + shift])


def test_without_data(here: Path, capsys: Any) -> None:
    """One file and no base rate: the data are missing, or the calibrator is."""
    assert main(["apply", "two.csv", "-o", "out.csv"]) == 2
    assert "calaudit apply two.csv DATA" in capsys.readouterr().err
