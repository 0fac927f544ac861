"""Real files, as other people wrote them."""

import csv
import json

import pytest

import calaudit
from calaudit.errors import InputError


@pytest.mark.parametrize(
    ("name", "task", "rows", "classes"),
    [
        ("nfl_games/data.csv", "binary", 1882, 2),
        ("march_madness_men/data.parquet", "binary", 49_504, 2),
        ("california_housing/reference.csv", "binary", 5832, 2),
        ("california_housing/analysis.csv", "binary", 8232, 2),
        ("hpc_cv/data.csv", "multiclass", 3467, 4),
        ("hpc_cv/raw.csv", "multiclass", 3467, 4),
        ("news20/data.parquet", "multiclass", 7532, 20),
        ("cifar10_wrn/data.parquet", "multiclass", 10_000, 10),
        ("cifar100_wrn/data.parquet", "multiclass", 10_000, 100),
        ("imagenet_resnet34/data.csv", "top-label", 50_000, 2),
        ("eurosat_rgb_logits/data.parquet", "multiclass", 7589, 10),
        ("mmlu_pro_gpt41nano/data.csv", "top-label", 11_900, 2),
        ("gastro_llm/data.csv", "top-label", 12_474, 2),
        ("compas_weighted/data.csv", "binary", 40, 2),
        ("compas_weighted/expanded.csv", "binary", 1000, 2),
        ("calzone_subgroup/subgroup.csv", "binary", 10_000, 2),
    ],
)
def test_roles_of_real_files_are_inferred(read, cases, name, task, rows, classes):
    """A file whose names are clear needs no option, and every row is valid."""
    seen = read(cases / name)
    assert seen.predictions.task == task
    assert seen.predictions.n_classes == classes
    assert seen.intake.rows_used == rows
    assert seen.intake.refused == {}


def test_class_named_columns_and_numbers_agree(read, cases):
    """hpc_cv with its own class names has the same rows as with p_0 to p_3."""
    raw, data = read(cases / "hpc_cv" / "raw.csv"), read(cases / "hpc_cv" / "data.csv")
    assert raw.predictions.class_names == ("VF", "F", "M", "L")
    assert raw.scores.tolist() == data.scores.tolist()
    assert raw.labels.tolist() == data.labels.tolist()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("nfl_games/raw.csv", ["--score prob1", "--score prob2"]),
        ("niamey_precip/data.csv", ["--score Logistic", "--score EPC"]),
        ("mmlu_pro_gpt41nano/raw.csv", ["--confidence verbal_numerical_confidence"]),
        ("gastro_llm/raw.csv", ["--confidence ClaudeHiakuWeb-raw_confidence", "42 in all"]),
        ("ood_attack_pair/attack.csv", ["no column with labels"]),
    ],
)
def test_ambiguous_real_files_are_refused_with_the_options(read, cases, name, options):
    """A file with several forecasters, or no labels, is not guessed at."""
    with pytest.raises(InputError) as caught:
        read(cases / name)
    for option in options:
        assert option in str(caught.value)


@pytest.mark.parametrize("name", ["nfl_games/raw.csv", "traps/label_half.csv"])
def test_ties_are_refused_with_their_rows(read, cases, name):
    """A tied game has the outcome 0.5: no class, and never cut down to 0."""
    roles = {"score": "prob1", "label": "prob1_outcome"}
    with pytest.raises(InputError, match=r"(?s)label-not-binary.*prob1_outcome: 0\.5"):
        read(cases / name, **roles)
    kept = read(cases / name, on_invalid="drop", **roles)
    assert kept.intake.rows_read - kept.intake.rows_used == (7 if "nfl" in name else 2)


def test_confidences_out_of_ten_and_tokens(read, cases):
    """gastro_llm's raw file is on a scale of ten, which is named."""
    with pytest.raises(InputError, match="a scale of 0 to 10"):
        read(
            cases / "gastro_llm" / "raw.csv",
            confidence="ClaudeHiakuWeb-raw_confidence",
            correct="ClaudeHiakuWeb-raw_correctness",
            on_invalid="drop",
        )


