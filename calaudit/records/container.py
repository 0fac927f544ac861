"""Values with arrays in one small file: versioned, checksummed, the same bytes for the same values.

A file is a line of text and a stream of zlib. The line is ``NAME/VERSION LENGTH SHA256``, the last
two of what the stream holds: eight bytes with the length of a JSON text, the text, and the bytes
of all arrays one after another. The text is ``{"arrays": [[TYPE, SHAPE], …], "value": …}``, where
an object of one key stands for what JSON has not: ``{"array": 0}``, ``{"tuple": […]}``,
``{"set": […]}``, ``{"dict": [[KEY, VALUE], …]}``, ``{"float": "inf"}``, and
``{"Name": {FIELD: VALUE, …}}`` for a dataclass. Bytes of an array are little-endian and stand in
planes, the first bytes of all numbers first, which zlib makes smaller. Nothing in a file is run,
and no class is made but those that the reader names.
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import InputError
from calaudit.records.parse import parsed

KINDS = "biuf"
"""Kinds of numpy's types that an array may have: truth values, whole numbers and floats."""

_MADE: dict[str, Callable[[Any], Any]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "Counter": lambda pairs: Counter(dict(pairs)),
    "dict": dict,
    "datetime64": np.datetime64,
    "float": float,
}
"""Tag → what it makes of a list, of pairs, or of a text."""


def head_of(name: str) -> bytes:
    """Return what every file of a format begins with, whatever its version."""
    return f"{name}/".encode()


def packed(schema: str, value: Any) -> bytes:
    """Return a value as the bytes of a file.

    Args:
        schema: name and version of the format, such as "calaudit.shard/1".
        value: of None, bool, int, float, str, list, tuple, set, frozenset, dict, Counter, numbers
            and arrays of numpy, and dataclasses whose fields are of these.

    Raises:
        TypeError: something else is in it.
    """
    arrays: list[NDArray[Any]] = []
    tree = _encoded(value, arrays)
    told = {"arrays": [[a.dtype.newbyteorder("<").str, [*a.shape]] for a in arrays], "value": tree}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    content = b"".join([len(text).to_bytes(8, "little"), text, *map(_planes, arrays)])
    line = f"{schema} {len(content)} {hashlib.sha256(content).hexdigest()}\n"
    return line.encode() + zlib.compress(content, 6)


def unpacked(schema: str, data: bytes, classes: Iterable[type], written_by: str = "") -> Any:
    """Return the value that `packed` was given.

    Args:
        schema: name and version of the format.
        data: all bytes of the file.
        classes: dataclasses that may stand in it.
        written_by: the command that writes such files, for messages.

    Raises:
        InputError: it is another format, another version, cut short or damaged. The message has
            no name of the file.
    """
    again = f"; write it again{f' with {written_by}' if written_by else ''}"
    line = data[:200].partition(b"\n")[0]
    found, *rest = line.decode("utf-8", "replace").split(" ")
    name, _, version = schema.rpartition("/")
    if not line.startswith(head_of(name)):
        raise InputError(f"it is no {name} file{again}")
    if found != schema:
        raise InputError(
            f"it is of version {found.rpartition('/')[2][:20]!r} of its format, and this calaudit "
            f"reads {version}: read it with the calaudit that wrote it, or write it again with this"
        )
    content = _content(data[len(line) + 1 :], rest)
    if content is None:
        raise InputError(f"it is cut short or damaged (its checksum is of other bytes){again}")
    try:
        return _value_of(content, {each.__name__: each for each in classes})
    except (InputError, KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise InputError(f"what it holds does not fit its version ({error}){again}") from error


def _content(stream: bytes, promised: list[str]) -> bytes | None:
    """Return what the stream holds if it is what the first line promises."""
    if len(promised) != 2 or not promised[0].isdecimal() or len(promised[0]) > 15:
        return None
    reader, length = zlib.decompressobj(), int(promised[0])
    try:
        content = reader.decompress(stream, length + 1)  # no more, whatever the stream says
    except zlib.error:
        return None
    whole = reader.eof and not reader.unused_data and len(content) == length
    return content if whole and hashlib.sha256(content).hexdigest() == promised[1] else None


def _encoded(value: Any, arrays: list[NDArray[Any]]) -> Any:
    """Return JSON values; arrays are added to ``arrays`` and stand as their number."""

    def inner(each: Any) -> Any:
        return _encoded(each, arrays)

    if isinstance(value, np.datetime64):
        return {"datetime64": str(value)}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in KINDS:
            raise TypeError(f"an array of {value.dtype} cannot be saved")
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {
            type(value).__name__: {f.name: inner(getattr(value, f.name)) for f in fields(value)}
        }
    if isinstance(value, set | frozenset):
        return {type(value).__name__: [inner(each) for each in sorted(value)]}
    if isinstance(value, Counter):
        return {"Counter": [[inner(key), count] for key, count in sorted(value.items())]}
    if isinstance(value, Mapping):
        return {"dict": [[inner(key), inner(each)] for key, each in value.items()]}
    if isinstance(value, list | tuple):
        found = [inner(each) for each in value]
        return found if isinstance(value, list) else {"tuple": found}
    raise TypeError(f"a {type(value).__name__} cannot be saved")


def _planes(array: NDArray[Any]) -> bytes:
    """Return the bytes of an array in planes: the first of each number, the second, …."""
    flat = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(-1)
    return flat.view(np.uint8).reshape(-1, array.itemsize).T.tobytes()


def _value_of(content: bytes, classes: dict[str, type]) -> Any:
    """Return the value that the content of a file says."""
    start = 8 + int.from_bytes(content[:8], "little")
    told = parsed(content[8:start])
    arrays = []
    for name, shape in told["arrays"]:
        dtype = np.dtype(name)
        count = math.prod(shape)
        end = start + count * dtype.itemsize
        planes = np.frombuffer(content[start:end], np.uint8).reshape(dtype.itemsize, count)
        flat = np.ascontiguousarray(planes.T).reshape(-1).view(dtype)
        arrays.append(flat.astype(dtype.newbyteorder("="), copy=False).reshape(shape))
        start = end
    if start != len(content):
        raise ValueError(f"{len(content) - start} bytes are of no array")
    return _decoded(told["value"], arrays, classes)


def _decoded(value: Any, arrays: list[NDArray[Any]], classes: dict[str, type]) -> Any:
    def inner(each: Any) -> Any:
        return _decoded(each, arrays, classes)

    if isinstance(value, list):
        return [inner(each) for each in value]
    if not isinstance(value, dict):
        return value
    ((tag, held),) = value.items()
    if tag == "array":
        return arrays[held]
    if tag in _MADE:
        return _MADE[tag](inner(held))
    names = {f.name for f in fields(classes[tag])}
    if names != held.keys():
        odd = ", ".join(sorted(names ^ held.keys()))
        raise ValueError(f"{tag} with or without {odd}")
    return classes[tag](**{name: inner(each) for name, each in held.items()})
