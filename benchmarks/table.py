"""The results as one table of ratios."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.memory import Timing
from benchmarks.results import Comparison, Result
from benchmarks.suite import MEGABYTE
from benchmarks.temperatures import OWN, Measured, ScaleFit, TemperatureFit

__all__ = ["render_fits", "render_memory", "render_results", "render_scales"]

_WIDTH = 52
_HEAD = (
    f"{'calaudit, and by what it took of the others':<{_WIDTH}} {'time':>8} {'ratio':>7} "
    f"{'CPU':>7}  {'bar':<8}{'ns a row':>9} {'MB':>6}"
)


def render_results(results: Sequence[Result]) -> str:
    """Return the table of whole processes: medians, and medians of the ratios of pairs."""
    lines = [_HEAD, "─" * len(_HEAD)]
    for result in results:
        lines.append(_own_line(result))
        lines += [_rival_line(comparison) for comparison in result.comparisons]
        lines += [f"  {text}" for text in result.skipped]
        lines.append("")
    return "\n".join(lines)


def _own_line(result: Result) -> str:
    rate = result.nanoseconds_a_row
    shown = "" if rate is None else f"{rate:,.1f}" if rate < 1e5 else "…"
    bar = result.benchmark.peak_bar
    below = "" if bar is None else f" {_mark(result.peak_met)} below {bar // MEGABYTE}"
    return (
        f"{result.benchmark.title:<{_WIDTH}} {_time(result.seconds)} {'':>7} {'':>7}  "
        f"{'':<8}{shown:>9} {result.peak / MEGABYTE:>6.0f}{below}"
    )


def _rival_line(comparison: Comparison) -> str:
    rival = comparison.rival
    bar = "" if rival.bar is None else f"{_mark(comparison.met)} ≤ {rival.bar:g}"
    seconds = sorted(run.seconds for run in comparison.other)[len(comparison.other) // 2]
    peak = max(run.peak for run in comparison.other) / MEGABYTE
    cpu = f"{comparison.cpu_ratio:.2f}" if rival.measure == "seconds" else ""
    line = (
        f"{'  ' + rival.title:<{_WIDTH}} {_time(seconds)} {comparison.ratio:>7.2f} "
        f"{cpu:>7}  {bar:<8}{'':>9} {peak:>6.0f}"
    )
    if comparison.differences:
        line += f"  figures differ by {max(comparison.differences.values()):.0e}"
    return line


def render_memory(timings: Sequence[Timing]) -> str:
    """Return the table of single figures in memory, the quickest tool of each first."""
    head = f"{'in memory, from arrays to the figure':<38} {'time':>9} {'by calaudit':>12}  value"
    lines = [head, "─" * len(head)]
    by_figure: dict[str, list[Timing]] = {}
    for timing in timings:
        by_figure.setdefault(timing.figure, []).append(timing)
    for figure, tools in by_figure.items():
        own = next((t.seconds for t in tools if t.tool == "calaudit"), None)
        lines.append(figure)
        ordered = sorted(tools, key=lambda t: t.seconds or 0.0)
        lines += [_memory_line(timing, own) for timing in ordered]
    return "\n".join([*lines, ""])


def _memory_line(timing: Timing, own: float | None) -> str:
    if timing.seconds is None:
        return f"  {timing.tool}: {timing.reason}"
    ratio = f"{timing.seconds / own:.2f}" if own else ""
    value = "" if timing.value is None else f"{timing.value:.10f}"
    return f"  {timing.tool:<36} {_time(timing.seconds):>9} {ratio:>12}  {value}"


def render_fits(measured: Measured, *, bars: bool) -> str:
    """Return the table of temperatures in memory: times, ratios, and the gradient left."""
    title = f"temperature, {measured.title}, in memory"
    head = f"{title:<54} {'time':>8} {'ratio':>7}  {'bar':<5}{'gradient left':>15}  T"
    own: TemperatureFit = next(fit for fit in measured.fits if fit.tool == OWN)
    lines = [head, "─" * len(head)]
    for fit in measured.fits:
        ratio = "" if fit is own else f"{own.ratio(fit):.2f}"
        bar = "" if fit is own or not bars else f"{_mark(own.beats(fit))} ≤ 1"
        lines.append(
            f"{fit.tool if fit is own else '  ' + fit.tool:<54} {_time(fit.median)} {ratio:>7}  "
            f"{bar:<5}{fit.gradient:>15.1e}  {fit.temperature:.10g}"
        )
    return "\n".join([*lines, *_absent(measured), ""])


def render_scales(measured: Measured) -> str:
    """Return the table of what each tool makes of several scales, and its relative error."""
    rows: dict[tuple[str, str], list[ScaleFit]] = {}
    for fit in measured.fits:
        rows.setdefault((fit.tool, fit.dtype), []).append(fit)
    best = "".join(f"{f'{fit.reference:.5g}':>20}" for fit in next(iter(rows.values())))
    head = f"{f'temperature, {measured.title}; best T:':<38}{best}"
    lines = [head, "─" * len(head)]
    for (tool, dtype), found in rows.items():
        lines.append(f"{tool:<28}{dtype:<10}" + "".join(f"{_scale(fit):>20}" for fit in found))
        reasons = dict.fromkeys(fit.reason for fit in found if fit.reason)
        lines += [f"  {reason}" for reason in reasons]
    return "\n".join([*lines, *_absent(measured), ""])


def _scale(fit: ScaleFit) -> str:
    if fit.temperature is None or fit.error is None:
        return "failed"
    error = "<1e-15" if fit.error < 1e-15 else f"{fit.error:.0e}"
    return f"{fit.temperature:.6g} ({error})"


def _absent(measured: Measured) -> list[str]:
    return [f"  left out: {reason}" for reason in measured.absent]


def _time(seconds: float) -> str:
    return f"{1000 * seconds:>5.0f} ms" if seconds < 1 else f"{seconds:>6.2f} s"


def _mark(met: bool | None) -> str:
    return "✓" if met else "✗"
