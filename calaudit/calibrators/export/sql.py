"""``--to sql``: an expression over columns, for any database with ln and exp.

Only CASE, comparisons, + - * /, ``ln`` and ``exp`` are used. Literals have an exponent, so that
no database takes them for decimals; exp never gets an argument beyond ±700, where some databases
raise an error. What is no score (NULL, NaN, 1.2) gives NULL.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.description import LARGEST, described
from calaudit.calibrators.export.target import Options, Runtime, Target, installed
from calaudit.calibrators.export.text import ATOM, CHOICE, PRODUCT, SUM, Printer, number
from calaudit.calibrators.expression import Node, computed
from calaudit.errors import SettingsError

Floats = NDArray[np.float64]

MOST_CHARACTERS = 900_000
"""SQLite takes statements of a million bytes."""

LIMIT = "7e2"
ENDS = np.array([0.0, 1.0])


def real(value: float) -> str:
    """Return a literal that is of type double everywhere."""
    text = number(value).removesuffix(".0")
    return text if "e" in text else f"{text}e0"


def quoted(name: str) -> str:
    """Return a column's name as SQL has it."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _limited(u: str) -> str:
    """Return what exp takes everywhere."""
    return f"CASE WHEN {u} > {LIMIT} THEN {LIMIT} WHEN {u} < -{LIMIT} THEN -{LIMIT} ELSE {u} END"


def columns_of(calibrator: Calibrator, options: Options) -> tuple[str, ...]:
    """Return the names of the score columns.

    Raises:
        SettingsError: another number of columns than the calibrator takes.
    """
    several, kind = calibrator.task == "multiclass", calibrator.scale
    prefix = {"probability": "p_", "logit": "logit_"}[kind]
    names = [f"{prefix}{name}" for name in calibrator.classes]
    if not several:
        names = ["score" if kind == "probability" else "logit"]
    if options.columns and len(options.columns) != len(names):
        raise SettingsError(
            f"the calibrator takes {len(names)} {'columns' if several else 'column'}, but "
            f"{len(options.columns)} were named: {', '.join(options.columns[:6])}"
        )
    return options.columns or tuple(names)


def _refusal(calibrator: Calibrator, options: Options) -> str | None:
    K = len(calibrator.classes) if calibrator.task == "multiclass" else 0
    mixed = any(np.ndim(value) == 2 for value in calibrator.parameters().values())
    size = 120 * K * K * (K if mixed else 1)
    if size <= MOST_CHARACTERS:
        size = len(_render(calibrator, options, ()))
    if size <= MOST_CHARACTERS:
        return None
    knots = sum(len(table.parts[1].value) for table in described(calibrator).tables)
    what = "as SQL expressions it" if K else f"its {knots:,} knots"
    why = ", because every class needs the sum over all" * bool(K)
    return f"{what} would take {size / 1e6:.1f} million characters (of at most 0.9){why}"


def _render(calibrator: Calibrator, options: Options, remarks: tuple[str, ...]) -> str:
    head = "".join(f"-- {line}\n" for line in remarks)
    return f"{head}{_Sql(calibrator, options).expressions()}\n"


