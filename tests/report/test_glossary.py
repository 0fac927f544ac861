"""The glossary is complete, unambiguous, short enough to read, and says what is computed."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

import calaudit
from calaudit.api.audits import acceptances as selective
from calaudit.api.decisions import recommending
from calaudit.api.decisions import threshold_notes as decision_notes
from calaudit.api.reports import evaluation_notes as notes
from calaudit.api.reports import reliability_bins as reliability
from calaudit.api.reports import slice_results as slices
from calaudit.api.reports import verdicts
from calaudit.calibrators import beta, isotonic, spline
from calaudit.calibrators import cross_fitted as crossfit
from calaudit.calibrators import histogram_binning as histogram
from calaudit.calibrators import multiclass_fit as multiclass
from calaudit.calibrators.matrix_scaling import MOST_CLASSES
from calaudit.calibrators.methods import METHODS, TRIED_FROM
from calaudit.errors import SettingsError
from calaudit.findings.finding import codes
from calaudit.gate.comparison import SLACK
from calaudit.metrics.recalibration import COX_CLIP
from calaudit.metrics.smooth import NULL_DRAWS
from calaudit.options.choices import CONVENTIONS
from calaudit.predictions.reasons import REASONS
from calaudit.report import evaluation_report
from calaudit.report.console.glossary_page import render_entries, render_names
from calaudit.report.content.certificate_text import method_title
from calaudit.report.document import Cards, Facts, Prose, Table
from calaudit.report.glossary import KINDS, Entry, entries, entry, known
from calaudit.report.glossary.lookup import folded, names_of
from calaudit.report.kinds import KINDS as REPORT_KINDS
from calaudit.report.kinds import document_of
from calaudit.report.metric_names import METRICS
from calaudit.tables.score_table import CAP
from calaudit.thresholds.binomial import least_trials
from tests.golden import cases
from tests.report.html_reports import REPORTS

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_data"

BY_NAME = {each.name: each for each in entries()}


def drawn(*found: Entry, width: int = 80, encoding: str = "utf-8", names: bool = False) -> str:
    """Return entries, or the list of names, as they are printed."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(file=stream, width=width, color_system=None)
    if names:
        render_names(console)
    else:
        render_entries(found, console)
    stream.flush()
    return raw.getvalue().decode(encoding)


# What is written


def test_names_lead_to_one_entry() -> None:
    """No name, title or alias leads to two entries, and none is written twice in one."""
    owners: dict[str, str] = {}
    for each in entries():
        mine = [folded(each.name), *(folded(alias) for alias in each.aliases)]
        assert len(set(mine)) == len(mine), each.name
        for name in {*mine, folded(each.title)}:
            assert owners.setdefault(name, each.name) == each.name, (name, owners[name], each.name)


def test_kinds() -> None:
    """Every kind has entries, and entries of one kind stand together in the order of kinds."""
    seen = list(dict.fromkeys(each.kind for each in entries()))
    assert seen == list(KINDS)
    assert sum(len(entries(kind)) for kind in KINDS) == len(entries())


@pytest.mark.parametrize("each", entries(), ids=lambda e: e.name)
def test_entry_is_whole(each: Entry) -> None:
    """An entry is plain text of bounded length, with a source where something is computed."""
    assert 10 <= len(each.short) <= 80
    assert each.short.endswith((".", "?"))
    assert each.what
    assert each.reading
    texts = [each.short, each.what, each.formula, each.reading, each.limits, each.source]
    assert not re.search(r"[\n\t`<>]{2}|  |\*\*|</", " ".join(t for t in texts if t))
    if each.kind in ("figure", "test", "interval", "method", "picture", "verdict", "threshold"):
        assert each.limits
        assert each.source
    if each.kind in ("figure", "test", "method") and each.name not in ("certificate", "calibrator"):
        assert each.formula


