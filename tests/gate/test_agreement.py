"""Which baselines can be compared with a report at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from calaudit.errors import InputError
from calaudit.gate.agreement import check_comparable
from calaudit.report.evaluation_report import Groups, Report, RoleResult
from tests.report.examples import binary_calibrated as binary
from tests.report.examples import multiclass

MANY = tuple(f"class {i}" for i in range(40))


def changed(report: Report, **settings: Any) -> Report:
    """Return the report with other settings."""
    return replace(report, settings=report.settings | settings)


def test_itself() -> None:
    """Every report can be compared with itself."""
    for report in (binary(), multiclass()):
        check_comparable(report, report, "base.json")


def test_what_changes_nothing() -> None:
    """Level, seed, files and notes do not change what a figure means."""
    report = binary()
    other = replace(changed(report, level=0.9, seed=7), inputs=(), notes=(), calaudit="9.9")
    check_comparable(other, report, "base.json")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"bins": "10"}, "bins 10 there, 15 here"),
        ({"bins": "equal-mass:15"}, "bins equal-mass:15 there, 15 here"),
        ({"convention": "left"}, "convention left there, right here"),
        ({"clip": 1e-3}, "clip 0.001 there, 2.2"),
        ({"weight_kind": "frequency"}, "weight_kind frequency there, "),
    ],
)
def test_settings(settings: dict[str, Any], said: str) -> None:
    """Another number of bins, convention, clip or kind of weights is refused with both sides."""
    report = binary()
    with pytest.raises(InputError, match=rf"^base.json is a baseline of something else: {said}"):
        check_comparable(changed(report, **settings), report, "base.json")


def test_task() -> None:
    """So is another task; everything that differs is listed, and what to do."""
    with pytest.raises(InputError, match="task multiclass there, binary here") as caught:
        check_comparable(changed(multiclass(), bins="20"), binary(), "base.json")
    assert "bins 20 there" in str(caught.value)
    assert "--update-baseline" in str(caught.value)


@pytest.mark.parametrize(
    ("there", "here", "said"),
    [
        (("no", "yes"), ("yes", "no"), "classes 2 there, 2 here, such as no, yes for yes, no"),
        (MANY, (*MANY[:39], "else"), "classes 40 there, 40 here, such as class 39 for else"),
        (MANY, MANY[:39], "classes 40 there, 39 here, such as class 39 for nothing"),
        (("a", "b, c"), ("a, b", "c"), "classes 2 there, 2 here, such as a, b, c for a, b, c"),
    ],
)
def test_classes(there: tuple[str, ...], here: tuple[str, ...], said: str) -> None:
    """Another class set or order is refused, wherever in the list the difference is."""
    report = multiclass()
    before, after = (replace(report, classes=classes) for classes in (there, here))
    with pytest.raises(InputError, match=said):
        check_comparable(before, after, "base.json")


def test_weights() -> None:
    """Figures of weighted rows are not compared with those of unweighted ones."""
    report = binary()
    role = RoleResult(role="weight", columns=("w",), inferred=True, option="--weight")
    roles = tuple(r for r in report.roles if r.role != "weight")
    plain, weighted = replace(report, roles=roles), replace(report, roles=(*roles, role))
    with pytest.raises(InputError, match="rows unweighted there, weighted here"):
        check_comparable(plain, weighted, "base.json")
    with pytest.raises(InputError, match="rows weighted there, unweighted here"):
        check_comparable(weighted, plain, "base.json")
    other = replace(role, columns=("importance",))
    check_comparable(weighted, replace(report, roles=(*roles, other)), "base.json")


def test_groups() -> None:
    """Intervals of groups and of independent rows do not meet."""
    report = binary()
    groups = Groups(column="user id", groups=20, largest=0.1, design_effect=2.0)
    grouped = replace(report, groups=groups)
    with pytest.raises(InputError, match="single rows: check with --group 'user id', or"):
        check_comparable(grouped, report, "base.json")
    with pytest.raises(InputError, match=r"of groups \(--group .*: check without --group, or"):
        check_comparable(report, grouped, "base.json")
    check_comparable(grouped, replace(grouped, groups=replace(groups, groups=9)), "base.json")
