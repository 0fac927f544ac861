"""Addresses of objects in stores, as opposed to names of files."""

from __future__ import annotations

import re
from pathlib import Path

SCHEMES = ("s3", "gs", "abfs", "abfss", "http", "https")
"""What addresses begin with; any other name is a local one."""

_SECRET = re.compile(
    r"([?&][^=&]*(?:sig|token|key|cred|secret|pass|auth)[^=&]*=)[^&]+|(?<=://)[^/@]+:[^/@]+@", re.I
)


def is_remote(name: str | Path) -> bool:
    """Return whether a name is an address: a scheme that is known, ``//`` and a place."""
    scheme, sign, place = str(name).partition("://")
    return bool(sign and place) and scheme.lower() in SCHEMES


def no_folder(name: str | Path) -> str:
    """Return why nothing can be written where no directory is; paths lose a slash of addresses."""
    if re.match(rf"(?:{'|'.join(SCHEMES)}):/", str(name), re.I):
        return "results are written to files: name one, and copy it to the store from there"
    return "its directory does not exist"


def named_path(given: str) -> tuple[str, str]:
    """Return the two parts of NAME=FILE; of a file without a name, "" and the file."""
    name, equals, file = given.partition("=")
    whole = is_remote(given) or Path(given).exists()
    return (name, file) if equals and name and not whole else ("", given)


def public(name: str) -> str:
    """Return a name without the secrets that addresses may carry."""
    if not is_remote(name):
        return name
    return _SECRET.sub(lambda found: f"{found[1]}…" if found[1] else "", name)