def test_missing_answers_are_counted(read, cases):
    """Mmlu's raw file has 405 answers that could not be parsed and 132 missing confidences."""
    path, roles = cases / "mmlu_pro_gpt41nano" / "raw.csv", {}
    roles["confidence"] = "verbal_numerical_confidence"
    with pytest.raises(InputError, match=r"row 3860, verbal_numerical_confidence: \(empty\)"):
        read(path, **roles)
    refused = read(path, on_invalid="drop", **roles).intake.refused
    assert {code: refusal.count for code, refusal in refused.items()} == {
        "no-answer": 405,
        "missing-score": 1,
    }


def test_missing_answers_as_wrong_ones_are_the_case_that_was_made_of_the_raw_file(cases):
    """Both files have the same rows, in all and in each category."""
    case = cases / "mmlu_pro_gpt41nano"
    found = [
        calaudit.evaluate(case / "data.csv", confidence="confidence", by="category"),
        calaudit.evaluate(
            case / "raw.csv",
            confidence="verbal_numerical_confidence",
            by="category",
            unanswered="wrong",
            on_invalid="drop",
        ),
    ]
    assert found[1].intake.rows_used == 11_900
    assert found[0].table == found[1].table
    assert len(found[0].slices) == 14
    for one, other in zip(*(each.slices for each in found), strict=True):
        assert (one.value, one.rows, one.metrics) == (other.value, other.rows, other.metrics)


@pytest.mark.parametrize("every", [11, pytest.param(1, marks=pytest.mark.slow)])
def test_published_figures_of_models_come_straight_from_the_raw_file(cases, every):
    """All 45 Brier scores, and the 44 areas and accuracies that were published."""
    case = cases / "gastro_llm"
    found: dict[str, int] = {}
    with (case / "published.csv").open(encoding="utf-8") as file:
        published = list(csv.DictReader(file))[::every]
    for model in published:
        report = calaudit.evaluate(
            case / "raw.csv",
            confidence=f"{model['Model']}_confidence",
            out_of=10,
            on_invalid="drop",
            threads=1,
        )
        columns = {"auroc": "ROC_AUC", "accuracy": "Accuracy", "brier": "Brier Score"}
        for name, column in columns.items():
            if model[column]:
                value = report.metrics[name].value
                assert value == pytest.approx(float(model[column]), abs=1e-12), model["Model"]
                found[name] = found.get(name, 0) + 1
    assert every > 1 or found == {"brier": 45, "auroc": 44, "accuracy": 44}


def test_logits_and_probabilities_are_told_apart(read, cases):
    """EuroSAT's logits are no probabilities, and CIFAR-10's probabilities no logits."""
    with pytest.raises(InputError, match=r"look like logits.*--logits logit_"):
        read(cases / "eurosat_rgb_logits" / "data.parquet", probs="logit_")
    with pytest.raises(InputError, match="these are probabilities"):
        read(cases / "cifar10_wrn" / "data.parquet", logits="p_")


@pytest.mark.parametrize(
    ("case", "name"),
    [("nfl_games", "data.csv"), ("march_madness_men", "data.parquet")],
)
def test_golden_counts_and_means(read, cases, case, name):
    """Rows, base rate, mean and extreme scores are those that independent code found."""
    golden = json.loads((cases / "golden.json").read_text())["cases"][case]["series"]["data"]
    rows = read(cases / case / name)
    assert len(rows.labels) == golden["n"]
    assert rows.labels.mean() == pytest.approx(golden["base_rate"], abs=1e-12)
    assert rows.scores.mean() == pytest.approx(golden["mean_score"], abs=1e-12)
    assert rows.scores.min() == golden["min_score"]
    assert rows.scores.max() == golden["max_score"]
    assert int((rows.scores == 0).sum()) == golden["n_zero"]
