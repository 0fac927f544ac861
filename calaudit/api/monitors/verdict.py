"""What the batches tell together: alarm or none, since when, where, and when to look again."""

from __future__ import annotations

import math
from statistics import median

import numpy as np
from numpy.typing import NDArray

from calaudit.api.monitors.progress import band_means
from calaudit.metrics.batch_means import FIRST_LOOK, expected_looks, running_means
from calaudit.metrics.evidence import BINS, RECENT, Evidence, expected_batches
from calaudit.report.check_report import FAIL, INCONCLUSIVE, PASS
from calaudit.report.monitor_report import (
    Batch,
    MonitorReport,
    OffScores,
    Promise,
    Recheck,
    Shift,
    batches_text,
    evidence_text,
)
from calaudit.report.numbers import count, counted, places, shown

SURELY = 2.0
"""Standard errors beyond the tolerance from which a tenth of the scores is named."""

MOST_SCORES = 3


def status_of(report: MonitorReport) -> str:
    """Return whether there was an alarm, none, or too little to tell."""
    if _alarm(report) is not None or broken(report):
        return FAIL
    fewest = FIRST_LOOK if report.units == "batches" else 2
    return PASS if len(report.batches) >= fewest else INCONCLUSIVE


def _alarm(report: MonitorReport) -> Batch | None:
    """Return the batch after which scores were off beyond doubt; None where they never were."""
    batches = report.batches
    if report.units == "batches":
        return next((batch for batch in batches if batch.beyond), None)
    least = -math.log(report.settings["alpha"])
    return next((batch for batch in batches if batch.log_evidence >= least), None)


def broken(report: MonitorReport) -> list[tuple[Batch, Promise]]:
    """Return the promises of a threshold that no longer hold, with the batch that showed it."""
    watched = [batch for batch in report.batches if batch.watched is not None]
    found = []
    for i in range(len(watched[-1].watched.promises) if watched and watched[-1].watched else 0):
        promises = [(b, b.watched.promises[i]) for b in watched if b.watched is not None]
        if report.units == "batches":
            far = _promises_beyond([p for _, p in promises], report.settings["alpha"])
        else:
            least = -math.log(report.settings["alpha"])
            far = np.array([p.log_evidence >= least for _, p in promises])
        found += [promises[int(far.argmax())]] if far.any() else []
    return found


def _promises_beyond(promises: list[Promise], alpha: float) -> NDArray[np.bool_]:
    """Return (t,) whether the mean share of errors of batches is above its limit."""
    means = [p.errors / p.rows - p.value if p.rows else math.nan for p in promises]
    found = running_means(np.array(means)[:, None], alpha)
    above: NDArray[np.bool_] = (found.mean - found.half > 0.0)[:, 0]
    return above


def shift_of(report: MonitorReport) -> Shift | None:
    """Return since when scores are off, in which direction and where; None without an alarm."""
    alarm = _alarm(report)
    if alarm is None:
        return None
    logs = np.array([batch.log_evidence for batch in report.batches])
    at = report.batches.index(alarm)
    began = int(logs[: at + 1].argmin()) + 1 if at else 0
    since = report.batches[min(began, at) :]
    rows, said, ones = (
        np.array([getattr(batch, name) for batch in since], np.float64).sum(axis=0)
        for name in ("counts", "scores", "ones")
    )
    held = np.flatnonzero(rows)
    gap, mean = (ones - said)[held] / rows[held], said[held] / rows[held]
    error = np.sqrt(np.maximum(mean * (1.0 - mean), 1e-6) / rows[held])
    sure = (np.abs(gap) - report.settings["tolerance"]) / error
    order = np.argsort(-sure, kind="stable")
    chosen = [i for n, i in enumerate(order) if n == 0 or (n < MOST_SCORES and sure[i] > SURELY)]
    return Shift(
        began=since[0].name,
        alarm=alarm.name,
        direction=_direction(ones - said, rows, said),
        stated=float(said.sum() / rows.sum()),
        observed=float(ones.sum() / rows.sum()),
        scores=tuple(
            OffScores(
                lower=float(held[i]) / BINS, upper=float(held[i] + 1) / BINS,
                rows=int(rows[held[i]]), stated=float(mean[i]), observed=float(mean[i] + gap[i]),
            )
            for i in chosen
        ),
    )  # fmt: skip


def _direction(
    residual: NDArray[np.float64], rows: NDArray[np.float64], said: NDArray[np.float64]
) -> str:
    """Return where scores are off: below and above one half in opposite directions, or not."""
    low, high = np.arange(BINS) < BINS // 2, np.arange(BINS) >= BINS // 2
    spread = said - said**2 / np.maximum(rows, 1.0)
    off = [
        float(residual[side].sum()) / math.sqrt(max(float(spread[side].sum()), 1e-9))
        for side in (low, high)
    ]
    if min(map(abs, off)) > SURELY and off[0] * off[1] < 0:
        return "too extreme" if off[0] > 0 else "too timid"
    return "too low" if residual.sum() > 0 else "too high"


