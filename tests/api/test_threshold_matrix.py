"""A cost matrix as people write it: what is read, what is refused, and what it decides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit import CalauditError, InputError, SettingsError
from calaudit.api.decisions.cost_matrices import cost_matrix_of
from tests.api.decided import notes_of
from tests.api.simulated import multiclass

CLASSES = ("cat", "dog", "fox")
GOOD = "truth,cat,dog,fox,ask\ncat,0,1,5,0.6\ndog,1,0,5,0.6\nfox,20,20,0,0.6\n"


def written(folder: Path, text: str | bytes) -> str:
    """Return the path of a file with a text."""
    path = folder / "costs.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace(",", " , ").replace("truth", ""),
        GOOD.replace("cat", '"cat"') + "\n\n",
        "truth,cat,dog,fox,ask\nfox,20,20,0,0.6\ndog,1,0,5,6e-1\ncat,0,1,5,.6\n",
    ],
    ids=["plain", "BOM", "CRLF", "spaces", "quotes", "other order"],
)
def test_read(text: str, tmp_path: Path) -> None:
    """The same costs however they are written, in the order of the classes."""
    matrix = cost_matrix_of(written(tmp_path, text), CLASSES)
    assert matrix.decisions == ("cat", "dog", "fox", "ask")
    wanted = [[0, 1, 5, 0.6], [1, 0, 5, 0.6], [20, 20, 0, 0.6]]
    assert matrix.cost.tolist() == wanted


FAULTS: list[tuple[str | bytes, type[CalauditError], str]] = [
    ("", InputError, r"names decisions in its first row and true classes in its first column"),
    ("truth\ncat\ndog\nfox\n", InputError, r"names decisions in its first row"),
    (GOOD.replace("20,20", "20,much"), InputError, r"row 'fox', column 'dog': 'much' is not a num"),
    (GOOD.replace("20,20", "20,"), InputError, r"row 'fox', column 'dog': '' is not a number"),
    (GOOD.replace("20,20", "20,nan"), InputError, r"'nan' is not a number"),
    (GOOD.replace("20,20", "20,inf"), InputError, r"'inf' is not a number"),
    (GOOD.replace("dog,1,0,5,0.6", "dog,1,0,5"), InputError, r"row 3 has 4 cells.*first has 5"),
    (GOOD.replace("truth,cat,dog", "truth,cat,cat"), InputError, r"'cat' is named twice"),
    (GOOD + "cat,1,1,1,1\n", InputError, r"'cat' is named twice"),
    (GOOD.replace("fox,20,20,0,0.6\n", ""), SettingsError, r"has 'cat', 'dog', 'fox'; the matrix "
     r"has 'cat', 'dog'"),
    (GOOD + "cow,1,1,1,1\n", SettingsError, r"one row for each true class.*'cow'"),
    ("truth,cat\ncat,1\ndog,2\nfox,3\n", SettingsError, r"only one decision"),
    ("truth,a,b\ncat,1,1\ndog,2,2\nfox,3,3\n", SettingsError, r"every decision costs the same"),
    (b"\xff\xfe\x00bad", InputError, r"cannot be read as a CSV file of costs"),
    ("truth,cat,dog\ncat,0," + "9" * 200_000, InputError, r"costs\.csv"),
    (GOOD.replace("20,20", "20,2\x000"), InputError, r"costs\.csv"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "message"), FAULTS, ids=[str(i) for i in range(len(FAULTS))]
)
def test_faults(text: str | bytes, kind: type[CalauditError], message: str, tmp_path: Path) -> None:
    """Each fault of a file is named, with the row and the column where there is one."""
    with pytest.raises(kind, match=message):
        cost_matrix_of(written(tmp_path, text), CLASSES)


def test_no_file(tmp_path: Path) -> None:
    """A missing file and a folder are refused by name."""
    with pytest.raises(InputError, match=r"nowhere\.csv: there is no such file"):
        cost_matrix_of(str(tmp_path / "nowhere.csv"), CLASSES)
    with pytest.raises(InputError, match=r"is a directory"):
        cost_matrix_of(tmp_path, CLASSES)


MAPPINGS: list[tuple[Any, str]] = [
    ({"cat": {"a": 1, "b": 2}, "dog": {"a": 1, "c": 2}, "fox": {"a": 1, "b": 2}}, r"row 'dog'"),
    ({"cat": {"a": 1, "b": "x"}, "dog": {"a": 1, "b": 2}, "fox": {"a": 1, "b": 2}}, r"'x' is not"),
    ({"cat": [1, 2], "dog": [1, 2], "fox": [2, 1]}, r"cost_matrix"),
    (np.eye(3), r"cost_matrix"),
]


@pytest.mark.parametrize(("given", "message"), MAPPINGS, ids=[str(i) for i in range(len(MAPPINGS))])
def test_mappings(given: Any, message: str) -> None:
    """What is no mapping of mappings, or one with holes, is refused with a sentence."""
    with pytest.raises(CalauditError, match=message):
        cost_matrix_of(given, CLASSES)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    """Rows of three classes in a file, with their probabilities and classes."""
    _, probs, codes = multiclass(3000, 3)
    columns = {f"p_{name}": probs[:, k] for k, name in enumerate(CLASSES)}
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    pq.write_table(pa.table({**columns, "label": np.array(CLASSES)[codes]}), path)
    return path, probs, codes


def test_decisions(data: Any, tmp_path: Path) -> None:
    """Rules, counts, promised costs and the saving are those of the rows."""
    path, probs, codes = data
    report = calaudit.threshold(path, cost_matrix=written(tmp_path, GOOD))
    cost = np.array([[0, 1, 5, 0.6], [1, 0, 5, 0.6], [20, 20, 0, 0.6]])
    expected = probs @ cost
    cheapest, top = expected.argmin(axis=1), probs.argmax(axis=1)
    assert report.matrix is not None
    rules = {rule.name: rule for rule in report.matrix.rules}
    assert list(rules) == ["expected_cost", "argmax", "always ask"]
    for name, decision in (("expected_cost", cheapest), ("argmax", top)):
        rule, paid = rules[name], cost[codes, decision]
        assert rule.cost.value == pytest.approx(1000 * paid.mean())
        assert rule.promised == pytest.approx(1000 * expected[np.arange(3000), decision].mean())
        for k, truth in enumerate(CLASSES):
            counts = [((codes == k) & (decision == d)).sum() for d in range(4)]
            assert list(rule.counts[truth].values()) == counts
    always = rules["always ask"].cost
    assert (always.value, always.low, always.high) == pytest.approx((600, 600, 600))
    saved = (cost[codes, top] - cost[codes, cheapest]).mean()
    assert report.matrix.saving.value == pytest.approx(1000 * saved)
    assert f"against {1000 * cost[codes, top].mean():,.0f} for the most" in report.sentence
    assert "promised-cost-differs" not in notes_of(report)


def test_argmax_has_no_better(data: Any) -> None:
    """Where all errors cost the same the cheapest decision is the most probable class."""
    path, _, _ = data
    same = {a: {b: float(a != b) for b in CLASSES} for a in CLASSES}
    report = calaudit.threshold(path, cost_matrix=same)
    assert report.matrix is not None
    one, two = report.matrix.rules[:2]
    assert one.counts == two.counts
    saving = report.matrix.saving
    assert (saving.value, saving.low, saving.high) == (0.0, 0.0, 0.0)


def test_broken_promise(data: Any, tmp_path: Path) -> None:
    """Overconfident probabilities promise a cost that does not come: a warning with both."""
    _, probs, codes = data
    sharp = probs**4 / (probs**4).sum(axis=1, keepdims=True)
    matrix = {str(k): {str(d): 4.0 * (k != d) for d in range(3)} | {"ask": 0.6} for k in range(3)}
    report = calaudit.threshold(codes, sharp, cost_matrix=matrix)
    assert report.matrix is not None
    rule = next(rule for rule in report.matrix.rules if rule.name == "expected_cost")
    assert rule.cost.low is not None
    assert rule.promised < rule.cost.low
    text = notes_of(report)["promised-cost-differs"].text
    assert f"{rule.promised:.4g}" in text
    assert f"{rule.cost.value:.4g}" in text


@pytest.mark.parametrize("threads", [1, 3])
def test_any_order(data: Any, threads: int, tmp_path: Path) -> None:
    """Rows in another order and in small row groups give the same report."""
    path, _, _ = data
    table = pq.read_table(path)
    other = tmp_path / "rows.parquet"
    order = np.random.default_rng(0).permutation(len(table))
    pq.write_table(table.take(order), other, row_group_size=100)
    asked = written(tmp_path, GOOD)
    one = calaudit.threshold(path, cost_matrix=asked).matrix
    two = calaudit.threshold(other, cost_matrix=asked, threads=threads).matrix
    assert one is not None
    assert two is not None
    for a, b in zip(one.rules, two.rules, strict=True):
        assert a.counts == b.counts
        assert (a.cost.value, a.cost.low) == pytest.approx((b.cost.value, b.cost.low), rel=1e-12)
        assert a.promised == pytest.approx(b.promised, rel=1e-12)
