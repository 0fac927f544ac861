"""Files that are written: checked before the long work, complete or not there after it."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Sequence
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calaudit.cli.streams import print_message
from calaudit.errors import SettingsError
from calaudit.predictions.addresses import no_folder

if TYPE_CHECKING:
    from calaudit.report.rendered import Rendered

Contents = Sequence[tuple[Path, str | bytes]]
"""What is written where."""


def checked_outputs(
    paths: Sequence[Path],
    data: Sequence[str | None],
    *,
    command: str = "evaluate",
    suffix: str = "",
) -> tuple[Path, ...]:
    """Return the real paths of the outputs, each of which can be written.

    Args:
        paths: the files to write, as the user named them.
        data: the inputs, as the user named them; none of them is overwritten.
        command: whose report is written; "check" has more formats.
        suffix: of what is no report.

    Raises:
        SettingsError: a suffix is unknown, a folder is missing or not writable, or a file is
            an input or named twice.
    """
    checked: list[Path] = []
    for path in paths:
        if not suffix:
            _check_suffix(path, command)
        elif path.suffix.lower() != suffix:
            raise SettingsError(f"{path} must end in {suffix}, which calaudit {command} writes")
        real = Path(os.path.realpath(path))
        if real in checked:
            raise SettingsError(f"{path} is named twice as an output")
        try:
            _check_not_input(path, real, data)
            _check_writable(path, real)
        except OSError as error:  # a name that no file can have, for instance
            raise _refusal(path, error) from None
        checked.append(real)
    return tuple(checked)


def contents_of(report: Rendered, paths: Sequence[Path], **drawn: Any) -> Contents:
    """Return the report as each of ``paths`` will hold it; ``drawn``: as `render` takes it.

    Raises:
        SettingsError: the report has no such picture.
    """
    from calaudit.report.formats import render

    return [(path, render(report, path.suffix, **drawn)) for path in paths]


def write_contents(contents: Contents, *, quiet: bool = False) -> None:
    """Write all files, or none of them.

    Raises:
        SettingsError: a file cannot be written (the disk is full, for instance).
    """
    with contextlib.ExitStack() as stack:
        written = [(stack.enter_context(_written_to(path, what)), path) for path, what in contents]
        for temporary, path in written:
            try:
                temporary.replace(path)
            except OSError as error:
                raise _refusal(path, error) from None
            if not quiet:
                print_message("", f"wrote {path}")


@contextlib.contextmanager
def _written_to(path: Path, content: str | bytes) -> Iterator[Path]:
    """Give a temporary file beside ``path`` that holds ``content``; it is gone afterwards.

    Text is UTF-8 with ends of lines as they are; half a surrogate pair, which names from JSON can
    hold, becomes an escape.
    """
    if isinstance(content, str):
        content = content.encode("utf-8", "backslashreplace")
    if path.exists() and not path.is_file():  # renaming over a device would remove it
        raise SettingsError(
            f"cannot write {path}: it is not a regular file. Print the result instead (--json, "
            "say) and send standard output there"
        )
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            with temporary.open("xb") as f:
                f.write(content)
                f.flush()
                os.fsync(f.fileno())
            if path.exists():
                temporary.chmod(path.stat().st_mode & 0o777)
        except OSError as error:
            raise _refusal(path, error) from None
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _refusal(path: Path, error: OSError) -> SettingsError:
    """Return the error for an output that cannot be written."""
    return SettingsError(f"cannot write {path}: {error.strerror or error}; nothing was left there")


def _check_suffix(path: Path, command: str) -> None:
    from calaudit.report.formats import formats_of, suffixes

    if path.suffix.lower() not in suffixes(command):
        raise SettingsError(
            f"cannot tell the format of {path} from its suffix; those known are "
            + formats_of(command, path.suffix)
        )


def _check_writable(path: Path, real: Path) -> None:
    """Try the folder with an empty file that is removed at once."""
    if real.is_dir():
        raise SettingsError(f"cannot write {path}: it is a directory")
    if not real.parent.is_dir():
        raise SettingsError(f"cannot write {path}: {no_folder(path)}")
    if real.exists() and not os.access(real, os.W_OK):
        raise SettingsError(f"cannot write {path}: it is read-only")
    with _written_to(real, ""):
        pass


def _check_not_input(path: Path, real: Path, data: Sequence[str | None]) -> None:
    for name in data:
        if name is None or name == "-":
            continue
        matches = glob(name, recursive=True)  # noqa: PTH207 - a pattern may be absolute
        for found in [name, *matches]:
            source = Path(os.path.realpath(found))
            inside = source in real.parents and _is_folder(source) and real.exists()
            if real == source or inside or _same_file(real, source):
                where = f"the input {found}" if not inside else f"the input directory {found}"
                is_input = "exists in" if inside else "is"
                raise SettingsError(
                    f"{path} {is_input} {where}, and inputs are never overwritten; "
                    "choose another file"
                )


def _is_folder(path: Path) -> bool:
    """Return whether it is a folder; a name that no file can have is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _same_file(one: Path, other: Path) -> bool:
    """Return whether both names lead to one file, by a hard link or another spelling."""
    try:
        return one.samefile(other)
    except OSError:
        return False
