"""Old and new predictions of the same rows: which match, and what that is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit import CheckReport, InputError, SettingsError
from tests.api.simulated import multiclass, sigmoid, top_label

INCREASE = {"ece": 0.02}


def models(n: int = 3000, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the same rows with the scores of a calibrated model and of an overconfident one."""
    rng = np.random.default_rng([seed, n])
    z = rng.normal(size=n) * 1.5
    y = (rng.random(n) < sigmoid(z)).astype(int)
    old = pd.DataFrame({"row_id": np.arange(n), "score": sigmoid(z), "label": y})
    return old, old.assign(score=sigmoid(1.5 * z))


def check(old: Any, new: Any, **more: Any) -> CheckReport:
    """Return the verdict on new against old predictions, row by row."""
    return calaudit.check(new, against=old, id="row_id", **{"max_increase": INCREASE, **more})


def test_paired_with_themselves() -> None:
    """The same predictions have not changed: exactly 0, between 0 and 0, in any order."""
    old, _ = models(40)
    found = check(old, old.sample(frac=1, random_state=1), max_decrease={"auroc": 0.0})
    assert [(r.status, r.change, r.low, r.high) for r in found.results] == [
        ("PASS", 0.0, 0.0, 0.0)
    ] * 2


def test_order_does_not_matter() -> None:
    """Rows are matched by their ids: in another order they give the same verdict."""
    old, new = models()
    one = check(old, new)
    other = check(old.sample(frac=1, random_state=1), new.sample(frac=1, random_state=2))
    assert one.pairing is not None
    assert other.pairing is not None
    assert (one.pairing.matched, one.pairing.only_before, one.pairing.only_after) == (3000, 0, 0)
    assert one.results == other.results
    assert one.pairing.correlations == pytest.approx(other.pairing.correlations)


def test_correlations_by_hand() -> None:
    """They are those of numpy on each row's loss, square, hit and signed residual."""
    old, new = models()
    found = check(old, new).pairing
    assert found is not None
    y = old["label"].to_numpy()
    parts: dict[str, list[Any]] = {"log_loss": [], "brier": [], "accuracy": [], "ece": []}
    for frame in (old, new):
        p = frame["score"].to_numpy()
        parts["log_loss"].append(-np.log(np.where(y == 1, p, 1 - p)))
        parts["brier"].append((y - p) ** 2)
        parts["accuracy"].append((p > 0.5) == y)
        bins = pd.cut(frame["score"], np.linspace(0, 1, 16), labels=False)
        signs = np.sign(pd.Series(y - p).groupby(bins).sum())
        parts["ece"].append(bins.map(signs).to_numpy() * (y - p))
    for name, (before, after) in parts.items():
        assert found.correlations[name] == pytest.approx(np.corrcoef(before, after)[0, 1]), name
    assert found.correlations["smece"] == found.correlations["ece"]


def test_paired_log_loss_is_the_paired_interval() -> None:
    """The bounds of a matched change of the log loss are those of the mean difference."""
    old, new = models()
    result = check(old, new, max_increase={"log_loss": 0.01}).results[0]
    y = old["label"]
    losses = [-np.log(np.where(y == 1, frame["score"], 1 - frame["score"])) for frame in (old, new)]
    difference = losses[1] - losses[0]
    half = 1.6448536 * difference.std() / np.sqrt(len(difference))
    assert result.change == pytest.approx(difference.mean())
    assert result.low == pytest.approx(difference.mean() - half, rel=1e-2)
    assert result.high == pytest.approx(difference.mean() + half, rel=1e-2)


def placements(score: Any, y: Any) -> Any:
    """Return what each row adds to the AUROC, by comparing all pairs."""
    right = (score[:, None] > score[None, :]) + 0.5 * (score[:, None] == score[None, :])
    found = np.zeros(len(y))
    ones = y == 1
    found[ones] = right[np.ix_(ones, ~ones)].mean(axis=1)
    found[~ones] = right[np.ix_(ones, ~ones)].mean(axis=0)
    for label in (ones, ~ones):
        found[label] = (found[label] - found[label].mean()) / label.sum()
    return found


