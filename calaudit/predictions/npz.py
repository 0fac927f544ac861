"""NumPy files: every array of an ``.npz`` is a column; pickled objects are never loaded."""

from __future__ import annotations

import os
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.addresses import is_remote
from calaudit.predictions.arrays import array_column
from calaudit.predictions.catalogue import listed
from calaudit.predictions.foreign import archive_of
from calaudit.predictions.frames import TableSource, table_of
from calaudit.predictions.look import sums_to_one
from calaudit.predictions.names import NAMES, folded
from calaudit.predictions.pixels import PixelSource, pixel_maps, squeezed
from calaudit.predictions.regions import region_ids
from calaudit.predictions.roles import Roles
from calaudit.predictions.source import Input, first_line
from calaudit.predictions.spelling import split_names
from calaudit.predictions.storage import open_raw, stamp

AXIS = ".axis"
"""Stands before the axis and the number of a member in what its scores are called."""

_HEADER = 128
"""Most bytes that a member has besides its name and its content."""


def open_npz(
    path: str,
    shown: str,
    size: int,
    notes: list[Finding],
    *,
    alone: bool,
    roles: Roles,
) -> TableSource | PixelSource:
    """Return the arrays of an ``.npz`` as a table; those of other lengths are noted.

    Maps of scores beside maps of labels have a row a pixel.

    Raises:
        InputError: a single ``.npy`` array, pickled objects, a zip that is no ``.npz``, or an
            array with the name of a role that is not as long as the others.
    """
    with open_raw(path) as file:
        if file.read(1) == b"\x93":
            return open_arrays([(path, shown)], alone=alone, roles=roles)
    try:
        with open_raw(path) as file, zipfile.ZipFile(file) as archive:
            members = archive.namelist()
            _check_members(members, shown)
            _check_alone(archive, file)
            names = [name for name in members if name.endswith(".npy")]
            arrays = {name.removesuffix(".npy"): _array(archive, name) for name in names}
    except InputError:
        raise
    except Exception as error:  # zipfile, its codecs and numpy have errors of their own
        raise _failure(error, shown) from error
    arrays = {name: _by_row(array, arrays) for name, array in arrays.items()}
    arrays = {name: part for pair in arrays.items() for name, part in _levels(*pair)}
    maps = _maps(arrays, shown, size, shown, roles)
    return maps if maps is not None else _as_table(arrays, shown, size, notes, roles)


def open_arrays(
    files: Sequence[tuple[str, str]],
    *,
    roles: Roles,
    alone: bool = False,
    of: str = "",
) -> TableSource | PixelSource:
    """Return ``.npy`` files as the columns of a table, each named after its file.

    Args:
        files: where each is, and how the user named it.
        roles: as declared: which arrays are maps, and of what.
        alone: whether one array is enough, as no labels are needed.
        of: what they are of, such as an image, where other files are of others.

    Raises:
        InputError: an array alone, of other lengths than another, or of the name of another.
    """
    together = " ".join(shown for _, shown in files)
    arrays: dict[str, Any] = {}
    for path, shown in files:
        name = _part(shown, of)
        if name in arrays:
            raise InputError(f"{shown}: two of the files are called {name!r}. Rename one of them.")
        try:
            with open_raw(path) as file:
                array = None if is_remote(path) else _mapped(path)
                arrays[name] = _whole_array(file, shown) if array is None else array
        except InputError:
            raise
        except Exception as error:
            raise _failure(error, shown) from error
    size = sum(stamp(path)[0] for path, _ in files)
    maps = _maps(arrays, together, size, of or files[0][1], roles)
    if maps is not None:
        return maps
    first = next(iter(arrays.values()))
    if len(arrays) == 1 and first.dtype.names is None and not alone:
        raise InputError(
            f"{together}: is a single array. Give scores and labels in two files, as in "
            "scores.npy labels.npy, or together, as in numpy.savez(file, probs=…, label=…)."
        )
    if any(array.ndim > 2 for array in arrays.values()):
        raise _no_maps(arrays, together)
    if len(arrays) == 1 and first.dtype.names is not None:
        arrays = {name: first[name] for name in first.dtype.names}
    try:
        table = table_of({name: array_column(a, name) for name, a in arrays.items()}, together)
    except SettingsError as error:
        raise InputError(f"{error}.") from error
    return TableSource(table, Input(together, "numpy", size, table.num_rows))


