"""Outputs under temporary names: there as a whole in the end, or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from calaudit.errors import SettingsError
from calaudit.predictions.addresses import no_folder
from calaudit.predictions.files import File


@dataclass(frozen=True, slots=True)
class Draft:
    """A file on its way.

    Attributes:
        path: what it will be called. shown: as the user wrote it. temporary: where it is now.
    """

    path: Path
    shown: str
    temporary: Path


@contextlib.contextmanager
def drafts_for(outputs: Sequence[str], inputs: Sequence[File]) -> Iterator[list[Draft]]:
    """Give an empty temporary file beside each output; whatever is left of them goes in the end.

    Raises:
        SettingsError: an output is an input, is named twice, or cannot be written.
    """
    drafts: list[Draft] = []
    try:
        for output in outputs:
            drafts.append(_draft(output, inputs, drafts))
        yield drafts
    finally:
        for draft in drafts:
            with contextlib.suppress(OSError):
                draft.temporary.unlink(missing_ok=True)


def publish(drafts: Sequence[Draft]) -> None:
    """Give every draft its name; called when all of them are complete."""
    for draft in drafts:
        with refusing_full_disk(draft.shown):
            with draft.temporary.open("rb") as file:
                os.fsync(file.fileno())
            if draft.path.exists():
                draft.temporary.chmod(draft.path.stat().st_mode & 0o777)
    for draft in drafts:
        with refusing_full_disk(draft.shown):
            draft.temporary.replace(draft.path)


@contextlib.contextmanager
def refusing_full_disk(shown: str) -> Iterator[None]:
    """Raise SettingsError for what the operating system raises when a file cannot be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"cannot write {shown}: {reason}; nothing was left there") from None


def _draft(shown: str, inputs: Sequence[File], others: Sequence[Draft]) -> Draft:
    path = Path(os.path.realpath(shown))
    if any(path == other.path for other in others):
        raise SettingsError(f"{shown} would be written twice: two inputs have that name")
    for file in inputs:
        if path == Path(os.path.realpath(file.path)) or _same_file(path, Path(file.path)):
            raise SettingsError(
                f"{shown} is the input {file.shown}, and inputs are never overwritten; choose "
                "another file"
            )
    if path.is_dir():
        raise SettingsError(f"cannot write {shown}: it is a directory")
    if path.exists() and not path.is_file():  # renaming over a device would remove it
        raise SettingsError(f"cannot write {shown}: it is not a regular file")
    if not path.parent.is_dir():
        raise SettingsError(f"cannot write {shown}: {no_folder(shown)}")
    if path.exists() and not os.access(path, os.W_OK):
        raise SettingsError(f"cannot write {shown}: it is read-only")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with refusing_full_disk(shown), temporary.open("xb"):
        pass
    return Draft(path, shown, temporary)


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
