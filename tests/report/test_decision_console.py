"""The console report of a decision: what an operator must be able to rely on."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest

from calaudit.metrics.estimate import Estimate
from calaudit.report.threshold_report import Guarantee, Plateau
from tests.report.decisions import (
    DECISIONS,
    answers,
    by_class,
    counted,
    fraud,
    limits,
    matrix,
    option,
    spam,
)
from tests.report.test_console import drawn


@pytest.mark.parametrize("name", DECISIONS)
def test_the_first_line_is_the_recommendation(name: str) -> None:
    """Someone who reads one line reads what to do, and it stands out."""
    report = DECISIONS[name]()
    lines = drawn(report, 100, color_system="standard", force_terminal=True).splitlines()
    assert lines[0] == ""
    assert lines[1].startswith("\x1b[1;36m→\x1b[0m \x1b[1m" + report.sentence[:12])


def test_order_of_sections() -> None:
    """What was read comes second, the options third; notes and columns are the small print."""
    text = drawn(fraud())
    parts = [
        "Act on scores", "39,702 rows", "false alarm costs 5", "\nOptions", "\n  Cost per 1,000",
        "\nCounts of cases", "\n  Volumes", "\nLimits", "\n  Range", "\nIf assumptions",
        "\nSlices at", "\nNotes", "\nColumns",
    ]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("cutoff", [0.31, 0.3128662109375, 1 / 3, math.nextafter(0.1, 1), 1e-300])
def test_cutoffs_are_exact_and_whole(cutoff: float, width: int) -> None:
    """What is printed can be typed in: every digit is there, and no line break within."""
    best = replace(fraud().options[0], review_from=None, act_from=cutoff)
    report = replace(fraud(), options=(best,), plateaus=(), sensitivity=(), sentence="Act.")
    printed = re.findall(r"act ≥ (\S+)", drawn(report, width))
    assert [float(text) for text in printed] == [cutoff]


def test_never_and_everything() -> None:
    """A cutoff that is not there is called never; what a label says is not said again."""
    text = drawn(spam())
    assert re.search(r"costs twice as much +act never$", text, re.MULTILINE)
    assert re.search(r"\n  let everything pass [^≥]*\n", text)


def test_a_part_of_equal_scores_is_named_beside_the_cutoff() -> None:
    """Where reviewers reach only a part of equal scores, the cutoff alone would mislead."""
    assert "review ≥ 0.0521 and part of 0.052, act ≥ 0.31" in drawn(fraud())


def test_volumes_of_a_day_are_those_of_the_printed_cutoffs() -> None:
    """463 of 39,702 cases are acted on: of 10,000 a day, that is 117; 794 reviewed are 200."""
    line = next(s for s in drawn(fraud()).split("Volumes")[1].splitlines() if "recommended" in s)
    assert line.split()[1:4] == ["117", "200", "9,683"]
    assert "10,000 cases a day." in drawn(fraud())


def test_counts_by_truth() -> None:
    """The cases of the file stand under what is done with them, in the row of what they are."""
    text = drawn(fraud())
    assert re.search(r"positive: fraud +402 +171 +38\n +negative: paid +61 +623 +38,407\n", text)


def test_counts_at_another_prevalence_are_not_rounded_to_rows() -> None:
    """Weighted cases keep a decimal, and the report says what they are weighted to."""
    text = drawn(spam())
    assert re.search(r"positive: spam +2,318\.4 +442\.2\n", text)
    assert "60 % positive, assumed" in text
    assert "Weighted to 60 % positive." in text


@pytest.mark.parametrize("name", ["answers", "limits", "by_class"])
def test_without_costs_nothing_is_said_of_costs(name: str) -> None:
    """Where no costs were given there is no column of them."""
    assert "cost" not in drawn(DECISIONS[name]()).lower()


def test_predictions_are_accepted_or_reviewed() -> None:
    """A prediction with a confidence is accepted, not acted on; nothing is let pass."""
    text = drawn(answers(), 100)
    assert "accept ≥ 0.97" in text
    assert re.search(r"accept +review\n +right +1,874 +1,126\n +wrong +21 +979\n", text)
    assert not re.search(r"\bact\b|acted|pass", text.split("Every setting")[0])


@pytest.mark.parametrize(("width", "shown"), [(80, False), (140, True)])
def test_intervals_of_rates_where_there_is_room(width: int, shown: bool) -> None:
    """A wide page has the interval of the recall, 573 of 611: Wilson's, 91.6 to 95.4 %."""
    assert ("91.6 to 95.4" in drawn(fraud(), width)) == shown


def test_intervals_of_costs_at_80_columns() -> None:
    """A cost and a difference never stand without their intervals on a common terminal."""
    line = next(s for s in drawn(fraud()).split("Cost per")[1].splitlines() if "0.8" in s)
    assert re.search(r"455  389 to 521 +\+312  262 to 362$", line)


