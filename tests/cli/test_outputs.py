"""Output files: refused before the work, complete after it, and never over an input."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import calaudit
from calaudit.cli import main
from calaudit.cli.outputs import checked_outputs, contents_of, write_contents
from calaudit.errors import SettingsError
from calaudit.report.formats import render
from calaudit.report.pictures import picture_of
from tests.report.decisions import matrix
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


def test_stores_are_no_output(calls, capsys, tmp_path: Path) -> None:
    """Nothing is written to an address, nor saved files read from one, and what to do is said."""
    told = "results are written to files: name one, and copy it to the store"
    assert told in refused(["x.csv", "-o", "s3://bucket/r.json"], calls, capsys)
    (tmp_path / "in.csv").write_text("score\n0.5\n")
    given = ["apply", str(tmp_path / "in.csv"), "--prior", "0.1", "--was", "0.5", "-o"]
    assert main([*given, "gs://bucket/out.csv"]) == 2
    assert told in capsys.readouterr().err
    assert main(["apply", "https://host/cal.json", *given[1:2], "-o", "out.csv"]) == 3
    assert "saved files are read from disk; copy it here first" in capsys.readouterr().err


def test_directory(calls, capsys, tmp_path: Path) -> None:
    """A directory is no output file."""
    (tmp_path / "r.json").mkdir()
    assert "is a directory" in refused(["x.csv", "-o", f"{tmp_path}/r.json"], calls, capsys)


@pytest.mark.parametrize("name", ["report", "report.xml", ".json"])
def test_unknown_suffix(calls, capsys, tmp_path: Path, name: str) -> None:
    """A suffix that is not known is refused with the list of those that are."""
    assert ".json, .txt, .html, .md, .svg, .png, .pdf" in refused(
        ["x.csv", "-o", f"{tmp_path}/{name}"], calls, capsys
    )


@pytest.mark.parametrize("name", ["junit.xml", "JUNIT.XML"])
def test_a_format_of_checks(calls, capsys, tmp_path: Path, name: str) -> None:
    """Who wants the JUnit XML of a report learns which command writes it, before the long work."""
    said = refused(["x.csv", "-o", f"{tmp_path}/{name}"], calls, capsys)
    assert f".png, .pdf ({Path(name).suffix.lower()} is only of calaudit check)" in said


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
    write_contents(contents_of(multiclass(), checked_outputs([link], [])), quiet=True)
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
        write_contents(contents_of(multiclass(), (one, two)), quiet=True)
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


CONTRADICTIONS = {
    "two things to print": (["--json", "--vega"], "choose one"),
    "a picture in JSON": (["--plot", "--json"], "choose one"),
    "a picture in a specification": (["--plot", "--vega"], "choose one"),
    "a picture for nothing": (["--picture", "slices"], "--picture slices chooses what a file"),
    "a picture for text": (["--picture", "slices", "-o", "r.txt"], "add -o slices.svg"),
    "a picture of thresholds": (["--picture", "cost", "--vega"], "there are: reliability,"),
    "a picture of nothing": (["--picture", "x", "-o", "r.svg"], "there is no picture 'x'"),
    "one page as text": (["--one-page", "r.txt"], "one page is written as .svg, .png, .pdf, .html"),
    "one page and a picture": (["--one-page", "r.pdf", "-o", "r.pdf"], "named twice"),
    "a title of nothing": (["--title", "T", "-o", "r.json"], "add -o FILE.html or a picture"),
    "a size of a page": (["--size", "a4", "-o", "r.html"], "add --one-page FILE.pdf, or a picture"),
    "a size of none": (["--size", "a5", "-o", "r.svg"], "there is no size 'a5'; there are: a4,"),
    "a resolution of lines": (["--dpi", "96", "-o", "r.svg"], "add a picture, as -o FILE.png"),
    "no resolution": (["--dpi", "0", "-o", "r.png"], "dpi is 0, and has to be from 36 to 1200"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_contradictions_are_refused_at_once(
    calls, capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """Options that cannot be met together end the run before the long work."""
    monkeypatch.chdir(tmp_path)
    arguments, said = CONTRADICTIONS[case]
    assert said in refused(["x.csv", *arguments], calls, capsys)


def test_a_picture_without_data_leaves_nothing(
    calls, capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that the report turns out to have no data for leaves no file at all; exit 2."""
    monkeypatch.chdir(tmp_path)
    outputs = ["-o", "r.json", "-o", "r.svg", "--picture", "slices"]
    assert main(["evaluate", "x.csv", *outputs]) == 2
    out, err = capsys.readouterr()
    assert "no data for the picture 'slices'" in err
    assert out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_pictures_are_written(calls, capsys, tmp_path: Path, suffix: str) -> None:
    """A picture goes to its file byte by byte as the report renders it, beside the report."""
    path = tmp_path / f"p{suffix}"
    assert main(["evaluate", "x.csv", "-o", str(path), "-o", str(tmp_path / "r.txt")]) == 0
    expected = render(multiclass(), suffix)
    written = path.read_bytes()
    if suffix == ".pdf":  # which has a date
        assert written[:5] == b"%PDF-"
    else:
        assert written == (expected if isinstance(expected, bytes) else expected.encode())
    assert "wrote" in capsys.readouterr().err