@pytest.mark.parametrize("width", [80, 140])
def test_screen(width: int) -> None:
    """Every entry fits in a screen of 24 lines, and no line is wider than the terminal."""
    for each in entries():
        lines = drawn(each, width=width).splitlines()
        assert len(lines) < 24, each.name
        assert max(map(cell_len, lines)) <= width, each.name
        assert lines[0].startswith(each.title)
        shown = " ".join(" ".join(lines).split())
        for text in (each.short, each.what, each.reading, each.limits, each.source):
            assert text in shown, each.name


def test_list_names_every_entry() -> None:
    """The list has every name once, under its kind, within the width."""
    for width in (60, 80, 140):
        lines = drawn(width=width, names=True).splitlines()
        assert max(map(cell_len, lines)) <= width
        found = [m[1] for line in lines if (m := re.match(r"  (\S+)( |$)", line))]
        assert found == [each.name for each in entries()]


def test_ascii() -> None:
    """Where only ASCII can be shown, every sign has a plain form and none an escape."""
    for text in (drawn(*entries(), encoding="ascii"), drawn(encoding="ascii", names=True)):
        assert text.isascii()
        assert not re.search(r"\\[uxUN]", text)


# Who finds it


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("ECE", "ece"),
        ("expected calibration error", "ece"),
        ("Brier score", "brier"),
        ("temperature scaling", "temperature"),
        ("AUC", "auroc"),
        ("AUPRC", "average_precision"),
        ("NLL", "log_loss"),
        ("cross-entropy", "log_loss"),
        ("Log-Loss", "log_loss"),
        ("--convention", "convention"),
        ("Calibration error", "smece"),
        ("recoverable", "recoverable_log_loss"),
        ("Hosmer–Lemeshow", "hosmer_lemeshow"),
        ("CORP miscalibration", "corp_mcb"),
        ("weight kind", "weight_kind"),
        ("PASS", "PASS"),
    ],
)
def test_names_as_people_write_them(asked: str, name: str) -> None:
    """Case, blanks, dashes, abbreviations and printed titles lead to the entry."""
    assert entry(asked) is BY_NAME[name]


def test_unknown_names() -> None:
    """An unknown name is refused with the nearest ones; one that is like nothing without."""
    assert known("nothing of the kind") is None
    with pytest.raises(SettingsError, match=r"'temprature' \(did you mean temperature"):
        entry("temprature")
    with pytest.raises(SettingsError, match="did you mean hosmer_lemeshow"):
        entry("hosmr")
    with pytest.raises(SettingsError, match=r"'qqqq'\. calaudit explain"):
        entry("qqqq")


def test_kind_settles_what_a_name_means() -> None:
    """A name of several things leads to the one of the kind that is asked for."""
    assert known("histogram") is BY_NAME["histogram"]
    assert known("histogram", "picture") is BY_NAME["score-histogram"]
    assert known("calibrated") is BY_NAME["calibrated"]
    assert known("calibrated", "note") is BY_NAME["scores-calibrated-first"]


def test_printed_names_are_known() -> None:
    """Metrics and their titles, methods and theirs, conventions and refusals have entries."""
    for name, (title, _) in METRICS.items():
        assert entry(name) is entry(title), name
        assert entry(name).kind in ("figure", "test")
    for method in METHODS:
        assert entry(method).kind == "method"
        assert entry(method_title(method)) is entry(method)
    assert all(entry(name).name == "convention" for name in CONVENTIONS)
    assert {each.name for each in entries("refusal")} == set(REASONS)


# Every code that the program can emit


def test_every_code_in_the_source_has_an_entry() -> None:
    """Findings that any module can make are explained, and nothing else is."""
    found = {code: known(code, "note") for code in codes()}
    assert not [code for code, each in found.items() if each is None or each.kind != "note"]
    assert {each.name for each in found.values() if each} == {e.name for e in entries("note")}


def test_every_option_has_an_entry() -> None:
    """Each option of the commands that compute something leads to an entry."""
    from typer.main import get_command

    from calaudit.cli.app import app_of

    program: Any = get_command(app_of())
    shown = {"--vega", "--picture", "--full", "--brief", "--one-page", "--title", "--dpi"}
    plumbing = {"--help", *shown}
    missing = {
        f"{name} {option}"
        for name in ("evaluate", "fit", "threshold", "check", "audit")
        for parameter in program.commands[name].params
        for option in parameter.opts
        if option.startswith("--") and option not in plumbing and known(option) is None
    }
    assert not missing


