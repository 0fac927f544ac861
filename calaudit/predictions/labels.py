"""Label columns → class codes, whatever type the labels are written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.predictions.arrays import scalar, view
from calaudit.predictions.columns import cell_text, column_kind, plain
from calaudit.predictions.faults import Faults
from calaudit.predictions.findings import Findings
from calaudit.predictions.layout import Layout

__all__ = ["NEGATIVE", "POSITIVE", "LabelReader", "encoded", "label_text"]

POSITIVE = frozenset({"1", "true", "t", "yes", "y", "positive", "pos", "correct", "right"})
"""Labels that mean 1 unless `--positive` says otherwise, whatever their case."""

NEGATIVE = frozenset({"0", "-1", "false", "f", "no", "n", "negative", "neg", "incorrect", "wrong"})
"""Labels that mean 0 unless `--positive` says otherwise, whatever their case."""

_MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "<na>", "nat"})
_ABSENT, _STRANGE = -1, -2


def label_text(value: Any) -> str | None:
    """Return a label in the one spelling used for comparison: ``3.0`` is ``"3"``; None if NaN."""
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).strip()
    if text[:1] in "+-.0123456789" and text[:1]:
        try:
            number = float(text)
        except ValueError:
            return text
        if number.is_integer() and abs(number) < 2**53:
            return str(int(number))
    return text


def encoded(column: Any) -> tuple[NDArray[np.int32], list[str | None]]:
    """Return (n,) indices, -1 for null, and the texts of the distinct values they index."""
    column = plain(column)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    elif len(column.dictionary) > len(column):
        column = column.dictionary_decode().dictionary_encode()
    indices = column.indices
    if indices.null_count:
        indices = indices.cast(pa.int32()).fill_null(scalar(np.int32(-1)))
    codes = view(indices).astype(np.int32, copy=False)
    return codes, [label_text(value) for value in column.dictionary.to_pylist()]


class LabelReader:
    """Reads the labels of one block after another, for one unit."""

    def __init__(self, layout: Layout, findings: Findings) -> None:
        self._layout = layout
        self._findings = findings
        self._codes: dict[str | None, int] = {None: _ABSENT}
        self._names = _name_codes(layout.classes)
        self._base = _first_number(layout)
        self._positive = label_text(layout.positive)
        self._negative = label_text(layout.negative)
        plain_names = self._names.get("0", 0) == 0 and self._names.get("1", 1) == 1
        self._direct = self._positive in (None, "1") and plain_names

    def read(self, block: Any, faults: Faults) -> NDArray[Any]:
        """Return (n,) uint8 (binary, top-label) or int64 (multiclass) codes; faults are added."""
        layout = self._layout
        if layout.task == "multiclass":
            return self._multiclass(block, faults)
        if layout.task == "top-label" and layout.correct is None:
            return self._agreement(block, faults)
        name = layout.correct or layout.label
        if name is None:  # scores without labels
            return np.zeros(block.num_rows, np.uint8)
        return self._binary(block, name, faults)

    def _binary(self, block: Any, name: str, faults: Faults) -> NDArray[np.uint8]:
        column = plain(block.column(name))
        if self._direct and not column.null_count:
            fast = _zeros_and_ones(column)
            if fast is not None:
                self._see_fast(fast)
                return fast
        codes = self._looked_up(column, self._binary_code)
        self._blame(name, column, codes, "label-not-binary", faults)
        return np.maximum(codes, 0).astype(np.uint8)

    def _see_fast(self, codes: NDArray[np.uint8]) -> None:
        if len(codes) and "0" not in self._findings.negatives and codes.min() == 0:
            self._findings.negatives.add("0")
        if len(codes) and "1" not in self._findings.positives and codes.max() == 1:
            self._findings.positives.add("1")

    def _binary_code(self, text: str) -> int:
        folded = text.casefold()
        if self._positive is not None:
            if text == self._positive or folded == self._positive.casefold():
                code = 1
            elif folded in _MISSING:
                code = _ABSENT
            else:
                code = 0 if self._negative in (None, text) else _STRANGE
        elif text in self._names or folded in self._names:
            code = self._names.get(text, self._names.get(folded, 0))
        elif folded in POSITIVE or folded in NEGATIVE:
            code = int(folded in POSITIVE)
        else:
            code = _ABSENT if folded in _MISSING else _STRANGE
        if code >= 0:
            (self._findings.positives if code else self._findings.negatives).add(folded)
        return code

    def _multiclass(self, block: Any, faults: Faults) -> NDArray[np.int64]:
        name = self._layout.label or ""
        column = plain(block.column(name))
        if self._base is not None and pa.types.is_integer(column.type) and not column.null_count:
            values = view(column)
            last = self._base + len(self._layout.classes) - 1
            if not len(values) or (values.min() >= self._base and values.max() <= last):
                self._see_zero(values)
                codes: NDArray[np.int64] = values.astype(np.int64, copy=False)
                return codes - self._base if self._base else codes
        codes = self._looked_up(column, self._class_code)
        self._blame(name, column, codes, "label-not-a-class", faults)
        return np.maximum(codes, 0)

    def _see_zero(self, values: NDArray[Any]) -> None:
        if not self._findings.zero_label and len(values) and values.min() == 0:
            self._findings.zero_label = True

    def _class_code(self, text: str) -> int:
        if text == "0":
            self._findings.zero_label = True
        if self._layout.numbered and text.isdigit():
            return int(text) if int(text) < len(self._layout.classes) else _STRANGE
        found = self._names.get(text, self._names.get(text.casefold()))
        if found is not None:
            return found
        return _ABSENT if text.casefold() in _MISSING else _STRANGE

    def _agreement(self, block: Any, faults: Faults) -> NDArray[np.uint8]:
        label, prediction = self._layout.label or "", self._layout.prediction or ""
        known: dict[str | None, int] = {}
        sides = []
        for name, reason in ((label, "missing-label"), (prediction, "missing-prediction")):
            column = plain(block.column(name))
            if pa.types.is_integer(column.type) and not column.null_count:
                sides.append(column)
                continue
            indices, texts = encoded(column)
            texts = [None if t is None or t.casefold() in _MISSING else t for t in texts]
            lookup = [_ABSENT if t is None else known.setdefault(t, len(known)) for t in texts]
            codes = np.array([*lookup, _ABSENT], dtype=np.int64)[indices]
            faults.add(reason, codes == _ABSENT, _describer(name, column))
            sides.append(codes)
        return self._compared(sides, known)

    def _compared(self, sides: list[Any], known: dict[str | None, int]) -> NDArray[np.uint8]:
        for side, values in enumerate(sides):
            other = sides[1 - side]
            if isinstance(values, np.ndarray):
                continue
            if not isinstance(other, np.ndarray):
                pair = [view(side) for side in sides]
                same: NDArray[np.bool_] = pair[0] == pair[1]
                return same.view(np.uint8)
            indices, texts = encoded(values)
            lookup = [known.setdefault(text, len(known)) for text in texts]
            sides[side] = np.array([*lookup, _ABSENT], dtype=np.int64)[indices]
        equal: NDArray[np.bool_] = sides[0] == sides[1]
        return equal.view(np.uint8)

    def _looked_up(self, column: Any, code_of: Callable[[str], int]) -> NDArray[np.int64]:
        indices, texts = encoded(column)
        lookup = np.full(len(texts) + 1, _ABSENT, dtype=np.int64)
        for i, text in enumerate(texts):
            if text not in self._codes:
                self._codes[text] = code_of(str(text))
            lookup[i] = self._codes[text]
        return lookup[indices]

    def _blame(
        self, name: str, column: Any, codes: NDArray[np.int64], reason: str, faults: Faults
    ) -> None:
        if len(codes) and codes.min() < 0:
            strange = codes == _STRANGE
            faults.add("missing-label", codes == _ABSENT, _describer(name, column))
            faults.add(reason, strange, _describer(name, column))
            few = np.flatnonzero(strange)[:1000]
            self._findings.see_strangers(sorted({cell_text(column, int(i)) for i in few}))


def _describer(name: str, column: Any) -> Callable[[int], tuple[str, str]]:
    return lambda row: (name, cell_text(column, row))


def _zeros_and_ones(column: Any) -> NDArray[np.uint8] | None:
    """Return the labels as uint8 if they are all 0 or 1 (or booleans), else None."""
    kind = column_kind(column.type)
    if kind == "bool":
        flags: NDArray[np.bool_] = view(column)
        return flags.view(np.uint8)
    if kind != "number" or pa.types.is_decimal(column.type):
        return None
    values = view(column)
    if values.dtype.itemsize == 1:
        small: NDArray[np.uint8] = values.view(np.uint8)
        return small if not len(small) or small.max() <= 1 else None
    if values.dtype.kind in "iu":
        inside = not len(values) or (values.min() >= 0 and values.max() <= 1)
    else:
        inside = bool(((values == 0) | (values == 1)).all())
    return values.astype(np.uint8) if inside else None


def _name_codes(classes: tuple[str, ...]) -> dict[str, int]:
    names = {label_text(name) or name: code for code, name in enumerate(classes)}
    for code, name in enumerate(classes):
        names.setdefault((label_text(name) or name).casefold(), code)
    return names


def _first_number(layout: Layout) -> int | None:
    """Return the integer label of the first class where integer labels count up from it."""
    if layout.numbered:
        return 0
    names = [label_text(name) for name in layout.classes]
    first = names[0] if names else None
    if first is None or not first.lstrip("-").isdigit():
        return None
    wanted = [str(int(first) + k) for k in range(len(names))]
    return int(first) if names == wanted else None