class _Sql(Printer):
    """One expression, in which what has a name is written out wherever it stands.

    So functions are spelt such that their argument stands in them as seldom as it can.
    """

    templates: ClassVar[Mapping[str, str]] = {
        "absolute": "abs({0})",
        "exp": f"exp({_limited('{0}')})",
        "log": "ln({0})",
        "log1p": "ln(1e0 + {0})",
        "minimum": "CASE WHEN {0} < {1} THEN {0} ELSE {1} END",
        "maximum": "CASE WHEN {0} < {1} THEN {1} ELSE {0} END",
        "where": "CASE WHEN {0} THEN {1} ELSE {2} END",
        "isneginf": f"{{0}} < -{LARGEST}",
        "within": "{0} >= {1} AND {0} <= {2}",
    }

    def __init__(self, calibrator: Calibrator, options: Options) -> None:
        super().__init__(calibrator)
        self.columns = [quoted(name) for name in columns_of(calibrator, options)]

    def expressions(self) -> str:
        """Return an expression, or one for each of several classes."""
        valid, answer = self.description.valid, self.description.answer
        if not self.description.classes:
            return f"CASE WHEN {self.text(valid)} THEN\n{self.text(answer)}\nEND"
        names = self.calibrator.classes
        every = " AND ".join(self.text(valid, k=k) for k in range(len(names)))
        return ",\n".join(
            f"CASE WHEN {every} THEN\n{self.text(answer, k=k)}\nEND AS "
            f"{quoted(f'calibrated_{name}')}"
            for k, name in enumerate(names)
        )

    def shown(self, node: Any, k: Any) -> tuple[str, int]:
        """Return a value, and how tightly it holds together."""
        if not isinstance(node, Node):
            return super().shown(node, k)
        match node.operation:
            case "score":
                return self.columns[k or 0], ATOM
            case "parameter":
                return self.shown(node.value[k] if node.by_class else node.value, k)
            case "sigmoid":
                return self._sigmoid(node.parts[0]), PRODUCT
            case "logaddexp":
                return self._softplus(node, node.parts[1]), CHOICE
            case "logit":
                return self._clipped(node, node.parts[0], "ln({p}) - ln(1e0 - {p})"), CHOICE
            case "softmax":
                return self._softmax(node.parts[0], k), CHOICE
            case "product":
                weights, z = node.parts
                terms = (
                    f"{self.text(w)} * {self.text(z, ATOM, j)}"
                    for j, w in enumerate(weights.value[k])
                )
                return " + ".join(terms), SUM
            case "interp" | "step":
                return self._looked_up(node), CHOICE
        return self.spelt(node, k)

    def literal(self, value: float) -> str:
        """Return a number that is of type double everywhere."""
        return real(value)

    def _clipped(self, node: Node, p: Node, inside: str) -> str:
        """Return a function of a probability, which is constant where that is clipped."""
        low, high = map(real, computed(node, ENDS))
        floor, column = real(self.calibrator.floor), self.text(p)
        return (
            f"CASE WHEN {column} <= {floor} THEN {low} "
            f"WHEN 1e0 - {column} <= {floor} THEN {high} ELSE {inside.format(p=column)} END"
        )

    def _sigmoid(self, u: Node) -> str:
        """Return σ(u); that of a probability rises with it, and lies between its ends."""
        of_probability = self.description.score.name == "p"
        small = of_probability and np.abs(computed(u, ENDS)).max() < float(LIMIT)
        exponent = self.text(u, ATOM) if small else f"({_limited(self.text(u))})"
        return f"1e0 / (1e0 + exp(-{exponent}))"

    def _softplus(self, node: Node, x: Node) -> str:
        """Return ln(1 + e^x): for x = ∓ logit p it is −ln p or −ln(1 − p)."""
        negated = x.operation == "negative"
        of = x.parts[0] if negated else x
        if of.operation == "logit":
            return self._clipped(node, of.parts[0], "-ln({p})" if negated else "-ln(1e0 - {p})")
        shown, minus = self.text(x), self.text(of if negated else -x)
        return (
            f"CASE WHEN {shown} > {LIMIT} THEN {shown} WHEN {shown} < -{LIMIT} THEN 0e0 "
            f"WHEN {shown} > 0e0 THEN {shown} + ln(1e0 + exp({minus})) "
            f"ELSE ln(1e0 + exp({shown})) END"
        )

    def _softmax(self, u: Node, k: int) -> str:
        """Return 1 / Σ exp(u_j − u_k), which is 0 where u_k is −inf."""
        mine = self.text(u, PRODUCT, k)
        others = [self.text(u, SUM, j) for j in range(self.description.classes) if j != k]
        total = "\n+ ".join(["1e0", *(f"exp({_limited(f'{other} - {mine}')})" for other in others)])
        answer = f"1e0 / ({total})"
        if self.description.score.name == "p":
            return answer
        return f"CASE WHEN {mine} < {real(-LARGEST)} THEN 0e0\nELSE {answer} END"

    def _looked_up(self, table: Node) -> str:
        at, (x, y) = self.text(table.parts[0]), (part.value for part in table.parts[1:])
        leaves = [real(value) for value in y]
        if table.operation == "interp":
            knots = zip(np.diff(y) / np.diff(x), x, leaves[:-1], strict=False)
            lines = [
                f"{real(slope)} * ({at} - {real(left)}) + {height}" if slope else height
                for slope, left, height in knots
            ]
            leaves = [leaves[0], *lines, leaves[-1]]
        return _tree(x.tolist(), leaves, at)