def test_paired_auroc_is_delong() -> None:
    """The correlation of two AUROCs is that of DeLong et al. 1988, ties and all."""
    old, new = models(400)
    new = new.assign(score=np.round(new["score"] * (1 + 0.3 * np.sin(np.arange(400))) / 1.3, 2))
    found = check(old, new, max_decrease={"auroc": 0.02})
    assert found.pairing is not None
    y = old["label"].to_numpy()
    a, b = (placements(frame["score"].to_numpy(), y) for frame in (old, new))
    rho = float(a @ b / np.sqrt((a @ a) * (b @ b)))
    assert found.pairing.correlations["auroc"] == pytest.approx(rho)
    result = next(r for r in found.results if r.metric == "auroc")
    half = 1.6448536 * np.sqrt(((a - b) ** 2).sum())  # DeLong's interval, not on the logit scale
    assert result.high == pytest.approx((result.change or 0) + half, rel=0.1)


def test_slices_are_matched_too() -> None:
    """A slice is compared row by row, as if its rows were all there are."""
    old, new = (frame.assign(site=np.arange(3000) % 2) for frame in models())
    rule: Any = {"max_increase": {"log_loss": 0.01}}
    of_slices = {r.value: r for r in check(old, new, by="site", **rule).results}
    for site in (0, 1):
        alone = check(old[old["site"] == site], new[new["site"] == site], **rule).results[0]
        found = of_slices[str(site)]
        assert (found.change, found.high) == pytest.approx((alone.change, alone.high))


@pytest.mark.parametrize("positives", [0, 1, 2])
def test_an_error_may_change_its_sign(positives: int) -> None:
    """Scores that rise from 0.01 to 0.03 may have come nearer to the truth, 0.025 say.

    Of 100 rows with so few positives it cannot be told on which side of the scores the truth is,
    and what is common to the rows of both files does not tell it either.
    """
    y = (np.arange(100) < positives).astype(int)
    scores = 0.01 + np.random.default_rng(0).uniform(-0.002, 0.002, 100)
    old, new = (
        pd.DataFrame({"row_id": np.arange(100), "score": scores + rise, "label": y})
        for rise in (0.0, 0.02)
    )
    result = check(old, new, max_increase={"ece": 0.01}).results[0]
    assert result.status == "INCONCLUSIVE"
    assert result.low is not None
    assert result.low < -0.01  # the change of the ECE where the truth is 0.025


def test_correlations_of_several_classes() -> None:
    """Of several classes too; a score is that of the predicted class, a loss that of the true."""
    z, p, y = multiclass(2000, 3)
    columns = ["p_a", "p_b", "p_c"]
    other = np.exp(1.3 * z) / np.exp(1.3 * z).sum(axis=1, keepdims=True)
    frames = [
        pd.DataFrame(scores, columns=columns).assign(
            row_id=np.arange(2000), label=np.array(["a", "b", "c"])[y]
        )
        for scores in (p, other)
    ]
    found = check(*frames).pairing
    assert found is not None
    rows = np.arange(2000)
    losses = [-np.log(scores[rows, y]) for scores in (p, other)]
    squares = [((scores - np.eye(3)[y]) ** 2).sum(axis=1) for scores in (p, other)]
    for name, (before, after) in {"log_loss": losses, "brier": squares}.items():
        assert found.correlations[name] == pytest.approx(np.corrcoef(before, after)[0, 1])
    assert found.correlations["accuracy"] == pytest.approx(1.0)
    moved = frames[1].assign(label=np.roll(frames[1]["label"], 1))
    with pytest.raises(InputError, match=r"the labels of [\d,]+ rows differ between the files"):
        check(frames[0], moved)