def test_every_picture_has_an_entry() -> None:
    """Each picture that can be drawn is explained under its name."""
    for name in {name for kind in REPORT_KINDS.values() for name in kind.pictures}:
        found = known(name, "picture")
        assert found is not None, name
        assert found.kind == "picture", name


# What reports of real data hold


def _reports() -> Iterator[tuple[str, Callable[[], Any]]]:
    evaluate, threshold = calaudit.evaluate, calaudit.threshold
    digits, spam = SAMPLES / "digits_logits.parquet", SAMPLES / "spam_filter.csv"
    yield "digits, logits", lambda: evaluate(digits)
    yield "digits, top-label", lambda: evaluate(SAMPLES / "digits_toplabel.csv")
    yield "cancer", lambda: evaluate(SAMPLES / "breast_cancer.csv")
    yield "fraud", lambda: evaluate(SAMPLES / "fraud_queue.parquet")
    yield "spam, costs", lambda: threshold(spam, positive="spam", cost_fp=10, cost_fn=1)
    yield "spam, limits", lambda: threshold(spam, positive="spam", min_precision=0.8)
    yield "digits, limits", lambda: threshold(digits, max_error=0.1)
    yield "fit", lambda: calaudit.fit(digits, holdout=0.5).certificate
    yield "check", lambda: calaudit.check(digits, max_ece=0.03)
    if cases.golden():
        folder = cases.FOLDER
        weighted = folder / "compas_weighted" / "data.csv"
        yield "weighted", lambda: evaluate(weighted, by="sex")
        yield "stated", lambda: evaluate(folder / "gastro_llm" / "data.csv", by="model")
        yield "games", lambda: evaluate(folder / "nfl_games" / "data.csv", by="season")
        yield (
            "stated, limits",
            lambda: threshold(folder / "gastro_llm" / "data.csv", max_error=0.3, guarantee="none"),
        )


@pytest.mark.parametrize(("name", "make"), list(_reports()), ids=[name for name, _ in _reports()])
def test_everything_in_a_report_is_explained(name: str, make: Callable[[], Any]) -> None:
    """Figures, methods of intervals, roles, notes, statuses and rates of a report have entries."""
    report = make()
    told = list(getattr(report, "notes", ())) + list(getattr(report, "remarks", ()))
    assert all(known(note.code, "note") for note in told)
    for role in getattr(report, "roles", ()):
        assert known(role.role, "role"), role.role
    estimates = dict(getattr(report, "metrics", {}))
    for option in getattr(report, "options", ()):
        estimates |= option.rates | {"cost": option.cost, "excess": option.excess}
        assert known(option.name), option.name
    for limit in getattr(report, "guarantees", ()):
        assert known(limit.limit), limit.limit
    for figure, estimate in estimates.items():
        assert known(figure), figure
        if estimate is not None and estimate.method:
            assert known(estimate.method.partition(",")[0]), (name, estimate.method)
    for candidate in getattr(report, "candidates", ()):
        assert known(candidate.method, "method")
    verdict = getattr(report, "verdict", None)
    if verdict is not None:
        assert known(verdict.status, "verdict")
    # The report of a check calls its verdict a status, that of a threshold its rule a method.
    for word in ("status", "method", "task"):
        assert known(getattr(report, word, "ece")), word


# What the texts say is what the program does

P = [0.15, 0.15, 0.35, 0.35, 0.35, 0.7, 0.7, 0.9]
Y = [0, 1, 0, 1, 0, 1, 0, 1]
CELLS = {p: [y for q, y in zip(P, Y, strict=True) if q == p] for p in dict.fromkeys(P)}


def _mean(values: Any) -> float:
    found = list(values)
    return math.fsum(found) / len(found)


def _path() -> list[float]:
    sums = [0.0]
    for p, ys in CELLS.items():
        sums.append(sums[-1] + math.fsum(y - p for y in ys) / len(P))
    return sums