@pytest.mark.parametrize(
    ("guarantee", "said"),
    [
        (
            Guarantee(limit="max_error", value=0.02, confidence=0.95, tests=31, rows_needed=149,
                      rows=4_000),
            "error ≤ 2 % among those accepted, with 95 % confidence: shown by 31 tests; at least "
            "149 rows needed, there are 4,000.",
        ),
        (
            Guarantee(limit="min_precision", value=0.995, confidence=0.9, tests=1),
            "precision ≥ 99.5 %, with 90 % confidence: shown by 1 test.",
        ),
        (
            Guarantee(limit="max_error", value=0.001, confidence=None),
            "error ≤ 0.1 % among those accepted: kept on these rows; nothing is shown for others.",
        ),
        (Guarantee(limit="max_fpr", value=0.05, confidence=0.99), "false positive rate ≤ 5 %, with "
         "99 % confidence."),
    ],
)  # fmt: skip
def test_limits_say_how_they_are_shown(guarantee: Guarantee, said: str) -> None:
    """A limit comes with its confidence and its evidence, or with the lack of them."""
    text = drawn(replace(answers(), guarantees=(guarantee,)), 220)
    assert " ".join(text.split("Limits")[1].split("Risk")[0].split()) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.26, 0.34, "cheapest cutoff is: to act, from 0.26 to 0.34."),
        (None, 0.34, "cheapest cutoff is: to act, up to 0.34."),
        (0.26, None, "cheapest cutoff is: to act, from 0.26 on, or none."),
        (None, None, "cheapest cutoff is: to act, any."),
    ],
)
def test_plateaus(low: float | None, high: float | None, said: str) -> None:
    """The range of cutoffs that are as good has both ends, one, or none."""
    plateau = Plateau(cutoff="act_from", low=low, high=high)
    assert said in " ".join(drawn(replace(fraud(), plateaus=(plateau,)), 100).split())


def test_a_limited_rate_has_a_column() -> None:
    """A limit on the false positive rate shows the rate beside recall."""
    guarantee = Guarantee(limit="max_fpr", value=0.01, confidence=None)
    assert "fpr %" not in drawn(limits())
    assert "fpr %" in drawn(replace(limits(), guarantees=(guarantee,)))


def test_gains_are_negative_costs() -> None:
    """What earns more than it costs is shown with its sign, also in the interval."""
    assert re.search(r"recommended +-581  -614 to -545", drawn(DECISIONS["benefits"]()))


def test_a_class_without_a_cutoff_says_why() -> None:
    """The reason stands in its row, and of many classes some are shown."""
    text = drawn(by_class())
    assert re.search(r"fox +164  never +0 +– +--max-error:", text)
    many = replace(by_class(), by_class=by_class().by_class[-1:] * 40)
    assert "30 of 40 classes; all are in the JSON report." in drawn(many)


def test_many_slices_are_cut_short() -> None:
    """Of a hundred slices thirty are shown, and it says where the others are."""
    report = replace(fraud(), slices=fraud().slices[:1] * 100)
    assert "30 of 100 slices; all are in the JSON report." in drawn(report)


def test_a_cost_matrix() -> None:
    """Each rule has its cost and what was promised; few classes show their decisions."""
    text = drawn(matrix())
    assert re.search(r"smallest expected cost +924  771 to 1,075 +801\n", text)
    assert "saves 888 (520 to 1,256) against the most probable class." in " ".join(text.split())
    assert re.search(r"truth +discharge +recall +biopsy\n  benign +812 +60 +9\n", text)


def test_a_large_cost_matrix_is_left_to_the_json() -> None:
    """The cases of nine decisions by truth are no table that anyone reads."""
    base = matrix().matrix
    assert base is not None
    wide = replace(base, decisions=tuple(f"decision {i}" for i in range(9)))
    assert "Cases by smallest" not in drawn(replace(matrix(), matrix=wide))


def test_data_cannot_steer_the_terminal() -> None:
    """Names of classes, slices and files are shown as they are: no markup, no control codes."""
    for width in (60, 80, 140):
        text = drawn(limits(), width)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert "[red]region\\x07" in text
    assert "[bold]south[/bold]" in text
    assert "negative: no [b]" in text


def test_no_colours_where_they_are_not_wanted() -> None:
    """NO_COLOR leaves bold, and takes the colours."""
    plain = drawn(fraud(), color_system="standard", force_terminal=True, no_color=True)
    assert "\x1b[1m" in plain
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", plain)


@pytest.mark.parametrize("name", DECISIONS)
def test_what_is_missing_is_not_spelt_in_python(name: str) -> None:
    """A figure that is not there is a dash or nothing."""
    assert not re.search(r"\b(nan|None|inf)\b", drawn(DECISIONS[name]()))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"cost_fp": 1_500.0, "cost_fn": 0.25},
         "false alarm costs 1,500 · missed positive costs 0.25"),
        ({"max_review": 200.0, "per_day": 1e4}, "at most 200 reviews a day · 10,000 cases a day"),
        ({"max_review": 200.0}, "at most 200 reviews"),
        ({"max_review": "5 %", "per_day": 1e4},
         "at most 5 % of the cases reviewed · 10,000 cases a day"),
        ({"prevalence": 0.021, "prevalence_estimate": {}}, "2.1 % positive, estimated"),
        ({"cost_error": 10.0, "cost_review": 1.0}, "review costs 1"),
    ],
)  # fmt: skip
def test_what_was_told(settings: dict[str, Any], said: str) -> None:
    """Costs, capacity and prevalence are repeated to the reader as they were given."""
    lines = drawn(replace(spam(), settings=settings)).splitlines()
    assert lines[5].strip().endswith(said)


def test_shares_near_all_and_nothing() -> None:
    """One case of a million that is reviewed is neither 0 nor, with the others, 100 %."""
    best = option("recommended", "x", (0.5, 0.6), counted(0, 0, 0, 999_999, 1, 0))
    text = drawn(replace(limits(), options=(best,)), 160)
    line = next(s for s in text.splitlines() if "recomm" in s)
    assert [part for part in line.split() if part in ("0.0001", ">99.999")] == ["0.0001", ">99.999"]


def test_a_cost_that_is_certain_has_no_interval() -> None:
    """A cost without an interval stands alone, and the first that has one sets the decimals."""
    certain = Estimate(value=500.0)
    first, second, *_ = fraud().options
    report = replace(fraud(), options=(replace(first, cost=certain), second))
    assert re.search(r"recommended +500\n", drawn(report))
