"""Values with arrays in one small file: the way there and back, and what is refused."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from calaudit.errors import InputError
from calaudit.records.container import head_of, packed, unpacked

SCHEMA = "calaudit.example/3"


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A record with an array."""

    name: str
    counts: np.ndarray
    more: Any = None


def there_and_back(value: Any) -> Any:
    """Return what a file of a value says."""
    return unpacked(SCHEMA, packed(SCHEMA, value), (Held,))


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.tuples(st.integers(), st.text()), inner)
        | st.sets(st.text())
        | st.dictionaries(st.text(), st.integers()).map(Counter)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_values_come_back_as_they_were(value: Any) -> None:
    """Any value of JSON, and of the containers of Python."""
    found = there_and_back(value)
    assert found == value
    assert repr(type(found)) == repr(type(value))


@given(
    arrays.arrays(
        st.sampled_from(["<i8", ">i4", "<u8", "<f8", "<f4", "?"]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0),
    )
)
def test_arrays_come_back_to_the_last_bit(array: np.ndarray) -> None:
    """Whatever their shape, type and order of bytes."""
    found = there_and_back({"a": array})["a"]
    assert found.shape == array.shape
    assert found.dtype == array.dtype.newbyteorder("=")
    assert found.tobytes() == array.astype(found.dtype).tobytes()


def test_dataclasses_hold_arrays_and_one_another() -> None:
    """With keys that are tuples, and numbers that JSON has not."""
    inner = Held("inner", np.arange(4, dtype=np.int64))
    found = there_and_back(Held("outer", np.eye(2), {(1, "a"): inner}))
    assert found.name == "outer"
    assert found.more[1, "a"].counts.tolist() == [0, 1, 2, 3]
    assert np.isposinf(there_and_back([float("inf")])[0])
    assert there_and_back(np.float64(0.1)) == 0.1


def test_same_values_are_the_same_bytes_whatever_the_order_of_a_set() -> None:
    """So that files can be compared."""
    names = [f"name {k}" for k in range(50)]
    assert packed(SCHEMA, {*names}) == packed(SCHEMA, {*names[::-1]})
    assert packed(SCHEMA, Counter(names)) == packed(SCHEMA, Counter(reversed(names)))


def test_arrays_of_counts_are_small() -> None:
    """A byte a number of at most 100, for eight in memory."""
    counts = np.random.default_rng(0).integers(0, 100, 100_000)
    assert len(packed(SCHEMA, counts)) < 1.2 * 100_000


def test_every_byte_counts() -> None:
    """A file with a changed byte, or cut anywhere, is refused."""
    data = packed(SCHEMA, Held("x", np.arange(30)))
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(InputError):
            unpacked(SCHEMA, bytes(changed), (Held,))
    for length in range(len(data)):
        with pytest.raises(InputError):
            unpacked(SCHEMA, data[:length], (Held,))
    with pytest.raises(InputError, match="cut short or damaged"):
        unpacked(SCHEMA, data + b"\0", (Held,))


def test_another_version_and_another_format_are_named() -> None:
    """With what to do."""
    data = packed("calaudit.example/4", [1])
    assert data.startswith(head_of("calaudit.example"))
    with pytest.raises(InputError, match=r"version '4'.* reads 3"):
        unpacked(SCHEMA, data, ())
    with pytest.raises(InputError, match=r"no calaudit\.example file.*calaudit summarize"):
        unpacked(SCHEMA, b"PK\x03\x04", (), "calaudit summarize")


def test_only_classes_that_the_reader_names_are_made() -> None:
    """A file chooses nothing."""
    data = packed(SCHEMA, Held("x", np.arange(3)))
    with pytest.raises(InputError, match="does not fit its version"):
        unpacked(SCHEMA, data, ())


def test_a_class_with_other_fields_is_refused() -> None:
    """A format whose version was forgotten."""

    @dataclass
    class Other:
        name: str

    Other.__name__ = "Held"
    with pytest.raises(InputError, match="counts, more"):
        unpacked(SCHEMA, packed(SCHEMA, Other("x")), (Held,))


def test_no_more_is_unpacked_than_was_promised() -> None:
    """A small file does not fill the memory."""
    line, stream = packed(SCHEMA, "x" * 1_000_000).split(b"\n", 1)
    name, _, checksum = line.split(b" ")
    with pytest.raises(InputError, match="cut short or damaged"):
        unpacked(SCHEMA, b" ".join([name, b"100", checksum]) + b"\n" + stream, ())


@pytest.mark.parametrize("value", [b"bytes", object(), np.array(["text"]), np.array([None])])
def test_what_cannot_come_back_is_not_saved(value: Any) -> None:
    """It is refused where it is written."""
    with pytest.raises(TypeError, match="cannot be saved"):
        packed(SCHEMA, value)
