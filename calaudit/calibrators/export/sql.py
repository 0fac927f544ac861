"""``--to sql``: an expression over columns, for any database with ln and exp.

Only CASE, comparisons, + - * /, ``ln`` and ``exp`` are used. Literals have an exponent, so that
no database takes them for decimals; exp never gets an argument beyond ±700, where some databases
raise an error. What is no score (NULL, NaN, 1.2) gives NULL.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import sqlite3
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.target import (
    Options,
    Runtime,
    Target,
    bins_of,
    end_logits,
    inexpressible,
    keeps_impossible,
    needs_of,
    number,
)
from calaudit.errors import SettingsError

__all__ = ["SQL"]

Floats = NDArray[np.float64]

MOST_CHARACTERS = 900_000
"""SQLite takes statements of a million bytes."""

LIMIT = "7e2"
LARGEST = "1.7976931348623157e308"


def _real(value: float) -> str:
    """Return a literal that is of type double everywhere."""
    text = number(value)
    return text if "e" in text else f"{text}e0"


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def columns_of(calibrator: Calibrator, options: Options) -> tuple[str, ...]:
    """Return the names of the score columns.

    Raises:
        SettingsError: another number of columns than the calibrator takes.
    """
    several = calibrator.task == "multiclass"
    wanted = len(calibrator.classes) if several else 1
    if not options.columns:
        if not several:
            return ("score" if calibrator.scale == "probability" else "logit",)
        prefix = "p_" if calibrator.scale == "probability" else "logit_"
        return tuple(f"{prefix}{name}" for name in calibrator.classes)
    if len(options.columns) != wanted:
        raise SettingsError(
            f"the calibrator takes {wanted} {'columns' if several else 'column'}, but "
            f"{len(options.columns)} were named: {', '.join(options.columns[:6])}"
        )
    return options.columns


def _refusal(calibrator: Calibrator, options: Options) -> str | None:
    reason = inexpressible(calibrator)
    if reason is None:
        K, method = len(calibrator.classes), calibrator.method
        terms = 1 if calibrator.task != "multiclass" else 2 * K * K
        terms *= K if method == "matrix" else 1
        size = 60 * terms if terms * 60 > MOST_CHARACTERS else len(_render(calibrator, options, ()))
        if size > MOST_CHARACTERS:
            reason = (
                f"as SQL expressions it would take {size / 1e6:.1f} million characters (of at "
                f"most {MOST_CHARACTERS / 1e6:g}), because every class needs the sum over all"
                if calibrator.task == "multiclass"
                else f"its {len(calibrator.parameters()['x']):,} knots would take "
                f"{size / 1e6:.1f} million characters (of at most {MOST_CHARACTERS / 1e6:g})"
            )
    return reason


def _render(calibrator: Calibrator, options: Options, remarks: tuple[str, ...]) -> str:
    head = "".join(f"-- {line}\n" for line in remarks)
    names = [_quoted(name) for name in columns_of(calibrator, options)]
    if calibrator.task != "multiclass":
        return f"{head}{_one_score(calibrator, names[0])}\n"
    body = ",\n".join(
        f"{expression} AS {_quoted(f'calibrated_{name}')}"
        for name, expression in zip(calibrator.classes, _rows(calibrator, names), strict=True)
    )
    return f"{head}{body}\n"


def _one_score(calibrator: Calibrator, name: str) -> str:
    needs, logit = needs_of(calibrator), calibrator.scale == "logit"
    if logit:
        valid = f"{name} >= -{LARGEST} AND {name} <= {LARGEST}"
        start = f"({_sigmoid(name)})" if needs == "probability" else name
    else:
        valid = f"{name} >= 0e0 AND {name} <= 1e0"
        start = name if needs != "logit" else _logit(name, calibrator.floor)
    return f"CASE WHEN {valid} THEN\n{_method(calibrator, start)}\nEND"


def _method(calibrator: Calibrator, start: str) -> str:
    parameters = calibrator.parameters()
    if calibrator.method == "identity":
        return start
    if calibrator.method == "histogram":
        edges, values = bins_of(calibrator)
        return _tree(edges, [_real(value) for value in values], start)
    if "x" in parameters:
        return _interpolation(parameters["x"], parameters["y"], start)
    v = {name: _real(value) for name, value in parameters.items()}
    if calibrator.method == "beta":
        if calibrator.scale == "logit":
            p, q = _log_sigmoid(start), _log_sigmoid(f"(-{start})")
        else:
            p, q = _logs(start, calibrator.floor)
        u = f"({v['a']} * {p} - {v['b']} * {q} + {v['c']})"
    elif calibrator.method == "platt":
        u = f"({v['a']} * {start} + {v['b']})"
    else:
        u = f"({start} / {v['T']})"
    return _sigmoid(u, _largest(calibrator))


def _largest(calibrator: Calibrator) -> float:
    """Return a bound of the calibrated logits; probabilities are clipped, logits are not."""
    if calibrator.scale == "logit":
        return float("inf")
    largest = max(map(abs, end_logits(calibrator.floor)))
    v: dict[str, float] = calibrator.parameters()
    if calibrator.method == "beta":
        return abs(v["a"]) * largest + abs(v["b"]) * largest + abs(v["c"])
    return abs(v["a"]) * largest + abs(v["b"]) if "a" in v else largest / v["T"]


def _logit(p: str, floor: float) -> str:
    low, high = end_logits(floor)
    return (
        f"(CASE WHEN {p} <= {_real(floor)} THEN {_real(low)} "
        f"WHEN 1e0 - {p} <= {_real(floor)} THEN {_real(high)} "
        f"ELSE ln({p}) - ln(1e0 - {p}) END)"
    )


def _logs(p: str, floor: float) -> tuple[str, str]:
    """Return ln p and ln(1 − p) of the clipped p."""
    z = end_logits(floor)
    ends = [-np.logaddexp(0.0, np.array([-z[0], -z[1]])), -np.logaddexp(0.0, np.array(z))]
    below, above = f"{p} <= {_real(floor)}", f"1e0 - {p} <= {_real(floor)}"
    first, second = (
        f"(CASE WHEN {below} THEN {_real(low)} WHEN {above} THEN {_real(high)} ELSE {inside} END)"
        for (low, high), inside in zip(ends, (f"ln({p})", f"ln(1e0 - {p})"), strict=True)
    )
    return first, second


def _sigmoid(u: str, largest: float = float("inf")) -> str:
    """Return σ(u), where u lies within ±largest."""
    if largest >= float(LIMIT):
        u = f"CASE WHEN {u} > {LIMIT} THEN {LIMIT} WHEN {u} < -{LIMIT} THEN -{LIMIT} ELSE {u} END"
    return f"1e0 / (1e0 + exp(-({u})))"


def _log_sigmoid(z: str) -> str:
    """Return ln σ(z)."""
    return (
        f"(CASE WHEN {z} > {LIMIT} THEN 0e0 WHEN {z} < -{LIMIT} THEN {z} "
        f"WHEN {z} < 0e0 THEN {z} - ln(1e0 + exp({z})) ELSE -ln(1e0 + exp(-{z})) END)"
    )


def _tree(bounds: list[float], leaves: list[str], p: str) -> str:
    """Return CASEs within CASEs that pick a leaf in log₂ steps: leaf b for p ≤ bounds[b]."""
    if not bounds:
        return leaves[0]
    middle = len(bounds) // 2
    low = _tree(bounds[:middle], leaves[: middle + 1], p)
    high = _tree(bounds[middle + 1 :], leaves[middle + 1 :], p)
    return f"CASE WHEN {p} <= {_real(bounds[middle])} THEN {low}\nELSE {high} END"


def _interpolation(x: list[float], y: list[float], p: str) -> str:
    leaves = [_real(y[0])]
    for x0, x1, y0, y1 in zip(x, x[1:], y, y[1:], strict=False):
        if y0 == y1:
            leaves.append(_real(y0))
        else:
            share = f"(({p} - {_real(x0)}) / ({_real(x1)} - {_real(x0)}))"
            leaves.append(f"{_real(y0)} + ({_real(y1)} - {_real(y0)}) * {share}")
    return _tree(x, [*leaves, _real(y[-1])], p)


def _rows(calibrator: Calibrator, names: list[str]) -> list[str]:
    """Return one expression a class: 1 / Σ exp(u_j − u_k)."""
    logit = calibrator.scale == "logit"
    low, high = (f"-{LARGEST}", LARGEST) if logit else ("0e0", "1e0")
    finite = not logit or calibrator.method == "matrix"
    valid = " AND ".join(
        f"{name} >= {low} AND {name} <= {high}" if finite else f"{name} <= {high}" for name in names
    )
    if calibrator.method == "identity" and not logit:
        return [f"CASE WHEN {valid} THEN {name} END" for name in names]
    u = _outputs(calibrator, names if logit else [_log(n, calibrator.floor) for n in names])
    expressions = []
    for k, mine in enumerate(u):
        terms = ["1e0", *(_exp(f"({other} - {mine})") for j, other in enumerate(u) if j != k)]
        never = f"WHEN {mine} < -{LARGEST} THEN 0e0\n" if logit else ""
        total = "\n+ ".join(terms)
        expressions.append(f"CASE WHEN NOT ({valid}) THEN NULL\n{never}ELSE 1e0 / ({total}) END")
    return expressions


def _outputs(calibrator: Calibrator, z: list[str]) -> list[str]:
    parameters = calibrator.parameters()
    if calibrator.method == "identity":
        return z
    if calibrator.method == "temperature":
        return [f"({value} / {_real(parameters['T'])})" for value in z]
    b = [_real(value) for value in parameters["b"]]
    if calibrator.method == "vector":
        lines = [
            f"({_real(w)} * {value} + {c})"
            for w, value, c in zip(parameters["w"], z, b, strict=True)
        ]
        if not keeps_impossible(calibrator):
            return lines
        return [
            f"(CASE WHEN {value} < -{LARGEST} THEN {value} ELSE {line} END)"
            for value, line in zip(z, lines, strict=True)
        ]
    return [
        "(" + " + ".join(f"{_real(w)} * {v}" for w, v in zip(row, z, strict=True)) + f" + {c})"
        for row, c in zip(parameters["W"], b, strict=True)
    ]


def _log(p: str, floor: float) -> str:
    f = _real(floor)
    return f"(CASE WHEN {p} < {f} THEN {_real(float(np.log(floor)))} ELSE ln({p}) END)"


def _exp(d: str) -> str:
    return (
        f"CASE WHEN {d} > {LIMIT} THEN exp({LIMIT}) WHEN {d} < -{LIMIT} THEN exp(-{LIMIT}) "
        f"ELSE exp({d}) END"
    )


@functools.cache
def _databases() -> tuple[Runtime, ...]:
    """Return the databases that are here; SQLite only where it has ln and exp."""
    found = []
    try:
        with sqlite3.connect(":memory:") as connection:
            connection.execute("SELECT ln(2e0), exp(1e0)")
        connection.close()
        found.append(Runtime(f"SQLite {sqlite3.sqlite_version}", _run_sqlite))
    except sqlite3.Error:  # built without mathematical functions
        pass
    if importlib.util.find_spec("duckdb") is not None:
        import duckdb

        found.append(Runtime(f"DuckDB {duckdb.__version__}", _run_duckdb))
    return tuple(found)


def _table(calibrator: Calibrator, options: Options, kind: str, probes: Floats) -> tuple[str, ...]:
    """Return the statements that make a table of the probes and ask for the answers."""
    names = [_quoted(name) for name in columns_of(calibrator, options)]
    table = _quoted("probes of " + "/".join(columns_of(calibrator, options))[:20])
    columns = ", ".join(f"{name} {kind}" for name in names)
    marks = ", ".join("?" * (1 if probes.ndim == 1 else probes.shape[1]))
    return (
        f"CREATE TABLE {table} ({_quoted('#')} INTEGER, {columns})",
        f"INSERT INTO {table} VALUES (?, {marks})",
        f"FROM {table} ORDER BY {_quoted('#')}",
    )


def _numbered(probes: Floats) -> list[list[float]]:
    rows = probes.reshape(len(probes), -1).tolist()
    return [[i, *row] for i, row in enumerate(rows)]


def _answers(rows: list[Any], probes: Floats) -> Floats:
    answers = np.array(rows, dtype=np.float64)  # NULL becomes NaN, which no check accepts
    return answers.reshape(probes.shape)


def _run_sqlite(artefact: str, calibrator: Calibrator, options: Options, probes: Floats) -> Floats:
    create, insert, rest = _table(calibrator, options, "REAL", probes)
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(create)
        connection.executemany(insert, _numbered(probes))
        return _answers(connection.execute(f"SELECT {artefact} {rest}").fetchall(), probes)
    except sqlite3.Error as error:
        raise SettingsError(f"SQLite does not run the expression: {error}") from None
    finally:
        connection.close()


def _run_duckdb(artefact: str, calibrator: Calibrator, options: Options, probes: Floats) -> Floats:
    import duckdb

    create, _, rest = _table(calibrator, options, "DOUBLE", probes)
    table = create.split("TABLE ", 1)[1].split(" (", 1)[0]
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute(create)
            connection.execute(f"INSERT INTO {table} VALUES {_values(probes)}")
            answers = connection.execute(f"SELECT {artefact} {rest}").fetchall()
        except duckdb.Error as error:
            raise SettingsError(f"DuckDB does not run the expression: {error}") from None
    return _answers(answers, probes)


def _values(probes: Floats) -> str:
    """Return rows as literals: DuckDB inserts them one parameter at a time otherwise."""
    rows = (
        ", ".join("'-Infinity'::DOUBLE" if v == -np.inf else f"{json.dumps(v)}::DOUBLE" for v in r)
        for r in _numbered(probes)
    )
    return ", ".join(f"({row})" for row in rows)


SQL = Target(
    name="sql",
    suffix=".sql",
    refusal=_refusal,
    render=_render,
    runtimes=lambda: _databases(),
    missing="DuckDB (pip install duckdb), or an SQLite with mathematical functions",
)