def _tree(bounds: list[float], leaves: list[str], p: str) -> str:
    """Return CASEs within CASEs that pick a leaf in log₂ steps: leaf b for p ≤ bounds[b]."""
    if not bounds:
        return leaves[0]
    middle = len(bounds) // 2
    low = _tree(bounds[:middle], leaves[: middle + 1], p)
    high = _tree(bounds[middle + 1 :], leaves[middle + 1 :], p)
    return f"CASE WHEN {p} <= {real(bounds[middle])} THEN {low}\nELSE {high} END"


@functools.cache
def _sqlite() -> tuple[Runtime, ...]:
    """Return SQLite, where it has ln and exp."""
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("SELECT ln(2e0), exp(1e0)")
    except sqlite3.Error:  # built without mathematical functions
        return ()
    return (Runtime(f"SQLite {sqlite3.sqlite_version}", _run_sqlite),)


def _asked(artefact: str, calibrator: Calibrator, options: Options) -> tuple[str, list[str], str]:
    """Return a table's name, the names of its columns, and the statement for the answers."""
    names = list(columns_of(calibrator, options))
    table = "probes of " + "/".join(names)[:20]
    return table, ["#", *names], f'SELECT {artefact} FROM {quoted(table)} ORDER BY "#"'


def _answers(rows: list[Any], probes: Floats) -> Floats:
    answers = np.array(rows, dtype=np.float64)  # NULL becomes NaN, which no check accepts
    return answers.reshape(probes.shape)


def _numbered(probes: Floats) -> NDArray[Any]:
    return np.column_stack([np.arange(len(probes)), probes])


def _run_sqlite(artefact: str, calibrator: Calibrator, options: Options, probes: Floats) -> Floats:
    table, names, question = _asked(artefact, calibrator, options)
    columns, marks = ", ".join(f"{quoted(name)} REAL" for name in names), ", ?" * len(names)
    insert = f"INSERT INTO {quoted(table)} VALUES ({marks[2:]})"
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute(f"CREATE TABLE {quoted(table)} ({columns})")
            connection.executemany(insert, _numbered(probes).tolist())
            return _answers(connection.execute(question).fetchall(), probes)
        except sqlite3.Error as error:
            raise SettingsError(f"SQLite does not run the expression: {error}") from None


def _run_duckdb(artefact: str, calibrator: Calibrator, options: Options, probes: Floats) -> Floats:
    import duckdb

    table, names, question = _asked(artefact, calibrator, options)
    columns = dict(zip(names, _numbered(probes).T, strict=True))  # noqa: F841 - DuckDB finds it
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute(f"CREATE TABLE {quoted(table)} AS SELECT * FROM columns")
            return _answers(connection.execute(question).fetchall(), probes)
        except duckdb.Error as error:
            raise SettingsError(f"DuckDB does not run the expression: {error}") from None


SQL = Target(
    name="sql",
    suffix=".sql",
    refusal=_refusal,
    render=_render,
    runtimes=lambda: (*_sqlite(), *installed("DuckDB", _run_duckdb)),
    missing="DuckDB (pip install duckdb), or an SQLite with mathematical functions",
)
