"""A cost matrix as people write it, and the pass over the rows that uses it."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from calaudit.api.decisions.tables import DecisionTables, Viewer
from calaudit.api.rows.reading import Gathering
from calaudit.bounded import read_bounded
from calaudit.errors import InputError, SettingsError
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.group_codes import GroupCodes
from calaudit.report.threshold_report import MatrixDecision, MatrixResult
from calaudit.tables.groups import GroupBuilder, GroupRows
from calaudit.thresholds.matrix import CHEAPEST, SINGLE, TOP, CostMatrix, MatrixSums
from calaudit.thresholds.preference import LEVEL, preferred


def cost_matrix_of(given: Any, classes: tuple[str, ...]) -> CostMatrix:
    """Return the costs, with a row for each class in the order of the scores.

    Args:
        given: path of a CSV whose first row names decisions and whose first column names true
            classes, or a mapping {truth: {decision: cost}}.
        classes: names of the classes.

    Raises:
        InputError: the file cannot be read, or a cell is no number; the message says where.
        SettingsError: classes and rows do not match.
    """
    where = "cost_matrix"
    if isinstance(given, Mapping):
        if not all(isinstance(row, Mapping) for row in given.values()):
            raise SettingsError("cost_matrix maps each true class to {decision: cost}")
        rows = {str(k): {str(d): c for d, c in row.items()} for k, row in given.items()}
    elif not isinstance(given, str | os.PathLike):
        raise SettingsError(
            "cost_matrix is the path of a CSV, or a mapping {truth: {decision: cost}}, not "
            f"{type(given).__name__}"
        )
    else:
        where = os.fspath(given)
        rows = _read(Path(where))
    missing = [name for name in classes if name not in rows]
    unknown = [name for name in rows if name not in classes]
    if missing or unknown:
        raise SettingsError(
            f"{where}: a cost matrix has one row for each true class. The data has "
            f"{_listed(classes)}; the matrix has {_listed(tuple(rows))}"
        )
    decisions = tuple(rows[classes[0]])
    if len(decisions) < 2:
        raise SettingsError(f"{where}: there is only one decision, so there is nothing to decide")
    cost = np.empty((len(classes), len(decisions)))
    for k, name in enumerate(classes):
        if set(rows[name]) != set(decisions):
            raise SettingsError(f"{where}: the row {name!r} has other decisions than the first")
        for d, decision in enumerate(decisions):
            cost[k, d] = _number(
                rows[name][decision], f"{where}: row {name!r}, column {decision!r}"
            )
    if not np.ptp(cost, axis=1).any():
        raise SettingsError(f"{where}: every decision costs the same: there is nothing to decide")
    return CostMatrix(cost, classes, decisions)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        text = read_bounded(path).decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a CSV file of costs ({error})") from None
    try:
        table = [row for row in csv.reader(text.splitlines(), skipinitialspace=True) if any(row)]
    except csv.Error as error:
        raise InputError(f"{path}: cannot be read as a CSV file of costs ({error})") from None
    if len(table) < 2 or len(table[0]) < 2:
        raise InputError(
            f"{path}: a cost matrix names decisions in its first row and true classes in its first "
            "column, as in: truth,cat,dog"
        )
    decisions = [name.strip() for name in table[0][1:]]
    twice = [name for name in decisions if decisions.count(name) > 1]
    names = [row[0].strip() for row in table[1:]]
    twice += [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"{path}: {twice[0]!r} is named twice")
    for number, row in enumerate(table[1:], start=2):
        if len(row) != len(table[0]):
            raise InputError(
                f"{path}: row {number} has {len(row)} cells, and the first has {len(table[0])}"
            )
    return {
        name: dict(zip(decisions, row[1:], strict=True))
        for name, row in zip(names, table[1:], strict=True)
    }


def _number(value: Any, where: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{where}: {value!r} is not a number")
    return number


def _listed(names: tuple[str, ...], most: int = 8) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown + (f", … ({len(names)} in all)" if len(names) > most else "")


class MatrixPass(Gathering):
    """Accumulates decisions over chunks.

    Args:
        viewer: of the chunks.
        matrix: the costs.
        group: column whose rows belong together, or None.
        frequency: whether a row of weight w stands for w rows.
    """

    def __init__(
        self, viewer: Viewer, matrix: CostMatrix, group: str | None, *, frequency: bool = False
    ) -> None:
        self._viewer = viewer
        self.sums = MatrixSums(matrix, frequency=frequency)
        self.tables = DecisionTables(viewer, group=group)
        self._coding, self._paid = GroupCodes(group), GroupBuilder()

    def add(self, chunk: Chunk) -> None:
        """Add the rows of a chunk."""
        view = self._viewer(chunk)
        assert view.probabilities is not None
        assert view.predicted is not None
        assert view.classes is not None
        self.tables.add_view(chunk, view)
        paid = self.sums.add(view.probabilities, view.predicted, view.classes, view.weights)
        codes = self._coding.of(chunk)
        if codes is not None:
            keys = np.zeros(len(codes), np.int64)
            self._paid.add(GroupRows(codes, keys, view.labels, view.weights, paid))

    def by_group(self) -> MatrixSums:
        """Return the sums, with what groups paid where rows belong together."""
        paid = self._paid.table()
        self.sums.paid = None if paid is None else paid.totals()
        return self.sums

    def merge(self, other: MatrixPass) -> MatrixPass:
        """Return the sums of both."""
        self.sums, self.tables = self.sums.merge(other.sums), self.tables.merge(other.tables)
        self._paid.merge(other._paid)
        return self


def matrix_result(sums: MatrixSums, level: float) -> MatrixResult:
    """Return the rules with their costs, the recommended one first."""
    matrix = sums.matrix

    def rule(name: str, i: int) -> MatrixDecision:
        promised = 1000.0 * float(sums.promised[i]) / sums.total
        counts = _counts(matrix, sums.w[i])
        return MatrixDecision(name=name, cost=sums.cost(i, level), promised=promised, counts=counts)

    rules, which = [rule("expected_cost", CHEAPEST)], [CHEAPEST]
    if matrix.own is not None:
        rules.append(rule("argmax", TOP))
        which.append(TOP)
    best, w, cost = sums.single(level)
    rules.append(
        MatrixDecision(
            name=f"always {matrix.decisions[best]}",
            cost=cost,
            promised=cost.value or 0.0,
            counts=_counts(matrix, w),
        )
    )
    which.append(SINGLE)
    first = preferred(len(rules), lambda i, j: sums.excess(which[i], which[j], LEVEL))
    rules.insert(0, rules.pop(first))
    return MatrixResult(decisions=matrix.decisions, rules=tuple(rules), saving=sums.saving(level))


def _counts(matrix: CostMatrix, w: Any) -> dict[str, dict[str, float]]:
    return {
        name: {d: float(w[k, j]) for j, d in enumerate(matrix.decisions)}
        for k, name in enumerate(matrix.classes)
    }
