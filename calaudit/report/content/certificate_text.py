"""The certificate of a fit in words: the map, what it is worth, how it was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from calaudit.calibrators.certificate import AGAINST
from calaudit.findings.finding import Finding
from calaudit.report.numbers import ROUNDING, count

if TYPE_CHECKING:
    from calaudit.calibrators.base import Calibrator
    from calaudit.calibrators.certificate import Candidate, Check

TITLES = {
    "identity": "No calibration",
    "temperature": "Temperature scaling",
    "intercept": "Shifted intercept",
    "platt": "Platt scaling",
    "beta": "Beta calibration",
    "spline": "Monotone spline",
    "centered-isotonic": "Centred isotonic regression",
    "isotonic": "Isotonic regression",
    "histogram": "Histogram binning",
    "venn-abers": "Venn-Abers prediction",
    "vector": "Vector scaling",
    "matrix": "Matrix scaling",
}

FIGURES = (
    ("log_loss", "Log loss"),
    ("smece", "smECE, plain"),
    ("ece", "ECE, plain"),
    ("brier", "Brier score"),
)
"""Figures of a check with their titles: errors are plain, where reports lead with unbiased ones."""

WIDE = 4.0
"""Ratio of the ends of an interval for T from which these rows hardly tell it."""

SOLVED = 1e-8
"""Relative gradient of an optimum; what is left below it differs from machine to machine."""

CHOSEN = "Chosen: the simplest within one standard error of the best."


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """A figure before and after calibration; ``remark``: what is saved, with its interval."""

    name: str
    title: str
    before: str
    after: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateLine:
    """A method that was considered; figures that it does not have are ""."""

    method: str
    log_loss: str
    worse: str
    error: str
    chosen: bool
    reason: str


def method_title(method: str) -> str:
    """Return the title of a method."""
    return TITLES.get(method, method)


def method_name(method: str) -> str:
    """Return the title of a method inside a sentence: names of people stay."""
    title = method_title(method)
    return title if method == "platt" else title[:1].lower() + title[1:]


def parameters_text(calibrator: Calibrator) -> str:
    """Return the parameters with their intervals, or how large the map is; follows its title."""
    parts = []
    for p in calibrator.certificate.parameters:
        interval = ""
        if p.low is not None and p.high is not None:
            interval = f" ({_rounded(p.low):.4g} to {_rounded(p.high):.4g})"
        parts.append(f"{p.name} = {_rounded(p.value):.5g}{interval}")
    return ": " + ", ".join(parts) + "." if parts else _knots(calibrator)


def meaning(calibrator: Calibrator) -> str:
    """Return what a temperature says of the scores, or that these rows hardly tell it."""
    parameters, remarks = calibrator.certificate.parameters, calibrator.certificate.remarks
    grouped = any(remark.code == "grouped-rows" for remark in remarks)  # which have no interval
    if calibrator.method != "temperature" or not parameters or grouped:
        return ""
    low, high = parameters[0].low, parameters[0].high
    if low is None or high is None:
        return "These rows hardly tell T."
    wide = high > WIDE * low
    about = "; these rows hardly tell by how much" if wide else ""
    if low > 1:
        return f"The scores were too extreme (overconfident){about}."
    if high < 1:
        return f"The scores were too timid (underconfident){about}."
    if wide:
        return "These rows hardly tell T."
    return "The scores were about right: 1 is in the interval."


def warnings(calibrator: Calibrator) -> tuple[list[Finding], list[Finding]]:
    """Return the remarks that speak against the calibrator, and all others."""
    remarks = calibrator.certificate.remarks
    against = [r for r in remarks if r.code in AGAINST]
    return against, [r for r in remarks if r not in against]


def fitted_on(calibrator: Calibrator) -> list[str]:
    """Return what the calibrator was fitted on, in parts."""
    certificate = calibrator.certificate
    scale = "logits" if calibrator.scale == "logit" else "probabilities"
    task = calibrator.task
    if task == "multiclass":
        task = f"multiclass, {count(len(calibrator.classes))} classes"
    fitted = f"fitted on {count(certificate.rows)} rows"
    return [fitted, f"{task}, from {scale}", certificate.split]


def checks_of(calibrator: Calibrator, *, audited: bool = False) -> list[Check]:
    """Return the checks that say something: none of a map that changes nothing.

    Args:
        calibrator: with its certificate.
        audited: whether the held-out rows are those of an audit, whose figures say more of them.
    """
    if calibrator.method == "identity":
        return []
    checks = calibrator.certificate.checks
    return [check for check in checks if not (audited and check.kind == "held-out")]


def check_title(check: Check) -> str:
    """Return which rows a check is on."""
    if check.kind == "held-out":
        return f"On {count(check.rows)} held-out rows"
    return f"Cross-fitted on the {count(check.rows)} fit rows"


def check_lines(check: Check) -> list[CheckLine]:
    """Return the figures before and after."""
    lines = []
    for key, title in FIGURES:
        before, after = (
            "infinite" if v is None else f"{v:.4f}"
            for v in (getattr(check.before, key), getattr(check.after, key))
        )
        remark = ""
        if key == "log_loss" and check.saved_low is not None:
            remark = f"saves {check.saved:.4f} ({check.saved_low:.4f} to {check.saved_high:.4f})"
        lines.append(CheckLine(name=key, title=title, before=before, after=after, remark=remark))
    return lines


def candidate_line(candidate: Candidate) -> CandidateLine:
    """Return what was found of one candidate."""
    log_loss, worse, error = (
        "" if value is None else f"{value:.5f}"
        for value in (candidate.log_loss, candidate.worse, candidate.error)
    )
    return CandidateLine(
        method=candidate.method,
        log_loss=log_loss,
        worse=worse,
        error=error,
        chosen=candidate.chosen,
        reason=candidate.reason or "",
    )


def floor_pairs(calibrator: Calibrator) -> list[tuple[str, str]]:
    """Return floors of probabilities and the temperature that each gives."""
    return [
        (f"{f.floor:g}", "none" if f.temperature is None else f"{f.temperature:.5g}")
        for f in calibrator.certificate.floors
    ]


def fit_text(calibrator: Calibrator) -> str:
    """Return how exactly it was fitted."""
    certificate = calibrator.certificate
    words = [f"{certificate.passes} passes" if certificate.passes > 1 else "1 pass"]
    if certificate.gradient is not None:
        left = certificate.gradient
        words.append(f"relative gradient left {f'{left:.0e}' if left > SOLVED else 'below 1e-8'}")
    if certificate.curvature is not None:
        words.append(f"curvature {certificate.curvature:.4g} nats in log T")
    if not certificate.exact:
        words.append("compressed table")
    words.append(f"floor {calibrator.floor:g}")
    words.append(f"{100 * certificate.level:g} % intervals")
    words.append(f"seed {certificate.seed}")
    return ", ".join(words)


def _rounded(value: float) -> float:
    return 0.0 if abs(value) < ROUNDING else value


def _knots(calibrator: Calibrator) -> str:
    parameters = calibrator.parameters()
    if "x" in parameters:
        knots = len(parameters["x"])
        return f" with {count(knots)} knot{'' if knots == 1 else 's'}."
    if "edges" in parameters:
        return f" with {count(len(parameters['edges']) - 1)} bins."
    if calibrator.method == "identity":
        if calibrator.certificate.candidates:
            return ": no candidate is clearly better on rows that it was not fitted on."
        return ": nothing was fitted, and no method was tried."
    return f" of {count(len(calibrator.classes))} classes."
