"""How the numbers of a text column are written: decided once, for all of its cells.

Cell by cell, "1,528" is 1.528 beside a "269" that is 269. So the forms that were seen are kept
until the whole is read, and forms that do not go together are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.predictions.arrays import filled, flag_column, view
from calaudit.predictions.compute import pc

Notation = Mapping[str, str]
"""Forms seen in a column, each with the first cell of that form.

"point" and "comma" are decimal marks, "grouped" may have either a decimal comma or a thousands
separator, "dotted" a decimal or a thousands point, "decimal" a point that can be no other;
"thousands" has a separator beyond doubt, "percent" has a percent sign, "parts" are 8/10 or 8 out of
10; "bare" has neither, and is no share of 1 from 0 to below 1, which is one beside either.
"""

ODD = r"[,%/ '’_\x{a0}\x{2009}\x{202f}]|\..*\."
"""What a number has that is not written as in a program."""

_COMMA = r"^([+-]?[0-9]*),([0-9]+([eE][+-]?[0-9]+)?)$"
_PERCENT = r"^(.*[0-9.])\s*%$"
_PARTS = r"^(?P<part>[0-9]+(?:\.[0-9]+)?)\s*(?:/|out of)\s*(?P<whole>[0-9]+(?:\.[0-9]+)?)$"
_POINT = r"^[+-]?[0-9]*\.[0-9]*([eE][+-]?[0-9]+)?$"
_GROUPED = r"^[+-]?[1-9][0-9]{0,2},[0-9]{3}$"
_DOTTED = r"^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$"
_SHORTEST = len("1.234")
_THOUSANDS = (
    r"^[+-]?[0-9]{1,3}((,[0-9]{3})+\.[0-9]*|(,[0-9]{2,3})+,[0-9]{3}(\.[0-9]*)?"
    r"|(\.[0-9]{3})+,[0-9]*|(\.[0-9]{3}){2,}"
    r"|([ '’_\x{a0}\x{2009}\x{202f}][0-9]{3})+([.,][0-9]*)?)$"
)


def without_marks(text: Any) -> Any:
    """Return trimmed cells without percent signs, and with a point for a decimal comma."""
    text = pc.replace_substring_regex(text, _PERCENT, r"\1")
    return pc.replace_substring_regex(text, _COMMA, r"\1.\2")


def parts(text: Any) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return where trimmed cells say one number out of another, and the shares, NaN elsewhere."""
    found = pc.extract_regex(text, _PARTS)
    mask = view(pc.is_valid(found))
    shares = np.full(len(mask), np.nan)
    if mask.any():
        held = found.filter(flag_column(mask))
        part, whole = (
            view(pc.struct_field(held, name).cast(pa.float64())) for name in ("part", "whole")
        )
        shares[mask] = part / np.where(whole > 0, whole, np.nan)
    return mask & (shares == shares), shares


def forms(
    text: Any, number: Any, parted: NDArray[np.bool_], values: NDArray[np.float64]
) -> dict[str, NDArray[np.bool_]]:
    """Return where each form is.

    Args:
        text: Arrow column of trimmed cells, (n,).
        number: which are numbers `without_marks`.
        parted: (n,) which are `parts`.
        values: (n,) numbers `without_marks`.
    """
    percent = pc.match_substring_regex(text, _PERCENT)
    bare = pc.replace_substring_regex(text, _PERCENT, r"\1")
    grouped = pc.match_substring_regex(bare, _GROUPED)
    found = {
        "percent": pc.and_(number, percent),
        "bare": pc.and_(number, pc.invert(percent)),
        "parts": flag_column(parted),
        "point": pc.match_substring_regex(bare, _POINT),
        "dotted": pc.match_substring_regex(bare, _DOTTED),
        "comma": pc.and_(pc.match_substring_regex(bare, _COMMA), pc.invert(grouped)),
        "grouped": grouped,
        "thousands": pc.match_substring_regex(bare, _THOUSANDS),
    }
    valid = pc.is_valid(text)
    masks = {form: view(pc.and_kleene(mask, valid)) for form, mask in found.items()}
    masks["bare"] &= ~_is_share(values)
    return masks | {"decimal": masks["point"] & ~masks["dotted"]}


def _is_share(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (values >= 0) & (values < 1)
    return found


def plain_notation(text: Any, values: NDArray[np.float64]) -> Notation:
    """Return the notation of cells that are all written as in a program."""
    point = values > np.floor(values)
    bare = (values == values) & ~_is_share(values)
    masks = {"bare": bare, "point": point, "decimal": point & (np.abs(values) < 1)}
    if masks["decimal"].any() or not (np.abs(values) >= 1).any():
        return first_cells(text, masks)  # one point that is a decimal one settles them all
    dotted = (np.abs(values) >= 1) & (view(filled(pc.binary_length(text), 0)) >= _SHORTEST)
    if dotted.any():
        dotted[dotted] = view(pc.match_substring_regex(text.filter(flag_column(dotted)), _DOTTED))
    return first_cells(text, masks | {"dotted": dotted, "decimal": point & ~dotted})


def first_cells(text: Any, masks: Mapping[str, NDArray[np.bool_]]) -> Notation:
    """Return the first cell of each form that there is."""
    return {form: text[int(mask.argmax())].as_py() for form, mask in masks.items() if mask.any()}


def rival(notation: Notation, others: Mapping[str, Notation]) -> str | None:
    """Return why a column's points may part thousands: others of the file have decimal commas."""
    dotted = None if "decimal" in notation else notation.get("dotted")
    for name, other in others.items():
        if dotted and "comma" in other:
            return (
                f"may have points between thousands, as in {dotted!r}, since {name!r} has decimal "
                f"commas, as in {other['comma']!r}; write a point before decimals in both columns, "
                "and nothing between thousands"
            )
    return None


def ambiguity(notation: Notation) -> str | None:
    """Return why a column's numbers cannot be read, and what to do; None where they can."""
    comma, point = notation.get("comma"), notation.get("point")
    grouped = notation.get("thousands") or (None if comma else notation.get("grouped"))
    if grouped:
        return (
            f"seem to have thousands separators, as in {grouped!r}; write them without, and with "
            "a point before decimals"
        )
    if comma and point:
        return f"have two decimal marks, as in {comma!r} and {point!r}; write a point in each"
    for form, told in (("percent", "percentages"), ("parts", "parts of a whole")):
        if form in notation and "bare" in notation:
            marked, bare = notation[form], notation["bare"]
            return f"are {told} here and not there, as in {marked!r} and {bare!r}; write one kind"
    return None
