"""Confidence as people and models state it: words, ratings, and what is none of them."""

import numpy as np
import pytest

import calaudit
from calaudit.errors import InputError, SettingsError
from calaudit.predictions.stated import WORDS

WORDED = ["Almost certain", "likely.", "about even", "UNLIKELY", " highly likely "]


def written(tmp_path, cells, role="confidence", outcome="correct"):
    """Write cells with an outcome each that follows no rule."""
    path = tmp_path / "stated.csv"
    rows = [f'"{cell}",{int(k % 3 > 0)}' for k, cell in enumerate(cells)]
    path.write_text("\n".join([f"{role},{outcome}", *rows]) + "\n")
    return path


def mean_of(path, **options):
    """Return the mean score and the report."""
    report = calaudit.evaluate(path, **options)
    name = "mean_confidence" if report.task == "top-label" else "mean_score"
    return report.metrics[name].value, report


def test_words_are_numbers_of_a_survey_or_of_the_user(tmp_path):
    """Case, blanks and a full stop aside; text that is no word stays what it is."""
    path = written(tmp_path, WORDED * 20)
    mean, report = mean_of(path, confidence="words(confidence)")
    assert mean == pytest.approx((0.95 + 0.75 + 0.5 + 0.2 + 0.9) / 5)
    assert ("words(confidence)",) in [role.columns for role in report.roles]
    own = "words(confidence, almost certain=1, likely=.7, about even=.5, unlikely=0, "
    own += "highly likely=.8)"
    assert mean_of(path, confidence=own)[0] == pytest.approx(3.0 / 5)
    mixed = written(tmp_path, [*WORDED, "83%", "0.4"] * 20)
    assert mean_of(mixed, confidence="words(confidence)")[0] == pytest.approx((3.3 + 1.23) / 7)
    with pytest.raises(InputError, match=r"words are read by --confidence 'words\(confidence\)'"):
        calaudit.evaluate(path)
    with pytest.raises(InputError, match="20 × 'maybe so'"):
        calaudit.evaluate(written(tmp_path, [*WORDED, "maybe so"] * 20), confidence=own)
    with pytest.raises(SettingsError, match="no word with a number"):
        calaudit.evaluate(path, confidence="words(confidence, likely=often)")


def test_the_words_are_ordered_probabilities():
    """The survey's medians, from almost no chance to certainty."""
    assert len(WORDS) == 19
    assert WORDS["almost no chance"] == 0.02
    assert WORDS["will happen"] == 1.0
    assert WORDS["highly unlikely"] < WORDS["unlikely"] < WORDS["about even"] < WORDS["likely"]


@pytest.mark.parametrize(
    ("text", "low", "high"), [("1,10", 1, 10), ("1, 5", 1, 5), ("0,100", 0, 100)]
)
def test_a_rating_is_anchored_at_both_ends(tmp_path, text, low, high):
    """The lowest is 0, the highest 1."""
    ratings = np.arange(100) % (high - low + 1) + low
    path = written(tmp_path, ratings, "judge", "human_ok")
    mean, _ = mean_of(path, score=f"scale(judge,{text})", label="human_ok")
    assert mean == pytest.approx(((ratings - low) / (high - low)).mean())


def test_a_rating_beyond_its_scale_is_an_invalid_row(tmp_path):
    """And a scale without two ends is none."""
    path = written(tmp_path, [1, 5, 11] * 20)
    with pytest.raises(InputError, match="row 3, scale"):
        calaudit.evaluate(path, confidence="scale(confidence,1,10)")
    for text in ("scale(confidence)", "scale(confidence,5,1)", "scale(confidence,a,b)"):
        with pytest.raises(SettingsError, match="the lowest and the highest rating"):
            calaudit.evaluate(path, confidence=text)


def test_other_commands_read_them(tmp_path):
    """A calibrator fitted on words is of their numbers; apply has no place to write its own."""
    path = written(tmp_path, WORDED * 40)
    fitted = calaudit.fit(path, confidence="words(confidence)", method="platt")
    report = calaudit.evaluate(path, confidence="words(confidence)", calibrator=fitted)
    assert report.metrics["accuracy"].value == pytest.approx(133 / 200)
    decided = calaudit.threshold(path, confidence="words(confidence)", cost_error=5, cost_review=1)
    assert decided.sentence
    with pytest.raises(InputError, match="are made from what is stored"):
        calaudit.apply(fitted, path, tmp_path / "out.csv", confidence="words(confidence)")


def test_what_is_no_confidence_is_counted_by_kind(tmp_path):
    """Refusals and blanks are told apart, and said in the verdict where they are many."""
    cells = ["0.8", "0.6", "90%"] * 30 + ["I do not know"] * 6 + ["cell_empty"] * 3 + [""] * 2
    path = written(tmp_path, cells)
    with pytest.raises(InputError, match="6 × 'I do not know', 3 × 'cell_empty'"):
        calaudit.evaluate(path)
    report = calaudit.evaluate(path, on_invalid="drop")
    assert report.verdict.sentence.endswith("11 of 101 rows (11 %) are left out as invalid.")
    note = next(note for note in report.notes if note.code == "rows-dropped")
    assert "6 × 'I do not know', 3 × 'cell_empty'" in note.text
    few = calaudit.evaluate(written(tmp_path, ["0.8", "0.6"] * 50 + [""]), on_invalid="drop")
    assert "left out" not in few.verdict.sentence


def test_each_model_has_its_own_column_of_what_was_right(tmp_path):
    """As files do that hold several models side by side."""
    path = tmp_path / "models.csv"
    rng = np.random.default_rng(1)
    sure, right = rng.random((100, 2)).round(2), rng.integers(0, 2, (100, 2))
    names = [f"{model}_{role}" for model in ("gpt-4o", "o1") for role in ("conf", "correctness")]
    rows = np.stack([sure[:, 0], right[:, 0], sure[:, 1], right[:, 1]], axis=1)
    path.write_text(",".join(names) + "\n" + "\n".join(",".join(map(str, r)) for r in rows) + "\n")
    for k, model in enumerate(("gpt-4o", "o1")):
        report = calaudit.evaluate(path, confidence=f"{model}_conf")
        assert report.metrics["accuracy"].value == pytest.approx(right[:, k].mean())
