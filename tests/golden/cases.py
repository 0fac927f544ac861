"""Real prediction files and the figures that independent code computed from them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as arrow_csv
import pyarrow.parquet as parquet

FOLDER = Path(
    os.environ.get("CALAUDIT_CASES", Path(__file__).resolve().parents[3] / "shared" / "cases")
)
"""Where the cases are; they are not part of the project."""

ABSENT = f"the real cases are not in {FOLDER}; set CALAUDIT_CASES to where they are"


@dataclass(frozen=True)
class Case:
    """One series of golden figures and how to get its rows."""

    name: str
    figures: dict[str, Any]
    rows: Callable[[], dict[str, Any]]


@cache
def golden() -> dict[str, Any]:
    """Return all golden figures, or nothing where the folder is absent."""
    path = FOLDER / "golden.json"
    if not path.exists():
        return {}
    cases: dict[str, Any] = json.loads(path.read_text())["cases"]
    return cases


@cache
def table(file: str) -> Any:
    """Return one file of the folder as an Arrow table."""
    path = FOLDER / file
    return parquet.read_table(path) if path.suffix == ".parquet" else arrow_csv.read_csv(path)


def column(file: str, name: str) -> Any:
    """Return one column as a numpy array."""
    return np.asarray(table(file).column(name).to_pandas())


def plain(
    file: str, score: str, label: str, where: tuple[str, Any] | None = None
) -> Callable[[], dict[str, Any]]:
    """Return how to read (score, label) pairs, of one group where ``where`` names it."""

    def rows() -> dict[str, Any]:
        p = column(file, score).astype(np.float64)
        y = column(file, label).astype(np.int64)
        held = ~np.isnan(p)
        if where is not None:
            held &= column(file, where[0]) == where[1]
        return {"p": p[held], "y": y[held]}

    return rows


def binary() -> Iterator[Case]:
    """Yield every series of binary or top-label figures."""
    for case, series in BINARY.items():
        for name, rows in series.items():
            if case in golden():
                yield Case(f"{case}/{name}", golden()[case]["series"][name], rows)
    for case, prefix, file, score, label, by in GROUPED:
        for name, figures in golden().get(case, {}).get("series", {}).items():
            if name.startswith(prefix):
                rows = plain(file, score, label, (by, name[len(prefix) :]))
                yield Case(f"{case}/{name}", figures, rows)
    for whole in multiclass():
        if "top" in whole.figures:
            yield Case(f"{whole.name}/top", whole.figures["top"], top_of(whole.rows))


def top_of(rows: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Return the largest probability and whether its class is right."""

    def pairs() -> dict[str, Any]:
        p, y = rows()["p"].astype(np.float64), rows()["y"]
        best = p.argmax(axis=1)
        return {"p": p[np.arange(len(p)), best], "y": (best == y).astype(np.int64)}

    return pairs


def unresolved() -> dict[str, Any]:
    """Return the forecasts of games that were not over."""
    rows = plain("march_madness_men/data.parquet", "score", "label")()
    held = (rows["p"] > 0) & (rows["p"] < 1)
    return {"p": rows["p"][held], "y": rows["y"][held]}


def top_label(file: str) -> Callable[[], dict[str, Any]]:
    """Return how to read confidence, prediction and label."""

    def rows() -> dict[str, Any]:
        right = column(file, "true_label") == column(file, "pred_label")
        return {"p": column(file, "confidence"), "y": right.astype(np.int64)}

    return rows


def multiclass() -> Iterator[Case]:
    """Yield every series of multiclass figures."""
    for case, series, file, prefix in MULTICLASS:
        if case in golden():
            yield Case(f"{case}/{series}", golden()[case]["series"][series], matrix(file, prefix))


def matrix(file: str, prefix: str) -> Callable[[], dict[str, Any]]:
    """Return how to read class columns; logits stay logits, under the key "z"."""

    def rows() -> dict[str, Any]:
        names = [f for f in table(file).column_names if f.removeprefix(prefix).isdigit()]
        names.sort(key=lambda f: int(f.removeprefix(prefix)))
        values = np.column_stack([column(file, f) for f in names])
        y = column(file, "label").astype(np.int64)
        if prefix == "p_":
            return {"p": values, "y": y}
        z = values.astype(np.float64)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return {"p": e / e.sum(axis=1, keepdims=True), "y": y, "z": values}

    return rows


BINARY: dict[str, dict[str, Callable[[], dict[str, Any]]]] = {
    "nfl_games": {"data": plain("nfl_games/data.csv", "score", "label")},
    "march_madness_men": {
        "data": plain("march_madness_men/data.parquet", "score", "label"),
        "unresolved_only": unresolved,
    }
    | {
        f"round{k}": plain("march_madness_men/data.parquet", "score", "label", ("round", k))
        for k in range(1, 8)
    },
    "niamey_precip": {
        name: plain("niamey_precip/data.csv", name, "obs")
        for name in ("Logistic", "EMOS", "ENS", "EPC")
    },
    "california_housing": {
        name: plain(f"california_housing/{name}.csv", "score", "label")
        for name in ("reference", "analysis")
    },
    "imagenet_resnet34": {
        "top": top_label("imagenet_resnet34/data.csv"),
        "cifar100_resnet110": top_label("imagenet_resnet34/cifar100_resnet110.csv"),
        "cifar100_densenet40": top_label("imagenet_resnet34/cifar100_densenet40.csv"),
    },
    "mmlu_pro_gpt41nano": {
        name: plain("mmlu_pro_gpt41nano/data.csv", name, "correct")
        for name in ("confidence", "logit_perplexity_confidence", "verbal_linguistic_confidence")
    },
    "compas_weighted": {
        "expanded": plain("compas_weighted/expanded.csv", "score", "label"),
    }
    | {
        f"sex:{sex}": plain("compas_weighted/expanded.csv", "score", "label", ("sex", sex))
        for sex in ("female", "male")
    },
    "gastro_llm": {"pooled": plain("gastro_llm/data.csv", "confidence", "correct")},
    "calzone_subgroup": {
        name: plain(f"calzone_subgroup/{name}.csv", "proba_1", "label")
        for name in ("subgroup", "welldata", "misdata")
    }
    | {
        f"subgroup_{group}": plain(
            "calzone_subgroup/subgroup.csv", "proba_1", "label", ("subgroup", group)
        )
        for group in ("A", "B")
    },
}

GROUPED = [
    ("mmlu_pro_gpt41nano", "category:", "mmlu_pro_gpt41nano/data.csv", "confidence", "correct",
     "category"),
    ("gastro_llm", "model:", "gastro_llm/data.csv", "confidence", "correct", "model"),
]  # fmt: skip

MULTICLASS = [
    ("hpc_cv", "data", "hpc_cv/data.csv", "p_"),
    ("news20", "data", "news20/data.parquet", "p_"),
    ("cifar10_wrn", "data", "cifar10_wrn/data.parquet", "p_"),
    ("cifar10_wrn", "lenet5", "cifar10_wrn/lenet5.parquet", "p_"),
    ("cifar100_wrn", "data", "cifar100_wrn/data.parquet", "p_"),
    ("eurosat_rgb_logits", "data", "eurosat_rgb_logits/data.parquet", "logit_"),
    ("eurosat_rgb_logits", "ms", "eurosat_rgb_logits/ms.parquet", "logit_"),
]

NOT_CLASSIFICATION = {"covid_quantiles", "ood_attack_pair"}
OTHERWISE = {
    "california_housing/fit_reference_test_analysis": "figures of calibrators",
    "compas_weighted/weighted_check": "tested by itself",
}
