"""What a run on files does not import: reading a small file takes less time than that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import ROOT

WATCHED = """\
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name in ("pandas", "pydantic", "scipy"):
            import traceback
            found.append("".join(traceback.format_stack(limit=8)))
        return None
found = []
sys.meta_path.insert(0, Finder())
from calaudit.cli import main
for line in sys.stdin:
    code = main(line.split())
    if code > 1 or found:
        sys.exit(f"{line}{code}" + "".join(found))
"""

RUNS = """\
evaluate times.csv --label label --score score --by date:month --by amount:2 --group user --id user
evaluate lists.parquet --by region
evaluate rows.jsonl
evaluate samples.csv --samples question --where topic=a
evaluate lists.parquet --by region --probs other
fit times.csv --method temperature --label label --score score -o t.json
apply t.json times.csv -o new.csv
apply t.json times.csv -o new.parquet
threshold times.csv --label label --score score --cost-fp 5 --cost-fn 1
audit times.csv --label label --score score --holdout 0.5 -o a.html
evaluate times.csv --label truth --score score --labels truth.csv --id user
check times.csv --label label --score score --max-brier 0.9 --seed 3
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files with nulls, dates, lists and dictionaries."""
    folder = tmp_path_factory.mktemp("kinds")
    numbers = [(i, i * 37 % 100 / 100, int(i * 53 % 100 < i * 37 % 100)) for i in range(200)]
    rows = [(f"2025-0{1 + i % 3}-11", i, 3.5 * i, s, y) for i, s, y in numbers]
    lines = [f"{d},u{u},{a},{s},{y}" for d, u, a, s, y in rows]
    (folder / "times.csv").write_text("date,user,amount,score,label\n" + "\n".join(lines) + "\n")
    truth = [f"u{u},{y}" for _, u, _, _, y in rows]
    (folder / "truth.csv").write_text("user,truth\n" + "\n".join(truth) + "\n")
    (folder / "rows.jsonl").write_text(
        "".join(f'{{"score": {s}, "label": {y}, "u": null}}\n' for *_, s, y in rows)
    )
    answers = [f"q{i // 5},{'ab'[i % 10 < 5]},{i % 3},{i // 5 % 3}" for i in range(200)]
    (folder / "samples.csv").write_text(
        "question,topic,answer,target\n" + "\n".join(answers) + "\n"
    )
    probs = pa.array([[1 - s, s] for *_, s, _ in rows])
    region = pa.array([None, "n", "s", "n"] * 50).dictionary_encode()
    label = [r[-1] for r in rows]
    table = pa.table({"label": label, "probs": probs, "other": probs, "region": region})
    pq.write_table(table, folder / "lists.parquet")
    return folder


def test_nothing_of_a_run_on_files_imports_pandas(here: Path) -> None:
    """Arrow does, wherever a value of Python's is handed to it."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED], input=RUNS, env={"PYTHONPATH": str(ROOT)}, cwd=here,
        text=True, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