def _isotonic() -> list[float]:
    """Return the rising rates of the rows: ½, 1/3, ½, 1 pooled by hand to 2/5, 2/5, ½, 1."""
    return [0.4] * 5 + [0.5] * 2 + [1.0]


def _smece() -> float:
    """Return the width at which the smoothed residual is as large, by plain quadrature."""
    x = (np.arange(20_000) + 0.5) / 20_000

    def size(width: float) -> float:
        density = np.zeros_like(x)
        for p, y in zip(P, Y, strict=True):
            for image in (p, -p, 2 - p, p - 2, p + 2):  # reflected at 0 and 1, twice
                density += (y - p) * np.exp(-(((x - image) / width) ** 2) / 2)
        return float(np.abs(density).mean() / width / math.sqrt(2 * math.pi) / len(P))

    low, high = 1e-3, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if size(middle) > middle else (low, middle)
    return low


GAPS = {p: _mean(ys) - p for p, ys in CELLS.items()}
BRIER = _mean((p - y) ** 2 for p, y in zip(P, Y, strict=True))
REST = _mean((f - y) ** 2 for f, y in zip(_isotonic(), Y, strict=True))
PAIRS = [(p, q) for p, y in zip(P, Y, strict=True) for q, z in zip(P, Y, strict=True) if y > z]
TALLIES = [(len(ys), sum(ys)) for ys in reversed(CELLS.values())]
REACHED = [(sum(n for n, _ in TALLIES[:k]), sum(t for _, t in TALLIES[:k])) for k in range(5)]
T = math.fsum(
    (math.fsum(y - p for y in ys) ** 2 - math.fsum((y - p) ** 2 for y in ys)) / (len(ys) - 1)
    for p, ys in CELLS.items()
    if len(ys) > 1
) / len(P)

BY_FORMULA = {
    "ece": _mean(abs(GAPS[p]) for p in P),
    "ece_equal_mass": _mean(abs(GAPS[p]) for p in P),
    "mce": max(abs(gap) for gap in GAPS.values()),
    "rmsce": math.sqrt(_mean(GAPS[p] ** 2 for p in P)),
    "debiased_ece": math.copysign(math.sqrt(abs(T)), T),
    "noise_floor": math.fsum(
        math.sqrt(2 / math.pi * len(ys) * p * (1 - p)) for p, ys in CELLS.items()
    ) / len(P),
    "ecce_r": max(_path()) - min(_path()),
    "ecce_mad": max(map(abs, _path())),
    "smece": _smece(),
    "log_loss": -_mean(math.log(p if y else 1 - p) for p, y in zip(P, Y, strict=True)),
    "brier": BRIER,
    "observed_expected": 4 / math.fsum(P),
    "scaled_brier": 1 - BRIER / 0.25,
    "corp_mcb": BRIER - REST,
    "corp_dsc": 0.25 - REST,
    "corp_unc": 0.25,
    "auroc": _mean(1.0 if p > q else 0.5 if p == q else 0.0 for p, q in PAIRS),
    "average_precision": math.fsum(
        (after[1] - before[1]) / 4 * after[1] / after[0] for before, after in pairwise(REACHED)
    ),
    "accuracy": 5 / 8,
    "mean_confidence": _mean(max(p, 1 - p) for p in P),
    "mean_score": _mean(P),
    "base_rate": 0.5,
    "spiegelhalter_z": math.fsum((y - p) * (1 - 2 * p) for p, y in zip(P, Y, strict=True))
    / math.sqrt(math.fsum((1 - 2 * p) ** 2 * p * (1 - p) for p in P)),
    "hosmer_lemeshow": math.fsum(
        (sum(ys) - len(ys) * p) ** 2 / (len(ys) * p * (1 - p)) for p, ys in CELLS.items()
    ),
    "n": 8,
}  # fmt: skip
"""Figures of eight rows, worked out here by the formulas that the entries print."""


@pytest.fixture(scope="module")
def small() -> calaudit.Report:
    """Return the report on the eight rows."""
    return calaudit.evaluate(Y, P)