def test_bytes_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture that does not fit on the disk leaves what was there, like a text."""
    path = tmp_path / "p.png"
    path.write_bytes(b"old")

    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(SettingsError, match=r"p\.png: No space left on device"):
        write_contents([(path, b"\x00new")], quiet=True)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


def test_half_a_surrogate_is_written_as_an_escape(tmp_path: Path) -> None:
    """A name that no encoding can hold, which JSON can, does not end the writing of a file."""
    write_contents([(tmp_path / "r.txt", "name \ud800 end")], quiet=True)
    assert (tmp_path / "r.txt").read_bytes() == b"name \\ud800 end"


def test_vega_is_ascii_json(calls, capsys) -> None:
    """--vega prints the specification and nothing else, for any terminal and any parser."""
    assert main(["evaluate", "x.csv", "--vega"]) == 0
    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out) == json.loads(picture_of(multiclass()).to_json())


def test_plot_draws_in_the_report(calls, capsys) -> None:
    """--plot adds the diagram to what is printed; without it there is none."""
    assert main(["evaluate", "x.csv", "--plot"]) == 0
    with_plot = capsys.readouterr().out
    assert main(["evaluate", "x.csv"]) == 0
    without = capsys.readouterr().out
    assert "share that is right, by confidence" in with_plot
    assert "share that is right, by confidence" not in without


@pytest.mark.parametrize("arguments", [["--help"], ["evaluate", "x"], ["evaluate", "x", "--plot"]])
def test_pictures_cost_nothing_unless_wanted(program, arguments: list[str]) -> None:
    """Help and reports without a file of a picture import neither Vega nor templates."""
    code = (
        "import os, sys; os.environ['STAND_IN'] = ''; sys.argv = ['calaudit', *sys.argv[1:]];"
        "import tests.cli.program as p, types; m = types.ModuleType('calaudit.api.evaluation');"
        "m.evaluate = p.evaluate; sys.modules['calaudit.api.evaluation'] = m;"
        "from calaudit.cli import main; assert main() == 0;"
        "print(sorted(n for n in sys.modules if n.split('.')[0] in ('vl_convert', 'jinja2')"
        " or n.startswith(('calaudit.report.pictures', 'calaudit.report.html'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--vega", "--json"], "--vega and --json both say what is printed"),
        (["--vega", "--format", "junit"], "--vega and --format junit both say what is printed"),
        (["--picture", "cost", "--vega"], "there is: gate"),
        (["-o", "r.svg", "--picture", "reliability"], "there is: gate"),
    ],
)
def test_contradictions_of_a_check(capsys, tmp_path: Path, arguments: list[str], said: str) -> None:
    """A check is printed in one form, and its picture is that of the gate."""
    scores = tmp_path / "scores.csv"
    scores.write_text("label,score\n" + "0,0.2\n1,0.7\n" * 60)
    assert main(["check", str(scores), "--max-ece", "0.9", *arguments]) == 2
    out, err = capsys.readouterr()
    assert said in err
    # What reads JUnit from the standard output is told there, too.
    assert ("<error " in out and said in out) if "junit" in arguments else out == ""


def test_one_page_beside_a_page_and_a_picture(calls, capsys, tmp_path: Path) -> None:
    """One command writes all three, with one title; each is what Python writes."""
    names = ["r.html", "r.svg", "r.png", "one.pdf", "one.html"]
    files = {name: tmp_path / name for name in names}
    given = [part for name in names[:3] for part in ("-o", str(files[name]))]
    given += [part for name in names[3:] for part in ("--one-page", str(files[name]))]
    look: dict[str, Any] = {"title": "Model 7", "size": "slide", "dpi": 60.0}
    options = [part for key, value in look.items() for part in (f"--{key}", str(value))]
    assert main(["evaluate", "x.csv", *given, *options]) == 0
    assert capsys.readouterr().err.count("wrote") == 5
    for name, file in files.items():
        again = tmp_path / f"again-{name}"
        multiclass().save(again, one_page=name.startswith("one"), **look)
        assert again.read_bytes() == file.read_bytes()
        assert name == "r.png" or b"Model 7" in file.read_bytes()


def test_one_page_of_each_gate(capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are several gates each has files with its name."""
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text("label,score\n" + "0,0.2\n1,0.7\n" * 60)
    gate = 'data = "x.csv"\nmax-ece = 0.9\n'
    Path("calaudit.toml").write_text(f"[gate.a]\n{gate}[gate.b]\n{gate}")
    assert main(["check", "--one-page", "v.svg", "-o", "v.md"]) == 0
    assert {path.name for path in tmp_path.glob("v*")} == {
        "v-a.svg", "v-b.svg", "v-a.md", "v-b.md"
    }  # fmt: skip


def test_a_picture_of_a_check(capsys, tmp_path: Path) -> None:
    """A failed check still writes its picture beside its JUnit XML, and ends with 1."""
    scores = tmp_path / "scores.csv"
    scores.write_text("label,score\n" + "0,0.9\n1,0.1\n" * 200)
    files = [tmp_path / "v.svg", tmp_path / "v.xml"]
    outputs = [word for path in files for word in ("-o", str(path))]
    assert main(["check", str(scores), "--max-ece", "0.1", *outputs]) == 1
    assert files[0].read_text(encoding="utf-8").startswith("<svg")
    assert files[1].read_text(encoding="utf-8").startswith("<?xml")


def test_a_curve_that_is_not_there_is_said(capsys, tmp_path: Path) -> None:
    """--plot of decisions by a cost matrix says that they have no curve."""
    (tmp_path / "d.json").write_text(matrix().to_json())
    assert main(["report", str(tmp_path / "d.json"), "--plot"]) == 0
    assert "no chart of what was found" in capsys.readouterr().out
