"""The certificate of a fit as people read it: the map, what it is worth, how it was chosen."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from calaudit.calibrators.certificate import MAKES_WORSE
from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.page import Page, styled
from calaudit.report.numbers import count

if TYPE_CHECKING:
    from calaudit.calibrators.base import Calibrator
    from calaudit.calibrators.certificate import Candidate, Check, Remark

__all__ = ["render_fit", "render_fit_text"]

TEXT_WIDTH = 100

TITLES = {
    "identity": "No calibration",
    "temperature": "Temperature scaling",
    "platt": "Platt scaling",
    "beta": "Beta calibration",
    "centered-isotonic": "Centred isotonic regression",
    "isotonic": "Isotonic regression",
    "histogram": "Histogram binning",
    "vector": "Vector scaling",
    "matrix": "Matrix scaling",
}

FIGURES = (("log_loss", "Log loss"), ("smece", "smECE"), ("ece", "ECE"), ("brier", "Brier score"))


def render_fit(calibrator: Calibrator, console: Console) -> None:
    """Print a calibrator and its certificate on ``console``."""
    page = Page.of(console, calibrator.certificate.level)
    sections = [("", _headline(calibrator, page)), ("", _data(calibrator, page))]
    sections += [(_check_title(check), _check(check, page)) for check in _checks(calibrator)]
    sections += [
        ("Candidates, cross-validated", _candidates(calibrator, page)),
        ("Temperature by floor", _floors(calibrator, page)),
        ("Fit", _fit(calibrator, page)),
        ("Notes", _notes(calibrator, page)),
    ]
    for title, lines in sections:
        titled = [Text(title, style="bold"), *lines] if title and lines else lines
        for line in [*titled, Text()] if titled else []:
            console.print(line, highlight=False, no_wrap=True, overflow="ignore", crop=False)


def render_fit_text(calibrator: Calibrator, width: int = TEXT_WIDTH) -> str:
    """Return the certificate as plain text of a fixed width, without colours."""
    stream = io.StringIO()
    render_fit(calibrator, Console(file=stream, width=width, color_system=None))
    return stream.getvalue()


def _headline(calibrator: Calibrator, page: Page) -> list[Text]:
    title = TITLES.get(calibrator.method, calibrator.method)
    lines: list[Text] = [Text()]
    for remark in _worse(calibrator):
        lead = styled(page.glyphs.marks["FAIL"] + " ", "bold red")
        lines += hanging(page.ours(remark.text, "bold red"), width=page.prose, first=lead)
    parts = []
    for p in calibrator.certificate.parameters:
        interval = ""
        if p.low is not None and p.high is not None:
            interval = f" ({p.low:.4g} to {p.high:.4g})"
        parts.append(f"{p.name} = {p.value:.5g}{interval}")
    text = page.ours(title, "bold")
    if parts:
        text = text + page.ours(": " + ", ".join(parts) + ".")
    else:
        text = text + page.ours(_knots(calibrator))
    meaning = _meaning(calibrator)
    if meaning:
        text = text + Text(" ") + page.ours(meaning)
    lead = styled(page.glyphs.marks["note"] + " ", "bold cyan")
    return [*lines, *hanging(text, width=page.prose, first=lead)]


def _worse(calibrator: Calibrator) -> list[Remark]:
    return [r for r in calibrator.certificate.remarks if r.code == MAKES_WORSE]


def _knots(calibrator: Calibrator) -> str:
    parameters = calibrator.parameters()
    if "x" in parameters:
        knots = len(parameters["x"])
        return f" with {count(knots)} knot{'' if knots == 1 else 's'}."
    if "values" in parameters:
        return f" with {count(len(parameters['values']))} bins."
    if calibrator.method == "identity":
        if calibrator.certificate.candidates:
            return ": no candidate is clearly better on rows that it was not fitted on."
        return ": nothing was fitted, and no method was tried."
    return f" of {count(len(calibrator.classes))} classes."


def _meaning(calibrator: Calibrator) -> str:
    """Return what a temperature says of the scores, where its interval leaves no doubt."""
    parameters = calibrator.certificate.parameters
    if calibrator.method != "temperature" or not parameters:
        return ""
    low, high = parameters[0].low, parameters[0].high
    if low is not None and low > 1:
        return "The scores were too extreme (overconfident)."
    if high is not None and high < 1:
        return "The scores were too timid (underconfident)."
    return "The scores were about right: 1 is in the interval."


def _data(calibrator: Calibrator, page: Page) -> list[Text]:
    certificate = calibrator.certificate
    dot = f" {page.glyphs.dot} "
    scale = "logits" if calibrator.scale == "logit" else "probabilities"
    task = calibrator.task
    if task == "multiclass":
        task = f"multiclass, {count(len(calibrator.classes))} classes"
    words = [f"fitted on {count(certificate.rows)} rows", f"{task}, from {scale}"]
    words.append(certificate.split)
    return hanging(page.ours(dot.join(words)), width=page.prose)


def _checks(calibrator: Calibrator) -> tuple[Check, ...]:
    return calibrator.certificate.checks


def _check_title(check: Check) -> str:
    if check.kind == "held-out":
        return f"On {count(check.rows)} held-out rows"
    return f"Cross-fitted on the {count(check.rows)} fit rows"


def _check(check: Check, page: Page) -> list[Text]:
    rows = []
    for key, title in FIGURES:
        before, after = getattr(check.before, key), getattr(check.after, key)
        remark = ""
        if key == "log_loss" and check.saved_low is not None:
            remark = f"saves {check.saved:.4f} ({check.saved_low:.4f} to {check.saved_high:.4f})"
        shown = [Text("infinite" if v is None else f"{v:.4f}") for v in (before, after)]
        rows.append([Text(title), *shown, page.ours(remark, "dim")])
    columns = [Column("", right=False), Column("before"), Column("after"), Column("", right=False)]
    return grid(columns, rows, width=page.width)


def _candidates(calibrator: Calibrator, page: Page) -> list[Text]:
    candidates = calibrator.certificate.candidates
    if not candidates:
        return []
    columns = [
        Column("", right=False),
        Column("log loss"),
        Column("worse by"),
        Column("error"),
        Column("", right=False),
    ]
    rows = [_candidate(candidate, page) for candidate in candidates]
    lines = grid(columns, rows, width=page.width)
    rule = "Chosen: the simplest within one standard error of the best."
    return lines + hanging(page.ours(rule, "dim"), width=page.prose)


def _candidate(candidate: Candidate, page: Page) -> list[Text]:
    dash = page.glyphs.dash
    numbers = [
        Text(dash if value is None else f"{value:.5f}")
        for value in (candidate.log_loss, candidate.worse, candidate.error)
    ]
    remark = f"{page.glyphs.left} chosen" if candidate.chosen else candidate.reason or ""
    style = "bold" if candidate.chosen else "dim"
    return [page.ours(candidate.method), *numbers, page.ours(remark, style)]


def _floors(calibrator: Calibrator, page: Page) -> list[Text]:
    floors = calibrator.certificate.floors
    columns = [Column("floor"), Column("T"), Column("", right=False)]
    rows = [
        [
            Text(f"{f.floor:g}"),
            Text("none" if f.temperature is None else f"{f.temperature:.5g}"),
            Text(""),
        ]
        for f in floors
    ]
    return grid(columns, rows, width=page.width) if rows else []


def _fit(calibrator: Calibrator, page: Page) -> list[Text]:
    certificate = calibrator.certificate
    words = [f"{certificate.passes} passes" if certificate.passes > 1 else "1 pass"]
    if certificate.gradient is not None:
        words.append(f"relative gradient left {certificate.gradient:.1e}")
    if certificate.curvature is not None:
        words.append(f"curvature {certificate.curvature:.4g} nats in log T")
    if not certificate.exact:
        words.append("compressed table")
    words.append(f"floor {calibrator.floor:g}")
    words.append(f"{100 * certificate.level:g} % intervals")
    words.append(f"seed {certificate.seed}")
    return hanging(page.ours(", ".join(words), "dim"), width=page.prose)


def _notes(calibrator: Calibrator, page: Page) -> list[Text]:
    lines: list[Text] = []
    worse = _worse(calibrator)  # said at the top
    for remark in [r for r in calibrator.certificate.remarks if r not in worse]:
        lead = Text("  ") + Text(page.glyphs.marks["note"], style="bold cyan") + Text(" ")
        lines += hanging(page.ours(remark.text), width=page.prose, first=lead)
        if remark.advice:
            advice = page.ours(f"{page.glyphs.arrow} {remark.advice}", "dim")
            lines += hanging(advice, width=page.prose, indent=lead.cell_len)
    return lines