@pytest.mark.parametrize("name", BY_FORMULA)
def test_formula(small: calaudit.Report, name: str) -> None:
    """A figure is what its entry's formula gives on rows that can be worked out by hand."""
    value = small.metrics[name].value
    assert value == pytest.approx(BY_FORMULA[name], abs=1e-6 if name == "smece" else 1e-12)


def test_difference_and_joint_test(small: calaudit.Report) -> None:
    """The gap is the mean of p − y, and the verdict's p-value joins the two by their weights."""
    gap = _mean(p - y for p, y in zip(P, Y, strict=True))
    assert small.verdict.gap.value == pytest.approx(gap)
    smooth, line = (small.metrics[name].p_value for name in ("smece", "cox_test"))
    assert smooth is not None
    assert line is not None
    assert small.verdict.p_value == pytest.approx(min(smooth / 0.9, line / 0.1, 1.0))
    assert entry("verdict").formula == "p = min(p_smECE / 0.9, p_line / 0.1), at most 1"


def test_multiclass_brier_is_the_sum() -> None:
    """For several classes the Brier score adds up the classes, and so reaches 2."""
    report = calaudit.evaluate([0, 1, 2], [[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    assert report.metrics["brier"].value == pytest.approx(2.0)


def test_bands_of_step_down() -> None:
    """P-values of slices are adjusted by the printed formula."""
    raw = [0.001, 0.02, 0.4]
    want: list[float] = []
    for i, p in enumerate(raw):
        want.append(max([*want, 1 - (1 - p) ** (len(raw) - i)]))
    assert slices.step_down(raw) == pytest.approx(want)


@pytest.mark.parametrize(
    ("name", "said", "number"),
    [
        ("verdict", "lies below 0.005 is", verdicts.NEGLIGIBLE),
        ("verdict", "median-unbiased 0.05 on", verdicts.LARGE),
        ("negligible", "0.005", verdicts.NEGLIGIBLE),
        ("step_down", "under 50 rows", evaluation_report.FEWEST_ROWS),
        ("by", "under 50 rows", evaluation_report.FEWEST_ROWS),
        ("few-rows", "200 rows", notes.FEW_ROWS),
        ("n", "Below 200 rows", notes.FEW_ROWS),
        ("few-scores", "at most 20 distinct", reliability.FEW_SCORES),
        ("few-scores", "more than 100 rows", reliability.FEW_SCORES * reliability.FEW_ROWS_A_SCORE),
        ("equal-mass-shown", "More than 95 %", 100 * reliability.CROWDED),
        ("table-not-exact", "131,072", CAP),
        ("error_bound", "131,072", CAP),
        ("isotonic", "10,000 rows", isotonic.ISOTONIC_FROM),
        ("auto", "(from 1,000 rows)", TRIED_FROM["venn-abers"]),
        ("auto", "(up to 100 classes)", multiclass.AUTO_CLASSES),
        ("vector", "up to 100 classes", multiclass.AUTO_CLASSES),
        ("matrix", "at most 256 classes", MOST_CLASSES),
        ("not-cross-fitted", "Fewer than 50 rows", multiclass.CROSS_FITTED_FROM),
        ("cross_fitted", "into 5 folds", crossfit.FOLDS),
        ("recoverable_log_loss", "Needs 50 rows", 10 * crossfit.FOLDS),
        ("histogram", "Needs 150 rows", histogram.LEAST_ROWS),
        ("beta", "30 at least", beta.LEAST_ROWS),
        ("spline", "Needs 50 rows", spline.LEAST_ROWS),
        ("calibrated_rule", "1,024 points", recommending.POINTS),
        ("few-cases", "than 60 cases", decision_notes.FEW_CASES),
        ("few-cases", "than 10 of", decision_notes.FEW_OF_A_LABEL),
        ("optimism", "2 %", 100 * decision_notes.FLATTERY),
        ("smece_test", "drawn 999 times", NULL_DRAWS),
        ("consistency_band", "drawn 999 times", reliability.BAND_DRAWS),
        ("guarantee", "149 cases", least_trials(0.02, 0.95)),
        ("clip", "36 nats", int(52 * math.log(2))),
        ("cox_slope", "1e-12", COX_CLIP),
        ("log_loss", "0.9 costs 0.11", round(-math.log(0.9), 2)),
        ("log_loss", "0.01 costs 4.6", round(-math.log(0.01), 1)),
        ("log_loss", "0.693", round(math.log(2), 3)),
    ],
)  # fmt: skip
def test_numbers_in_the_texts(name: str, said: str, number: float) -> None:
    """A number that an entry mentions is the one that the program uses."""
    each = BY_NAME[name]
    text = " ".join([each.short, each.what, each.reading, each.limits])
    assert said.casefold() in text.casefold()
    written = re.findall(r"\d[\d,]*(?:\.\d+)?(?:e-\d+)?", said)
    assert float(number) in [float(digits.replace(",", "")) for digits in written]


def test_limits_of_an_audit() -> None:
    """The limits that an audit looks at are those that its entry names, with its confidence."""
    each = BY_NAME["selective"]
    assert f"{', '.join(f'{100 * x:g}' for x in selective.LIMITS[:-1])} or 10 %" in each.what
    assert selective.LIMITS[-1] == 0.1
    assert f"--guarantee, {100 * selective.GUARANTEE:g} % unless given" in each.what


def test_a_fifth_is_the_slack() -> None:
    """What MOVER's entry calls a fifth is what the gate adds."""
    assert "adds a fifth" in BY_NAME["mover"].reading
    assert SLACK == 1 / 5


def test_names_of_has_every_way_in() -> None:
    """Name, title and aliases are what leads to an entry, and each of them does."""
    for each in entries():
        assert all(entry(name) is each for name in names_of(each))


# What pages and the terminal show


DATA = ("discharge", "biopsy", "always discharge")
"""Heads and rows of the examples that are called after the data."""


def _headings(report: Any) -> Iterator[str]:
    """Yield what stands over sections, tables, columns and cards, and before rows of figures."""
    for section in document_of(report).sections:
        yield section.title
        for block in section.blocks:
            block = getattr(block, "table", None) or block
            if isinstance(block, Cards):
                yield from (card.title for card in block.cards)
            elif isinstance(block, Table):
                yield block.caption
                yield from (column.title for column in block.columns if not column.title_named)
                first = block.columns[0]
                if not block.caption.startswith(("Every setting", "Reliability")):
                    yield from [] if first.named or first.right else first.cells
            elif isinstance(block, Prose):
                yield block.title
            elif isinstance(block, Facts):
                yield from (name for name, _ in block.pairs)


@pytest.mark.parametrize("name", [name for name in REPORTS if name != "all-names-hostile"])
def test_every_heading_of_a_page_can_be_asked_for(name: str) -> None:
    """Whatever stands over something in a report leads to an entry as it is written there."""
    headings = [each for each in _headings(REPORTS[name]()) if each and each not in DATA]
    assert not [each for each in headings if known(each) is None]


@pytest.mark.parametrize(
    ("heading", "name"),
    [("Gap to accuracy", "difference"), ("Without a person", "selective"), ("ECE, plain", "ece"),
     ("smECE after", "smece"), ("Reliability, calibrated", "reliability-diagram"),
     ("95 % after", "normal"), ("Slices by region", "by"), ("at most 0.5 %", "max_error")],
)  # fmt: skip
def test_headings_lead_to_what_they_are_of(heading: str, name: str) -> None:
    """Numbers, sides and slices in a heading do not lead astray."""
    assert entry(heading).name == name


@pytest.mark.parametrize("name", ["no such thing", "12", "before and after the flood", "", "5 %."])
def test_what_is_no_heading_is_not_found(name: str) -> None:
    """Leaving out numbers and sides does not make a heading of anything."""
    assert known(name) is None


@pytest.mark.parametrize("picture", entries("picture"), ids=lambda each: each.name)
def test_how_to_read_a_picture_claims_nothing_of_it(picture: Entry) -> None:
    """It stands under every picture, whatever that shows: what may not be so is conditional."""
    assert "should" not in picture.reading
    assert "Two hills that lie apart:" not in picture.reading