def test_weights_count() -> None:
    """A row of weight 0 has no part in a correlation, and a heavy one has a large part."""
    old, new = models(400)
    odd = np.arange(400) % 2 == 1
    new.loc[odd, "score"] = 1 - new.loc[odd, "score"]
    weight = np.where(odd, 1e-9, 1.0)
    weighted = check(old.assign(w=weight), new.assign(w=weight), weight="w").pairing
    even = check(old[~odd], new[~odd]).pairing
    whole = check(old, new).pairing
    assert weighted is not None
    assert even is not None
    assert whole is not None
    assert weighted.correlations == pytest.approx(even.correlations, abs=1e-6)
    assert abs(weighted.correlations["brier"] - whole.correlations["brier"]) > 0.1


def test_matched_rows_have_more_power() -> None:
    """A change that separate rows leave open is a failure of matched ones."""
    old, new = models(1000)
    rule: dict[str, Any] = {"max_increase": {"log_loss": 0.0}}
    apart = calaudit.check(new, against=old, **rule).results[0]
    together = check(old, new, **rule).results[0]
    assert (apart.status, together.status) == ("INCONCLUSIVE", "FAIL")
    assert apart.change == together.change


def test_top_label_labels_may_differ() -> None:
    """Whether a stated confidence was right is up to the model, and may differ."""
    p, right = top_label(500)
    old = pd.DataFrame({"row_id": np.arange(500), "confidence": p, "correct": right})
    new = old.assign(correct=1 - right)
    found = check(old, new).pairing
    assert found is not None
    assert found.matched == 500


def test_top_label_accuracy_is_whether_the_prediction_was_right() -> None:
    """A stated confidence below one half that was wrong is no hit."""
    p, right = top_label(500)
    rng = np.random.default_rng(1)
    other = np.where(rng.random(500) < 0.2, 1 - right, right)
    old = pd.DataFrame({"row_id": np.arange(500), "confidence": p / 2, "correct": right})
    found = check(old, old.assign(correct=other)).pairing
    assert found is not None
    known = np.corrcoef(right, other)[0, 1]
    assert found.correlations["accuracy"] == pytest.approx(known)


def test_same_ids_in_other_types(tmp_path: Path) -> None:
    """Ids that are numbers in Parquet and text in CSV match; so do 7 and 7.0."""
    old, new = models(300)
    old.to_parquet(tmp_path / "old.parquet")
    new.to_csv(tmp_path / "new.csv", index=False)
    others = [
        tmp_path / "old.parquet",
        old.assign(row_id=old["row_id"].astype(float)),
        old.assign(row_id=old["row_id"].astype(str)),
    ]
    for other in others:
        found = check(other, tmp_path / "new.csv").pairing
        assert found is not None
        assert found.matched == 300
    padded = old.assign(row_id=old["row_id"].map("{:03}".format))
    with pytest.raises(InputError, match=r"100 rows of the old data and 100 of .*new.csv have no"):
        check(padded, tmp_path / "new.csv")


@pytest.mark.parametrize("kind", ["frame", "csv"])
def test_ids_that_name_no_row(kind: str, tmp_path: Path) -> None:
    """An id that is missing or occurs twice is refused, with the file and the count."""
    old, new = models(300)

    def given(frame: pd.DataFrame) -> Any:
        if kind == "frame":
            return frame
        frame.to_csv(tmp_path / "new.csv", index=False)
        return tmp_path / "new.csv"

    twice = new.assign(row_id=np.where(np.arange(300) < 3, 8, np.arange(300)))
    name = "the new data" if kind == "frame" else r".*new\.csv"
    with pytest.raises(InputError, match=rf"^{name}: the row_id 8 occurs more than once \(3 such"):
        check(old, given(twice))
    missing = new.assign(row_id=new["row_id"].where(new["row_id"] > 1))
    with pytest.raises(InputError, match=rf"^{name}: 2 rows have no row_id"):
        check(old, given(missing))


