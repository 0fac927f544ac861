"""Changes to valid inputs, as damage and malice make them: all from one seeded generator."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

__all__ = ["mutated"]

WORDS = [
    b"", b"nan", b"inf", b"-1", b"1e999", b"9" * 400, b'"', b"'", b"\0", b"\r", b"\n", b"\n\n",
    b",", b";", b"\t", b"\xff\xfe", b"\xef\xbb\xbf", "é\u202e".encode(), b"1,234", b"1_000",
    b"0x1p3", b"[1, 2", b"{", b"}", b"null", b"true", b"=1+1", b"::error::x", b"\x1b[31m",
    b"a" * 5000,
]  # fmt: skip
VALUES: list[Any] = [
    None, True, -1, 0, 1, 1.5, -1e308, 10**400, "", "nan", "x" * 5000, "\ud800", "::error::x\n",
    [], {}, [[]], [None], {"": None}, float("1e308"),
]  # fmt: skip

Rng = random.Random


def mutated(content: bytes, kind: str, other: bytes, rng: Rng) -> bytes:
    """Return ``content`` changed once or a few times.

    Args:
        content: the input.
        kind: "bytes", "text", "json", "lines" or "toml".
        other: another input, of which pieces may be taken.
        rng: what decides everything.
    """
    ways: list[Callable[[bytes], bytes]] = [
        lambda data: BYTES[rng.randrange(len(BYTES))](data, rng, other)
    ]
    if kind in ("text", "json", "lines", "toml"):
        ways += [lambda data: TEXT[rng.randrange(len(TEXT))](data, rng)] * 2
    if kind == "json":
        ways += [lambda data: _tree(data, rng)] * 4
    if kind == "lines":
        ways += [lambda data: _in_line(data, rng)] * 4
    for _ in range(1 if rng.random() < 0.7 else rng.randint(2, 4)):
        content = rng.choice(ways)(content)
    return content


def _flip(data: bytes, rng: Rng, _: bytes) -> bytes:
    changed = bytearray(data)
    for _bit in range(rng.choice([1, 1, 1, 2, 8])):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _set(data: bytes, rng: Rng, _: bytes) -> bytes:
    changed = bytearray(data)
    if changed:
        changed[rng.randrange(len(changed))] = rng.choice([0, 1, 127, 128, 255, rng.randrange(256)])
    return bytes(changed)


def _span(data: bytes, rng: Rng) -> tuple[int, int]:
    length = min(len(data), rng.choice([1, 2, 8, 64, 512, len(data) // 2]))
    begin = rng.randint(0, len(data) - length)
    return begin, begin + length


def _delete(data: bytes, rng: Rng, _: bytes) -> bytes:
    begin, end = _span(data, rng)
    return data[:begin] + data[end:]


def _repeat(data: bytes, rng: Rng, _: bytes) -> bytes:
    begin, end = _span(data, rng)
    return data[:end] + data[begin:]


def _zero(data: bytes, rng: Rng, _: bytes) -> bytes:
    begin, end = _span(data, rng)
    return data[:begin] + bytes(end - begin) + data[end:]


def _noise(data: bytes, rng: Rng, _: bytes) -> bytes:
    begin, end = _span(data, rng)
    return data[:begin] + rng.randbytes(end - begin) + data[end:]


def _insert(data: bytes, rng: Rng, _: bytes) -> bytes:
    at = rng.randint(0, len(data))
    return data[:at] + rng.randbytes(rng.choice([1, 4, 100])) + data[at:]


def _cut(data: bytes, rng: Rng, _: bytes) -> bytes:
    return data[: rng.randint(0, len(data))]


def _append(data: bytes, rng: Rng, other: bytes) -> bytes:
    return data + rng.choice([b"\0", b"\n", bytes(512), rng.randbytes(30), data, other])


def _graft(data: bytes, rng: Rng, other: bytes) -> bytes:
    begin, end = _span(data, rng)
    a, b = _span(other, rng)
    return data[:begin] + other[a:b] + data[end:]


BYTES = [
    _flip, _flip, _set, _set, _delete, _repeat, _zero, _noise, _insert, _cut, _append, _graft,
]  # fmt: skip


def _word(data: bytes, rng: Rng) -> bytes:
    at = rng.randint(0, len(data))
    end = min(len(data), at + rng.choice([0, 0, 1, 5]))
    return data[:at] + rng.choice(WORDS) + data[end:]


def _lines(data: bytes, rng: Rng) -> bytes:
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    way = rng.randrange(4)
    if way == 0:
        del lines[i]
    elif way == 1:
        lines.insert(j, lines[i])
    elif way == 2:
        lines[i], lines[j] = lines[j], lines[i]
    else:
        lines[i] = rng.choice(WORDS) + lines[i]
    return b"".join(lines)


TEXT = [_word, _word, _lines]


def _in_line(data: bytes, rng: Rng) -> bytes:
    """Change a value somewhere in a line of JSON."""
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at] = _tree(lines[at], rng)
    return b"\n".join(lines)


def _tree(data: bytes, rng: Rng) -> bytes:
    """Change a value somewhere in JSON; what is no JSON any more stays."""
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        return data
    at: Any = values
    while isinstance(at, dict | list) and at:
        key = rng.choice(list(at)) if isinstance(at, dict) else rng.randrange(len(at))
        if not isinstance(at[key], dict | list) or not at[key] or rng.random() < 0.2:
            _change(at, key, rng)
            break
        at = at[key]
    return json.dumps(values).encode()


def _change(at: Any, key: Any, rng: Rng) -> None:
    way = rng.randrange(6)
    if way == 0:
        del at[key]
    elif way == 1 and isinstance(at, list):
        at.append(at[key])
    elif way == 2 and isinstance(at[key], float):
        at[key] = at[key] * rng.choice([-1, 2, 1e-3, 1e300]) + rng.choice([0, 1, 1e-9])
    elif way == 3:
        deep: Any = at[key]
        for _ in range(rng.choice([1, 50, 900])):
            deep = [deep]
        at[key] = deep
    else:
        at[key] = rng.choice(VALUES)