def _part(shown: str, of: str) -> str:
    """Return what a file holds of what it is of, by its name or that of its folder."""
    stem = Path(shown).stem
    if not of:
        return stem
    return Path(shown).parent.name if stem == of else stem.replace(of, "", 1).strip("_")


def _mapped(path: str) -> Any:
    """Return an array of more than two axes without reading it; None for any other.

    Raises:
        ValueError: the file is longer or shorter than the array.
    """
    array = np.lib.format.open_memmap(path, mode="r")
    if array.ndim < 3:
        return None
    if array.offset + array.nbytes != Path(path).stat().st_size:
        raise ValueError("it holds more than its header says")
    return array


def _maps(
    arrays: dict[str, Any], shown: str, size: int, name: str, roles: Roles
) -> PixelSource | None:
    """Return the pixels of maps, with ids of their regions if wanted; None where there are none."""
    regions = split_names(roles.regions) if roles.regions else ()
    ids = region_ids(arrays, regions, shown) if regions else []
    others = {n: a for n, a in arrays.items() if n not in regions}
    maps = pixel_maps(others, shown, roles)
    if maps is None:
        ids = [squeezed(each) for each in ids]
        maps = pixel_maps({n: squeezed(a) for n, a in others.items()}, shown, roles)
    if maps is None and regions:
        raise InputError(f"{shown}: --regions needs maps of scores and of labels beside it.")
    if maps is None:
        return None
    prefix = Path(name).stem + (":" if len(maps.labels) > 1 else "")
    return PixelSource(maps, shown, size, prefix, ids)


def _failure(error: Exception, shown: str) -> InputError:
    if "pickle" in str(error).lower() or "Python objects" in str(error):
        return InputError(
            f"{shown}: holds pickled objects, which are never loaded because they can run code. "
            "Save plain numeric or text arrays."
        )
    return InputError(
        f"{shown}: is damaged, or not what it begins as ({first_line(error)}). Copy or write it "
        "again."
    )


def _check_members(members: list[str], shown: str) -> None:
    twice = [name for name, count in Counter(members).items() if count > 1]
    if twice:
        raise InputError(f"{shown}: holds {twice[0]!r} twice. Write it again with one of them.")
    if not any(name.endswith(".npy") for name in members):
        raise InputError(f"{shown}: {archive_of(members, shown)}")


def _check_alone(archive: zipfile.ZipFile, file: Any) -> None:
    """Refuse an archive in a file that holds more than its directory lists.

    Raises:
        ValueError: it does, as two archives that were joined do.
    """
    end = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if not 0 <= info.header_offset - end < _HEADER:
            break
        with archive.open(info):  # its own header must have the same name
            end = info.header_offset + len(info.orig_filename) + info.compress_size
    file.seek(-22 - len(archive.comment), os.SEEK_END)
    if not 0 <= archive.start_dir - end < _HEADER or file.read(4) != b"PK\x05\x06":
        raise ValueError("its directory does not list all that is in it")


def _array(archive: zipfile.ZipFile, name: str) -> Any:
    with archive.open(name) as member:
        return _whole_array(member, name)


def _whole_array(file: Any, name: str) -> Any:
    array = np.lib.format.read_array(file, allow_pickle=False)
    if file.read(1):  # the checksum of an archive is looked at where its member ends
        raise ValueError(f"{name} holds more than its header says")
    return array


def _by_row(array: Any, arrays: dict[str, Any]) -> Any:
    """Return (n, L) scores of labels where scikit-learn has (L, n, 2); any other array as it is."""
    if array.ndim != 3 or array.shape[2] != 2 or array.shape[0] == array.shape[1]:
        return array
    labels = {a.shape for a in arrays.values() if a.ndim == 2}
    return array[:, :, 1].T if array.shape[1::-1] in labels else array


