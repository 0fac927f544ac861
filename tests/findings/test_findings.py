"""Findings are codes with figures: their words are made of these alone, in one place."""

from __future__ import annotations

import ast
import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import calaudit
from calaudit.findings.finding import Finding, codes, figures_of, finding, once, said
from calaudit.report.glossary import known
from calaudit.report.kinds import KINDS
from calaudit.report.report_schemas import schema_of_kind

ROOT = Path(__file__).parents[2]

HEAD = """\
# Findings

What calaudit finds beside its figures has a code that does not change from version to version.
In the JSON of a report such findings are its `notes` (of a calibrator, the `remarks` of its
`certificate`), each with

- `code`: one of those below, which the JSON Schema (`calaudit schema`) lists as well,
- `figures`: what was found in numbers, by name; null for what is infinite,
- `text` and `advice`: the same in words, which may change.

A job can act on them:

```sh
calaudit evaluate predictions.csv -o report.json
jq -e 'any(.notes[]; .code == "labels-are-predictions") | not' report.json
jq '.notes[] | select(.code == "few-rows").figures.rows' report.json
```

`calaudit explain CODE` says what each means. `kind` tells apart what one code has several texts
for. Reports of version 0.1.0 have `code`, `text` and `advice` alone.

| code | what was found | figures |
|---|---|---|
"""


def page() -> str:
    """Return the page that lists every code, as it should be."""

    def figures(code: str) -> str:
        kinds = (f"`{name}` ({', '.join(k)})" if k else f"`{name}`"
                 for name, k in figures_of(code).items())  # fmt: skip
        return ", ".join(kinds)

    def meaning(code: str) -> str:
        entry = known(code, "note")
        assert entry is not None
        return entry.short

    return HEAD + "".join(f"| `{c}` | {meaning(c)} | {figures(c)} |\n" for c in sorted(codes()))


def test_the_page_lists_every_code() -> None:
    """docs/findings.md has every code with its figures; a run with the variable writes it."""
    path = ROOT / "docs" / "findings.md"
    if os.environ.get("CALAUDIT_REFRESH_GOLDEN"):
        path.write_text(page(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("kind", [each.name for each in KINDS.values()])
def test_the_schemas_list_every_code(kind: str) -> None:
    """The JSON Schema of each kind has the codes as an enumeration."""
    code = schema_of_kind(kind)["$defs"]["Finding"]["properties"]["code"]
    assert code["enum"] == codes()


def made() -> Iterator[str]:
    """Yield the codes that the source makes findings of."""
    for path in sorted((ROOT / "calaudit").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from (n.value for n in ast.walk(tree)
                    if isinstance(n, ast.Constant) and n.value in codes())  # fmt: skip


def test_every_code_is_made() -> None:
    """No text stands there of what no module finds."""
    assert set(made()) == set(codes())


def reports() -> Iterator[calaudit.report.rendered.Rendered]:
    """Yield reports of every kind on rows that are odd in many ways."""
    rng = np.random.default_rng(3)
    p = np.round(rng.beta(0.6, 0.6, 400), 2)
    y = (rng.random(400) < 0.5 * p + 0.1).astype(int)
    groups = np.arange(400) // 2
    yield calaudit.evaluate(y, p)
    yield calaudit.evaluate(1 - y, p)
    yield calaudit.evaluate((p > 0.5).astype(int)[:150], p[:150])
    yield calaudit.evaluate(np.ones(30, int), p[:30], sample_weight=1 + p[:30])
    yield calaudit.threshold(y, p, cost_fp=1, cost_fn=4, cost_review=0.4, max_review="10%")
    yield calaudit.threshold(y[:40], p[:40], cost_fp=1, cost_fn=1)
    yield calaudit.audit(y, p, group=groups, cost_fp=1, cost_fn=5)
    yield calaudit.audit(y, p, max_error=0.0001)
    yield calaudit.audit(y, p, split=y == 1)
    yield calaudit.report.fit_report.FitReport(calibrator=calaudit.fit(y, 1 - p, method="isotonic"))


def findings_in(values: object) -> Iterator[dict[str, object]]:
    """Yield every finding in the JSON of a report."""
    if isinstance(values, dict):
        if values.keys() == {"code", "text", "advice", "figures"}:
            yield values
        for value in values.values():
            yield from findings_in(value)
    elif isinstance(values, list):
        for value in values:
            yield from findings_in(value)


def test_words_are_made_of_the_figures_in_the_file() -> None:
    """From the code and the figures that JSON holds come the text and the advice beside them."""
    seen = set()
    for report in reports():
        for each in findings_in(json.loads(report.to_json())):
            figures = each["figures"]
            assert isinstance(figures, dict)
            assert figures.keys() <= figures_of(str(each["code"])).keys() | {"rows", "which"}
            again = finding(str(each["code"]), **figures)
            assert (again.text, again.advice) == (each["text"], each["advice"])
            seen.add(each["code"])
    assert len(seen) >= 14, seen


def test_figures_are_json() -> None:
    """Figures of numpy become Python's own, and what is infinite null; its text says so."""
    values = {"rows": np.int64(3), "which": "fit rows", "before": 0.5, "after": float("inf")}
    found = finding("no-better", kind="unbounded", **values)
    assert found.figures["after"] is None
    assert type(found.figures["rows"]) is int
    assert "rises from 0.5000 to infinite" in found.text


def test_names_are_quoted_for_a_shell() -> None:
    """A name from the data cannot break out of the command that an advice shows."""
    name = "a b'; rm -rf"
    found = finding("rows-together", kind="other", rows=9, cases=2, column=name)
    assert f"--group {shlex.quote(name)} makes" in found.advice


def test_what_comes_first_and_what_is_said_once() -> None:
    """A lead stands before a sentence, whatever capitals and stops a name in it has."""
    figures = {"auroc": 0.2, "low": 0.1, "high": 0.3, "zero": "No. Really", "one": "Yes"}
    backwards = finding("ranks-backwards", kind="outcomes", **figures)
    few = finding("few-rows", rows=1)
    told = said(["One.", "Two."], [few, backwards])
    assert told == {"sentence": f"{backwards.text} One. Two.", "lead": backwards.text}
    assert once([few, backwards, finding("few-rows", rows=1)]) == [few, backwards]
    assert said(["One."], [Finding(code="ranks-backwards", text="Of 0.1.0.")])["lead"] == "One."
