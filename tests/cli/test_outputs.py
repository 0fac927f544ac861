"""Output files: refused before the work, complete after it, and never over an input."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

import calaudit
from calaudit.cli import main
from calaudit.cli.outputs import checked_outputs, write_outputs
from calaudit.errors import SettingsError
from tests.report.examples import multiclass

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")


def refused(arguments: list[str], calls, capsys) -> str:
    """Return the message of a run that ends with 2 before the API is called."""
    assert main(["evaluate", *arguments]) == 2
    assert calls == []
    return str(capsys.readouterr().err)


def test_missing_directory(calls, capsys, tmp_path: Path) -> None:
    """A bad path fails at once."""
    assert "its directory does not exist" in refused(
        ["x.csv", "-o", f"{tmp_path}/no/r.json"], calls, capsys
    )


def test_directory(calls, capsys, tmp_path: Path) -> None:
    """A directory is no output file."""
    (tmp_path / "r.json").mkdir()
    assert "is a directory" in refused(["x.csv", "-o", f"{tmp_path}/r.json"], calls, capsys)


@pytest.mark.parametrize("name", ["report", "report.xml", ".json"])
def test_unknown_suffix(calls, capsys, tmp_path: Path, name: str) -> None:
    """A suffix that is not known is refused with the list of those that are."""
    assert ".json, .txt" in refused(["x.csv", "-o", f"{tmp_path}/{name}"], calls, capsys)


@pytest.mark.parametrize("name", ["junit.xml", "comment.MD"])
def test_a_format_of_checks(calls, capsys, tmp_path: Path, name: str) -> None:
    """Who wants the JUnit XML of a report learns which command writes it, before the long work."""
    said = refused(["x.csv", "-o", f"{tmp_path}/{name}"], calls, capsys)
    assert f".json, .txt ({Path(name).suffix.lower()} is only of calaudit check)" in said


def test_name_too_long(calls, capsys, tmp_path: Path) -> None:
    """A name that no file can have is refused like any that cannot be written."""
    assert "cannot write" in refused(["x.csv", "-o", "x" * 5000 + ".json"], calls, capsys)


def test_same_output_twice(calls, capsys, tmp_path: Path) -> None:
    """Two outputs to one file would lose one of them."""
    where = ["-o", f"{tmp_path}/r.json", "-o", f"{tmp_path}/../{tmp_path.name}/r.json"]
    assert "named twice" in refused(["x.csv", *where], calls, capsys)


@posix
def test_unwritable_directory(calls, capsys, tmp_path: Path) -> None:
    """A directory without permission fails at once, too."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    assert "cannot write" in refused(["x.csv", "-o", f"{tmp_path}/r.json"], calls, capsys)


@pytest.mark.parametrize("spelling", ["x.txt", "./x.txt", "*.txt", "link.txt", "hard.txt", "."])
@posix
def test_input_is_never_overwritten(
    calls, capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    """However the input is spelt, an output over it is refused and the input is unchanged."""
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "x.txt"
    source.write_text("y,p\n1,0.9\n")
    if spelling == "link.txt":
        (tmp_path / spelling).symlink_to(source)
    if spelling == "hard.txt":
        (tmp_path / spelling).hardlink_to(source)
    assert "never overwritten" in refused([spelling, "-o", str(source)], calls, capsys)
    assert source.read_text() == "y,p\n1,0.9\n"


def test_new_file_in_an_input_directory(tmp_path: Path) -> None:
    """A new file beside the inputs overwrites nothing."""
    assert checked_outputs([tmp_path / "r.json"], [str(tmp_path)]) == (
        tmp_path.resolve() / "r.json",
    )


def test_checking_leaves_nothing(tmp_path: Path) -> None:
    """The check before the work leaves no file, and an old report as it was."""
    old = tmp_path / "old.json"
    old.write_text("old")
    checked_outputs([old, tmp_path / "new.json"], ["x.csv"])
    assert list(tmp_path.iterdir()) == [old]
    assert old.read_text() == "old"


@posix
def test_a_link_is_followed_and_permissions_are_kept(tmp_path: Path) -> None:
    """A report behind a link is replaced where it is, with the mode that it had."""
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_outputs(multiclass(), checked_outputs([link], []), quiet=True)
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8").startswith("{")
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full no output is left half-written, and none is written at all."""
    one, two = tmp_path / "one.json", tmp_path / "two.txt"
    two.write_text("old")
    synced = []

    def fsync(fd: int) -> None:
        synced.append(fd)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(SettingsError, match=r"two\.txt: No space left on device"):
        write_outputs(multiclass(), (one, two), quiet=True)
    assert list(tmp_path.iterdir()) == [two]
    assert two.read_text() == "old"


@posix
@pytest.mark.parametrize("through", ["itself", "a link"])
def test_a_pipe_is_not_replaced(tmp_path: Path, through: str) -> None:
    """A FIFO, or a link to one, is refused as an output and stays what it was."""
    pipe, link = tmp_path / "pipe.json", tmp_path / "link.json"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    with pytest.raises(SettingsError, match="not a regular file"):
        checked_outputs([pipe if through == "itself" else link], [])
    assert pipe.is_fifo()


def test_a_calibrator_is_an_input(tmp_path: Path) -> None:
    """A report is never written over the calibrator that the scores go through."""
    scores, calibrator = tmp_path / "scores.csv", tmp_path / "cal.json"
    scores.write_text("label,score\n" + "0,0.2\n1,0.7\n0,0.6\n1,0.4\n" * 30)
    fitted = calaudit.fit(scores, method="platt").to_json()
    calibrator.write_text(fitted)
    for command in (["evaluate"], ["threshold", "--cost-fp", "1", "--cost-fn", "2"]):
        given = [*command, str(scores), "--calibrator", str(calibrator), "-o", str(calibrator)]
        assert main(given) == 2
    assert calibrator.read_text() == fitted