def test_rows_without_a_partner() -> None:
    """Rows in one file only are refused and counted, with some of them."""
    old, new = models(300)
    with pytest.raises(InputError) as caught:
        check(old[10:], new[:295])
    assert str(caught.value) == (
        "5 rows of the old data and 10 of the new data have no partner with the same row_id "
        "(295, 296, 297, …); 285 have. Give the same rows, or --allow-unmatched to compare them "
        "all the same"
    )
    with pytest.raises(InputError, match="0 rows of the old data and 1 of the new data"):
        check(old[1:], new)


def test_allowed_without_a_partner() -> None:
    """On request they are compared all the same: shown, and worth less the fewer match."""
    old, new = models(4000)
    whole = check(old, new).pairing
    half = check(old[:3000], new[1000:], allow_unmatched=True).pairing
    both = check(old[1000:3000], new[1000:3000]).pairing
    assert whole is not None
    assert half is not None
    assert both is not None
    assert (half.matched, half.only_before, half.only_after) == (2000, 1000, 1000)
    # 2,000 of √(3,000 · 3,000) rows are in both; means and bins are of all rows of a file.
    for metric in ("brier", "log_loss"):
        assert half.correlations[metric] == pytest.approx(
            both.correlations[metric] * 2 / 3, abs=0.02
        )


def test_no_row_in_common() -> None:
    """Files without any common id are refused, also where unmatched rows are allowed."""
    old, new = models(300)
    other = new.assign(row_id=new["row_id"] + 300)
    with pytest.raises(InputError, match=r"no row_id of the new data is in the old data: is it"):
        check(old, other, allow_unmatched=True)


def test_labels_that_differ() -> None:
    """Rows with the same id and another label are not the same rows."""
    old, new = models(300)
    new.loc[[4, 7], "label"] = 1 - new.loc[[4, 7], "label"]
    with pytest.raises(InputError, match=r"labels of 2 rows differ .* first where row_id is 4:"):
        check(old, new)


def test_no_such_column() -> None:
    """A column that is not there is named, with those that are."""
    old, new = models(300)
    with pytest.raises(InputError, match=r"--id names the column 'key', which is not there"):
        calaudit.check(new, against=old, id="key", max_increase=INCREASE)


def test_other_settings_reach_the_rows() -> None:
    """Roles, scale and a calibrator are the same in the second pass as in the first."""
    old, new = models(600)
    renamed = [
        frame.rename(columns={"score": "chance", "label": "outcome"}).assign(
            noise=0.5, chance=frame["score"] * 10
        )
        for frame in (old, new)
    ]
    plain = check(old, new)
    other = check(*renamed, score="chance", label="outcome", out_of=10)
    assert plain.pairing is not None
    assert other.pairing is not None
    assert other.pairing.correlations == pytest.approx(plain.pairing.correlations)
    y, p = old["label"], old["score"]
    cal = calaudit.fit(y, p, method="platt")
    calibrated = [frame.assign(score=cal.apply(frame["score"].to_numpy())) for frame in (old, new)]
    one = check(old, new, calibrator=cal).pairing
    two = check(*calibrated).pairing
    assert one is not None
    assert two is not None
    assert one.correlations == pytest.approx(two.correlations, abs=1e-9)


def test_what_can_be_read_once_only() -> None:
    """A stream is refused before anything is read from it: rows are matched in a second pass."""
    import pyarrow as pa

    old, new = models(300)
    reader = pa.Table.from_pandas(new).to_reader()
    for data in (reader, "-", ["-"]):
        with pytest.raises(SettingsError, match="a stream can be read only once"):
            check(old, data)
    assert reader.read_all().num_rows == 300
    with pytest.raises(SettingsError, match="give a baseline"):
        calaudit.check(new["label"], new["score"], against=old, max_increase=INCREASE)
