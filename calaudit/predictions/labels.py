"""Label columns → class codes, whatever type the labels are written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.errors import InputError
from calaudit.predictions.arrays import view
from calaudit.predictions.columns import cell_text, column_kind, parse_numbers, plain
from calaudit.predictions.faults import Faults
from calaudit.predictions.findings import Findings
from calaudit.predictions.layout import Layout
from calaudit.predictions.look import Look
from calaudit.predictions.spelling import (
    NEGATIVE,
    POSITIVE,
    encoded,
    label_text,
    silent_text,
)

_MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "<na>", "nat"})
_ABSENT, _STRANGE, _SILENT = -1, -2, -3


class LabelReader:
    """Reads the labels of one block after another, for one unit."""

    def __init__(self, layout: Layout, findings: Findings) -> None:
        self._layout = layout
        self._findings = findings
        self._codes: dict[str | None, int] = {None: _ABSENT}
        self._names = _name_codes(layout.classes)
        self._base = _first_number(layout)
        self._keys = {layout.vocabulary.key(n, 1): k for k, n in enumerate(layout.classes)}
        self._positive = label_text(layout.positive)
        self._negative = label_text(layout.negative)
        plain_names = self._names.get("0", 0) == 0 and self._names.get("1", 1) == 1
        self._direct = self._positive in (None, "1") and plain_names

    def read(self, block: Any, faults: Faults) -> NDArray[Any]:
        """Return (n,) uint8 (binary, top-label) or int64 (multiclass) codes; faults are added."""
        layout = self._layout
        if layout.label is layout.correct is None and not layout.flags:  # scores without labels
            return np.zeros(block.num_rows, np.int64 if layout.task == "multiclass" else np.uint8)
        if layout.flags or (layout.label and column_kind(_type(block, layout.label)) == "list"):
            codes = self._one_hot(block, faults)
            return codes if layout.task == "multiclass" else codes.astype(np.uint8)
        if layout.task == "multiclass":
            return self._multiclass(block, faults)
        if layout.task == "top-label" and layout.correct is None:
            return self._agreement(block, faults)
        name = layout.correct or layout.label
        assert name is not None
        return self._binary(block, name, faults)

    def _binary(self, block: Any, name: str, faults: Faults) -> NDArray[np.uint8]:
        column = plain(block.column(name))
        if self._direct and not column.null_count:
            fast = _zeros_and_ones(column)
            if fast is not None:
                self._see_fast(fast)
                return fast
        codes = self._looked_up(column, self._binary_code)
        faults.silence("abstained", codes == _SILENT, _describer(name, column))
        self._blame(name, column, codes, "label-not-binary", faults)
        return np.maximum(codes, 0).astype(np.uint8)

    def _see_fast(self, codes: NDArray[np.uint8]) -> None:
        if len(codes) and "0" not in self._findings.negatives and codes.min() == 0:
            self._findings.negatives.add("0")
        if len(codes) and "1" not in self._findings.positives and codes.max() == 1:
            self._findings.positives.add("1")

    def _binary_code(self, text: str) -> int:
        folded = text.casefold()
        if self._layout.silent and silent_text(text) in self._layout.silent:
            return _SILENT
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
            code = _ABSENT if folded in _MISSING else self._spelled(text)
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
        return _ABSENT if text.casefold() in _MISSING else self._spelled(text)

    def _spelled(self, text: str) -> int:
        """Return the class that a label spells in another way than the columns."""
        vocabulary = self._layout.vocabulary
        key = vocabulary.key(text, 0) if vocabulary.how else None
        return _STRANGE if key is None else self._keys.get(key, _STRANGE)

    def _one_hot(self, block: Any, faults: Faults) -> NDArray[np.int64]:
        """Return which of the columns, or of the list's values, is the one that is 1."""
        layout = self._layout
        if layout.flags:
            values = [parse_numbers(block.column(name)).values for name in layout.flags]
            flags = np.column_stack(values)
        else:
            flags = Look(block.column(layout.label)).values
            if flags.shape != (block.num_rows, len(layout.classes)):
                raise InputError(
                    f"the lists in {layout.label!r} do not have one value a class, each 0 or 1"
                )
        bad = ((flags != 0) & (flags != 1)).any(axis=1) | (np.nansum(flags, axis=1) != 1)
        name = layout.label or f"{layout.flags[0]} … {layout.flags[-1]}"
        faults.add(
            "label-not-one-hot", bad, lambda row: (name, " ".join(f"{v:g}" for v in flags[row][:8]))
        )
        codes: NDArray[np.int64] = np.nan_to_num(flags).argmax(axis=1)
        return codes

    def _agreement(self, block: Any, faults: Faults) -> NDArray[np.uint8]:
        """Return whether prediction and label are the same class."""
        layout, found = self._layout, self._findings
        names = (layout.label or "", layout.prediction or "")
        columns = [plain(block.column(name)) for name in names]
        as_stored = not layout.vocabulary.how and layout.claim is None
        if as_stored and all(pa.types.is_integer(c.type) and not c.null_count for c in columns):
            pair = [view(column) for column in columns]
            for side, values in enumerate(pair):
                ends = {str(values.min()), str(values.max())} if len(values) else set()
                found.see_side(side, ends)
            same: NDArray[np.bool_] = pair[0] == pair[1]
        else:
            known: dict[str, int] = {}
            codes = [self._side(side, names[side], columns[side], known, faults) for side in (0, 1)]
            same = codes[0] == codes[1]
        found.agreed += int(np.count_nonzero(same))
        return same.view(np.uint8)

    def _side(
        self, side: int, name: str, column: Any, known: dict[str, int], faults: Faults
    ) -> NDArray[np.int64]:
        """Return (n,) codes, the same for labels and predictions that are the same class."""
        indices, texts = encoded(column)
        texts = [None if t is None or t.casefold() in _MISSING else t for t in texts]
        lookup = []
        for text in texts:
            key = None if text is None else self._layout.vocabulary.key(text, side)
            code = _ABSENT if text is None else _STRANGE
            if side and text is not None and self._is_silent(text, key):
                key, code = None, _SILENT
            lookup.append(code if key is None else known.setdefault(key, len(known)))
        codes = np.array([*lookup, _ABSENT], dtype=np.int64)[indices]
        spoken = {t for t, c in zip(texts, lookup, strict=True) if c not in (_ABSENT, _SILENT)}
        self._findings.see_side(side, {text for text in spoken if text is not None})
        strange = ("label-not-a-class", "prediction-not-a-class")[side]
        told = _describer(name, column)
        if side:
            faults.silence("no-answer", codes == _ABSENT, told)
            faults.silence("abstained", codes == _SILENT, told)
        else:
            faults.add("missing-label", codes == _ABSENT, told)
        faults.add(strange, codes == _STRANGE, told)
        return codes

    def _is_silent(self, text: str, key: str | None) -> bool:
        """Return whether a prediction says that there is none, and --classes does not name it."""
        stated = key is not None and self._layout.vocabulary.pairs is not None
        return not stated and silent_text(text) in self._layout.silent

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


def _type(block: Any, name: str) -> Any:
    return block.schema.field(name).type


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