def _levels(name: str, array: Any) -> list[tuple[str, Any]]:
    """Return sets (n, K, levels), or ends of intervals (n, 2, levels), of MAPIE level by level."""
    known = array.ndim == 3 and re.search(r"p(i|s|is|ss)$|interval|sets?$", name)
    if known and array.dtype.kind == "b":
        return [(f"{name}[:, :, {k}]", array[:, :, k]) for k in range(array.shape[2])]
    if not known or array.shape[1] != 2:
        return [(name, array)]
    return [
        (f"{name}[:, {side}, {k}]", np.ascontiguousarray(array[:, side, k]))
        for k in range(array.shape[2])
        for side in (0, 1)
    ]


def _as_table(
    arrays: dict[str, Any], shown: str, size: int, notes: list[Finding], roles: Roles
) -> TableSource:
    lengths = {name: len(array) for name, array in arrays.items() if array.ndim in (1, 2)}
    known = [name for name in lengths if any(folded(name) in names for names in NAMES.values())]
    rows = max((lengths[name] for name in known or lengths), default=0)
    short = [name for name in known if lengths[name] != rows]
    if short:
        long = next(name for name in known if lengths[name] == rows)
        raise InputError(
            f"{shown}: {short[0]!r} has {lengths[short[0]]:,} entries, but {long!r} {rows:,}. Save "
            "one entry a row in both, or give the one that is something else another name."
        )
    columns = {
        name: array_column(arrays[name], name) for name, length in lengths.items() if length == rows
    }
    far = {n: a for n, a in arrays.items() if a.ndim > 2}
    scored = any(arrays[name].dtype.kind == "f" for name in columns)
    for name, array in far.items():
        if array.ndim == 3 and array.dtype.kind == "f" and (not scored or _is_named(name, roles)):
            members = _members(name, array, rows)
            columns |= {each: array_column(part, each) for each, part in members.items()}
    if far and not scored and not any(AXIS in name for name in columns):
        raise _no_maps(far, shown)
    if not columns:
        raise InputError(f"{shown}: holds no arrays with one entry a row, but {_shapes(arrays)}.")
    left = [
        f"{name} {array.shape}" for name, array in arrays.items()
        if name not in columns and not any(each.startswith(f"{name}{AXIS}") for each in columns)
    ]  # fmt: skip
    if left:
        more = ", …" if len(left) > 3 else ""
        arrays_left = f"{', '.join(left[:3])}{more}"
        notes.append(finding("arrays-left-out", file=shown, arrays=arrays_left))
    try:
        table = table_of(columns, shown)
    except SettingsError as error:
        raise InputError(str(error)) from error
    return TableSource(table, Input(shown, "numpy", size, table.num_rows))


def _members(name: str, array: Any, rows: int) -> dict[str, Any]:
    """Return the (n, K) scores of each member in an array of three axes, by name and axis.

    The axis of the rows is as long as the labels, and along that of the classes probabilities sum
    to 1. What both leave open stays so: each axis that may be that of the members is taken.
    """
    found = {}
    for axis, size in enumerate(array.shape):
        each = np.moveaxis(array, axis, 0)
        if rows in each.shape[1:] and size > 1:
            found[axis] = each if each.shape[1] == rows else each.swapaxes(1, 2)
    whole = [axis for axis, each in found.items() if sums_to_one(each[0])]
    return {
        f"{name}{AXIS}{axis}[{m}]": part
        for axis in whole or found
        for m, part in enumerate(found[axis])
    }


def _is_named(name: str, roles: Roles) -> bool:
    """Return whether an array, or a part of it, is named as the scores."""
    given = roles.probs or roles.logits or ()
    return any(each.startswith(name) for each in ([given] if isinstance(given, str) else given))


def _no_maps(arrays: dict[str, Any], shown: str) -> InputError:
    """Return the refusal of arrays of several axes of which none are scores beside labels."""
    return InputError(
        f"{shown}: holds no maps of scores and labels that fit together, but {_shapes(arrays)}. "
        "Save scores as decimals (images, height, width), or with an axis of classes at the end, "
        "beside labels as whole numbers (images, height, width)."
    )


def _shapes(arrays: dict[str, Any]) -> str:
    return listed((f"{name} {a.shape} {a.dtype}" for name, a in arrays.items()), 4)
