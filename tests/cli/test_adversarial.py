"""Files that try to break the program: it refuses them in a sentence, or its figures are right."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from calaudit.cli import main
from calaudit.report.report_schemas import schema_text
from tests.cli.adversarial import CASES, Case, naive_figures, random_case

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text()))

NO_FIGURE = re.compile(r"(?<!\w)(nan|NaN|None|-?inf)(?!\w)")
"""What must not stand where a figure should be."""

KNOWN: dict[str, str] = {}
"""Cases that fail, and why: an entry goes when the fault is mended (xfail is strict)."""


def refuse_constant(text: str) -> None:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(text)


def check(case: Case, folder: Path, capsys: Any) -> None:
    """Run the program on a case and hold everything that it wrote against what is true."""
    (folder / "in").mkdir()
    (folder / "out").mkdir()
    report, text = folder / "out" / "r.json", folder / "out" / "r.txt"
    data = case.write(folder / "in")
    # Warnings are errors in these tests, so that one of numpy's would be exit 70.
    code = main(["evaluate", *data, *case.arguments, "-o", str(report), "-o", str(text)])
    out, err = capsys.readouterr()
    assert (code, "Traceback" in err) == (case.code, False), err[-2000:]
    if code:
        assert out == ""
        assert list((folder / "out").iterdir()) == []
        assert case.said in err
        return
    if not case.odd:
        assert [line for line in out.splitlines() if NO_FIGURE.search(line)] == []
        assert not NO_FIGURE.search(text.read_text(encoding="utf-8"))
    document = json.loads(report.read_text(encoding="ascii"), parse_constant=refuse_constant)
    assert [error.message[:200] for error in VALIDATOR.iter_errors(document)] == []
    if case.truth is not None:
        found = {k: v["value"] for k, v in document["metrics"].items()}
        for name, value in naive_figures(case.truth, bins=case.bins, clip=case.clip).items():
            assert found[name] == (
                value if value is None else pytest.approx(value, rel=1e-12, abs=1e-12)
            ), name


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=case.name,
            marks=[pytest.mark.xfail(reason=KNOWN[case.name])] if case.name in KNOWN else [],
        )
        for case in CASES
    ],
)
def test_adversarial(case: Case, tmp_path: Path, capsys) -> None:
    """Exit 0 with the naive figures and a valid report, or a refusal that says what is wrong."""
    check(case, tmp_path, capsys)


@pytest.mark.parametrize("seed", range(100))
def test_random(seed: int, tmp_path: Path, capsys) -> None:
    """Random columns, types, weights, formats and dropped rows give the naive figures."""
    check(random_case(seed), tmp_path, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 400))
def test_random_at_length(seed: int, tmp_path: Path, capsys) -> None:
    """The same with more rows and more seeds."""
    check(random_case(seed, most=3000), tmp_path, capsys)
