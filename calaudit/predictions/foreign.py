"""Files of other kinds: what they are, and how to make one of them that can be read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from calaudit.errors import InputError
from calaudit.predictions.compression import is_wide

_PANDAS = "Convert it: python -c \"import pandas; pandas.{0}({{0}}).to_parquet('rows.parquet')\""
_SHEET = _PANDAS.format("read_excel") + ", or save the sheet as CSV"
_UNPACK = "Unpack it, and give a file in it"
_TENSORS = (
    "If it is yours: python -c \"import torch, numpy; numpy.savez('rows.npz', "
    '**{{k: numpy.asarray(v) for k, v in torch.load({0}).items()}})"'
)
_PICKLE = (
    "a Python pickle, which is never opened because it can run code",
    'If it is yours: python -c "import pandas; pandas.DataFrame(pandas.read_pickle({0}))'
    ".to_parquet('rows.parquet')\"",
)

_FOREIGN: dict[bytes, tuple[str, str]] = {
    **dict.fromkeys((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"), _PICKLE),
    b"<!doctype": ("an HTML page", "Download the file itself"),
    b"<html": ("an HTML page", "Download the file itself"),
    b"<?xml": ("an XML document", _PANDAS.format("read_xml")),
    b"sqlite format": ("a SQLite database", _PANDAS.format("read_sql")),
    b"\x89hdf": ("an HDF5 file", _PANDAS.format("read_hdf")),
    b"orc": ("an ORC file", _PANDAS.format("read_orc")),
    b"obj\x01": ("an Avro file", "Convert it to Parquet"),
    b"@relation": ("an ARFF file of Weka", "Save it as CSV, as weka.core.converters.CSVSaver does"),
    b"\xff\xfe\x00\x00": ("UTF-32 text", "Save it as UTF-8"),
    b"$fl2": ("an SPSS file", _PANDAS.format("read_spss")),
    b"$fl3": ("an SPSS file", _PANDAS.format("read_spss")),
    b"<stata_dta": ("a Stata file", _PANDAS.format("read_stata")),
    b"header record": ("a SAS file", _PANDAS.format("read_sas")),
    b"fea1": ("a Feather file of version 1", _PANDAS.format("read_feather")),
    b"matlab": ("a MATLAB file", "Convert it where SciPy is: scipy.io.loadmat"),
    b"\xd0\xcf\x11\xe0": ("an old Office file", _SHEET),
    b"rdx": ("an R data file", "Write it in R with write.csv or arrow::write_parquet"),
    b"x\n\x00": ("an R data file", "Write it in R with write.csv or arrow::write_parquet"),
    b"version https://git-lfs": ("a Git LFS pointer", "Fetch the data with `git lfs pull`"),
    b"%pdf": ("a PDF document", "Give the data behind it"),
    b"\x89png": ("a PNG image", "Give the data behind it"),
    b"7z\xbc\xaf": ("a 7z archive", _UNPACK),
    b"rar!": ("a RAR archive", _UNPACK),
}

_ARCHIVES = (
    ("xl/", "an Excel workbook", _SHEET),
    ("content.xml", "an OpenDocument file", _SHEET),
    ("word/", "a Word document", "Give the data behind it"),
    ("/data.pkl", "a PyTorch file, which is never opened because it can run code", _TENSORS),
)


def refuse_foreign(shown: str, head: bytes) -> None:
    """Raise InputError if a file begins as one of another kind, or as no text."""
    lowered = head.lstrip().lower()
    for magic, (what, way) in _FOREIGN.items():
        if lowered.startswith(magic):
            raise InputError(f"{shown}: is {what}. {_told(way, shown)}.")
    if head[257:262] == b"ustar":
        raise InputError(f"{shown}: is a tar archive. {_UNPACK}.")
    if shown.lower().endswith((".parquet", ".pq")) and b"\0" in head:
        raise InputError(f"{shown}: does not begin as a Parquet file. It is damaged or misnamed.")
    if b"\0" in head and not is_wide(head):
        raise InputError(f"{shown}: is not text, and no format that is known. Use Parquet or CSV.")


def _told(way: str, shown: str) -> str:
    """Return what to do, with the name of the file where a line of code needs it."""
    plain = re.fullmatch(r"[\w./ -]+", shown) is not None
    return way.format(repr(shown if plain else "FILE"))


def archive_of(members: Sequence[str], shown: str) -> str:
    """Return what a zip archive without arrays is, and what to do."""
    for sign, what, way in _ARCHIVES:
        if any(name.startswith(sign) or name.endswith(sign) for name in members):
            return f"is {what}. {_told(way, shown)}."
    held = f" that holds {', '.join(members[:3])}" if members else ""
    return f"is a zip archive{held}, and no .npz. {_UNPACK}."