def recheck_of(report: MonitorReport, evidence: Evidence) -> Recheck | None:
    """Return how long the smallest shift that matters takes to be found; None after an alarm."""
    if not report.batches or report.status == FAIL:
        return None
    tolerance, alpha = report.settings["tolerance"], report.settings["alpha"]
    given = report.settings.get("matters")
    usual = min(2.5 * tolerance or 0.02, 0.5 + tolerance / 2)
    shift = usual if given is None else given
    rows = round(median(batch.rows for batch in report.batches[-RECENT:]))
    batches = None
    if report.units == "rows":
        batches = expected_batches(evidence, rows, shift, tolerance, alpha)
    elif len(report.batches) > 1:
        batches = expected_looks(band_means(report.batches), shift, tolerance, alpha)
    needed = None if batches is None else batches * rows
    return Recheck(rows=rows, shift=shift, batches=batches, rows_needed=needed)


def said_of(report: MonitorReport) -> list[str]:
    """Return the sentences of the answer, the verdict first."""
    first = {FAIL: _alarms, PASS: _no_alarm, INCONCLUSIVE: _nothing_yet}[report.status](report)
    return [*first, *_recheck(report), *_waiting(report)]


def _alarms(report: MonitorReport) -> list[str]:
    shift, found = report.shift, []
    if shift is not None:
        far = (
            f" by more than {report.settings['tolerance']:g}"
            if report.settings["tolerance"]
            else ""
        )
        found = [
            f"Alarm: since about {shift.began} scores are {shift.direction}{far}; "
            f"{shift.alarm} showed it.",
            f"Since then they say {_figure(shift.stated)} on average, and "
            f"{_figure(shift.observed)} comes true; {_where(shift)}.",
            *_evidence(report),
        ]
    for batch, promise in broken(report):
        name = promise.limit.replace("_", "-")
        found.append(
            f"{'Alarm: the' if not found else 'The'} saved threshold no longer keeps --{name}: of "
            f"the cases that it is about more than {100 * promise.value:g} % are wrong; "
            f"{batch.name} showed it."
        )
    return [
        *found,
        "Fit a calibrator on rows since then, choose thresholds again, and begin a new --state.",
    ]


def _where(shift: Shift) -> str:
    parts = [
        f"{s.lower:g} to {s.upper:g} (says {_figure(s.stated)}, is {_figure(s.observed)})"
        for s in shift.scores
    ]
    return f"most at {' and '.join(parts)}"


def _no_alarm(report: MonitorReport) -> list[str]:
    tolerance = report.settings["tolerance"]
    beyond = f"more than {tolerance:g} from the scores" if tolerance else "not what scores say"
    found = [
        f"No alarm after {batches_text(len(report.batches))} of "
        f"{counted(report.rows, 'row')}: nothing shows that outcomes are {beyond}."
    ]
    return [*found, *_evidence(report)]


def _evidence(report: MonitorReport) -> list[str]:
    """Return the evidence now and at its highest, where it is what counts."""
    highest = report.highest
    if report.units != "rows" or highest is None:
        return []
    now, most = (evidence_text(b.log_evidence) for b in (report.batches[-1], highest))
    return [
        f"Evidence {now}, at most {most} ({highest.name}); an alarm needs {report.alarm_at:,.4g}."
    ]


def _nothing_yet(report: MonitorReport) -> list[str]:
    number = len(report.batches)
    if not number:
        return ["Nothing can be said yet: no batch has all its labels."]
    if report.units == "batches":
        return [
            f"Nothing can be said yet: means of batches are looked at from the {FIRST_LOOK}th on, "
            f"and there {'is' if number == 1 else 'are'} {number}."
        ]
    return [
        "Nothing can be said yet: the first batch teaches what to look for in those that follow."
    ]


def _recheck(report: MonitorReport) -> list[str]:
    found = report.recheck
    if found is None:
        return []
    each = f"With {counted(found.rows, 'row')} a batch a mean shift of {found.shift:g}"
    if found.batches is None:
        return [f"{each} is too small to be found within 1,000 batches: make them larger."]
    return [
        f"{each} that begins now is likely found after about {batches_text(found.batches)} "
        f"({count(found.rows_needed or 0)} rows): look after each, and expect no answer sooner."
    ]


def _waiting(report: MonitorReport) -> list[str]:
    labels = [batch for batch in report.waiting if batch.reason != "rows"]
    if not labels:
        return []
    rows, labelled = (sum(getattr(b, name) for b in labels) for name in ("rows", "labelled"))
    one = len(labels) == 1
    return [
        f"{len(labels)} {'batch waits' if one else 'batches wait'} for labels: {count(labelled)} "
        f"of {count(rows)} rows have one."
    ]


def _figure(share: float) -> str:
    return shown(share, max(places(share), 3))
