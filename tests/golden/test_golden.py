"""Our figures of real files against those of independent code."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from calaudit.metrics.bins import BinSums, bin_sums, equal_mass, residuals_of
from calaudit.metrics.calibration_error import ece_value
from calaudit.metrics.classwise import ece_by_class
from calaudit.metrics.discrimination import accuracy_at_half, auroc
from calaudit.metrics.recalibration import corp, cox
from calaudit.metrics.scoring import brier, log_losses
from calaudit.metrics.significance import hosmer_lemeshow, spiegelhalter_z
from calaudit.metrics.smooth import smece_value
from calaudit.predictions.chunk import Chunk
from calaudit.tables import Cells, ScoreTable, SummaryBuilder
from calaudit.tables.binning import equal_width
from tests.golden import cases
from tests.naive import smooth_residual_integral

TOLERANCE = 1e-9
OPTIMISER = 1e-6
SMOOTH = 2e-8
"""The golden smooth error is itself converged to about 1.5e-8 where most scores are exactly 0 or
1: put into the definition, it leaves a residual of that size. Ours leaves less than 1e-10, which
`test_smooth_error_solves_its_definition` shows by direct evaluation."""

CLIPS = {
    "2.2e-16": 2.220446049250313e-16,
    "1e-15": 1e-15,
    "1e-12": 1e-12,
    "1e-7": 1e-7,
}
BINNINGS = {
    f"ece{bins}_{side}": equal_width(bins, side)
    for bins in (10, 15, 20)
    for side in ("right", "left")
}
CUTS = tuple(sorted({cut for binning in BINNINGS.values() for cut in binning.cuts}))

pytestmark = pytest.mark.cases

BINARY = list(cases.binary())
FULL = [case for case in BINARY if "corp_brier" in case.figures]
"""Series with every figure; small groups have the first few only."""
MULTICLASS = list(cases.multiclass())


def number(value: Any) -> Any:
    """Return a golden value as a number; infinities are written as text."""
    return float(value) if isinstance(value, str) else value


def same(measured: Any, figure: str, ours: Any, theirs: Any, where: str, within: float) -> None:
    """Assert that two figures agree, relative to their size where that is above 1."""
    theirs = number(theirs)
    if ours is None or theirs is None or not math.isfinite(theirs):
        assert ours == theirs, f"{where} {figure}: {ours} against {theirs}"
        return
    difference = abs(ours - theirs) / max(1.0, abs(theirs))
    measured.note(f"golden: {figure}", difference, where)
    assert difference <= within, f"{where} {figure}: {ours} against {theirs}"


def cells_of(rows: dict[str, Any]) -> Cells:
    """Return the cells of one series, cut for every binning that is compared."""
    return ScoreTable.of(rows["p"], rows["y"], rows.get("w"), cuts=CUTS).cells()


def plain_figures(cells: Cells) -> dict[str, float | None]:
    """Return our figures under the golden names: those that need no optimiser."""
    residuals = residuals_of(cells)
    figures: dict[str, float | None] = {"base_rate": float(cells.w[1].sum() / cells.w.sum())}
    for name, binning in BINNINGS.items():
        sums = bin_sums(cells, residuals, binning)
        figures[name] = ece_value(sums)
        figures[name.replace("ece", "mce")] = float(np.abs(sums.gaps).max())
    figures["ece15_mass_ties_together"] = ece_value(equal_mass(cells, residuals, 15))
    figures["brier"] = brier(cells, level=0.95).value
    figures["auroc"] = auroc(cells, level=0.95).value
    figures["accuracy_at_0.5"] = accuracy_at_half(cells, level=0.95).value
    for name, clip in CLIPS.items():
        figures[f"log_loss_eps{name}"] = log_losses(cells, clip).mean()
    bare = log_losses(cells, 0.0)
    figures["log_loss_noclip"] = math.inf if bare.infinite else bare.mean()
    figures["n_impossible"] = float(bare.infinite)
    z = spiegelhalter_z(cells)
    figures["spiegelhalter_z"], figures["spiegelhalter_p"] = z.value, z.p_value
    figures["smece_exact"] = smece_value(cells, residuals)
    return figures


@pytest.mark.parametrize("case", BINARY, ids=lambda case: case.name)
def test_binary(case, measured):
    """Calibration errors, scores, discrimination and Spiegelhalter's z of every series."""
    ours = plain_figures(cells_of(case.rows()))
    shared = ours.keys() & case.figures.keys()
    assert {"ece10_right", "brier", "auroc", "smece_exact"} <= shared
    for figure in sorted(shared):
        within = SMOOTH if figure == "smece_exact" else TOLERANCE
        same(measured, figure, ours[figure], case.figures[figure], case.name, within)


@pytest.mark.parametrize("case", FULL, ids=lambda case: case.name)
def test_corp(case, measured):
    """Miscalibration, discrimination and uncertainty, which isotonic regression gives exactly."""
    want = case.figures["corp_brier"]
    got = corp(residuals_of(cells_of(case.rows())))
    for part in ("mcb", "dsc", "unc"):
        same(measured, f"corp_{part}", getattr(got, part), want[part], case.name, TOLERANCE)


@pytest.mark.parametrize("case", FULL, ids=lambda case: case.name)
def test_cox(case, measured):
    """Slope and intercept of Cox's line at each clip; separable data has none."""
    fits = {key: fit for key, fit in case.figures.items() if key.startswith("cox_eps")}
    cells = cells_of(case.rows())
    for key, want in fits.items():
        got = cox(cells, level=0.95, clip=float(key.removeprefix("cox_eps")))
        for part in ("slope", "intercept"):
            ours = getattr(got, part).value
            same(measured, f"cox_{part}", ours, want[part], f"{case.name} {key}", OPTIMISER)


@pytest.mark.parametrize("case", FULL, ids=lambda case: case.name)
def test_hosmer_lemeshow(case, measured):
    """χ² and both p-values over quantile bins with whole ties and over equal-width bins."""
    kinds = {k: v for k, v in case.figures.items() if k in HOSMER_LEMESHOW}
    cells = cells_of(case.rows())
    residuals = residuals_of(cells)
    for key, want in kinds.items():
        bins = HOSMER_LEMESHOW[key](cells, residuals)
        for fitted, p in ((False, "p_df_full"), (True, "p_df_minus2")):
            got = hosmer_lemeshow(bins, fitted=fitted)
            if want["bins"] - 2 * fitted < 1:
                assert got.value is None, "chi-squared with no degrees of freedom has no p-value"
                continue
            # A bin of wrong rows at exactly 0 or 1 is left out of both; ours says so.
            same(measured, key, got.value, want["chi2"], case.name, TOLERANCE)
            same(measured, f"{key} {p}", got.p_value, want[p], case.name, TOLERANCE)
        assert int(bins.used.sum()) == want["bins"]


def ties_together(cells: Cells, residuals: Any) -> BinSums:
    """Return ten quantile bins."""
    return equal_mass(cells, residuals, 10)


def ten_equal_widths(cells: Cells, residuals: Any) -> BinSums:
    """Return ten equal-width bins."""
    return bin_sums(cells, residuals, BINNINGS["ece10_right"])


HOSMER_LEMESHOW = {
    "hosmer_lemeshow_ties10": ties_together,
    "hosmer_lemeshow_eqwidth10": ten_equal_widths,
}


@pytest.mark.parametrize(
    "name", ["nfl_games/data", "march_madness_men/data", "compas_weighted/expanded"]
)
def test_smooth_error_solves_its_definition(name, measured):
    """Our smECE is a fixed point of the definition itself, evaluated kernel by kernel."""
    rows = next(case for case in BINARY if case.name == name).rows()
    ours = smece_value(cells := cells_of(rows), residuals_of(cells))
    residual = abs(direct_integral(rows["p"], rows["y"], ours) - ours)
    measured.note("smECE: |v(sigma) - sigma|", residual, name)
    assert residual < 1e-10


def direct_integral(p: Any, y: Any, sigma: float) -> float:
    """Return ∫|smoothed residual| by sums of cosines over the scores and a fine trapezoid."""
    u, inverse = np.unique(p, return_inverse=True)
    mass = np.bincount(inverse, y - p) / len(p)
    k = np.arange(int(9 / (np.pi * sigma)) + 5)
    d = np.array([(mass * np.cos(np.pi * j * u)).sum() for j in k])
    d *= np.exp(-((sigma * np.pi * k) ** 2) / 2)
    points = 1 << 20
    padded = np.zeros(points + 1, np.complex128)
    padded[: len(k)] = d
    field = np.abs(np.fft.irfft(padded, 2 * points)[: points + 1]) * 2 * points
    return float((field.sum() - field[0] / 2 - field[-1] / 2) / points)


def test_direct_integral_is_the_definition():
    """The cosine sums of the test above are the reflected Gaussian kernel of the paper."""
    rng = np.random.default_rng(0)
    p = np.concatenate([rng.random(30), [0.0, 1.0]])
    y = (rng.random(32) < 0.5).astype(int)
    for sigma in (0.03, 0.2):
        assert direct_integral(p, y, sigma) == pytest.approx(
            smooth_residual_integral(p, y, sigma), abs=2e-6
        )


# Multiclass -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "scale"),
    [
        pytest.param(case, scale, id=f"{case.name}-{scale}")
        for case in MULTICLASS
        for scale in ("probability", "logit")
        if scale == "probability" or case.name.startswith("eurosat")
    ],
)
def test_multiclass(case, scale, measured):
    """Brier over the classes, log loss at each clip and classwise ECE, from the streamed sums."""
    rows = case.rows()
    scores = rows["z"] if scale == "logit" else rows["p"]
    want = case.figures
    for side in ("right", "left"):
        builder = SummaryBuilder(
            "multiclass", scale, n_classes=scores.shape[1], binning=equal_width(15, side)
        )
        for part in np.array_split(np.arange(len(scores)), 7):
            builder.add(Chunk(scores[part], rows["y"][part]))
        summary = builder.summary()
        assert summary.classes is not None
        by_class = ece_by_class(summary.classes)
        name = f"classwise_ece15_{side}"
        same(measured, name, float(by_class.mean()), want[name], case.name, TOLERANCE)
    if "classwise_ece15_per_class" in want:
        # Per class as in `right`, the last binning differs only where a score is on an edge.
        np.testing.assert_allclose(by_class, want["classwise_ece15_per_class"], atol=1e-9)
    assert summary.classes is not None
    assert summary.truth is not None
    truth = summary.truth.cells()
    ours: dict[str, float] = {
        f"log_loss_eps{k}": log_losses(truth, v, both_ends=False).mean() for k, v in CLIPS.items()
    }
    bare = log_losses(truth, 0.0)
    ours["log_loss_noclip"] = math.inf if bare.infinite else bare.mean()
    ours["n_true_class_zero"] = float(bare.infinite)
    ours["brier_sum"], _ = summary.classes.brier_moments()
    top = summary.table.cells()
    ours["accuracy"] = float(top.w[1].sum() / top.w.sum())
    ours["mean_confidence"] = float((top.p * top.total).sum() / top.w.sum())
    if scale == "logit":
        ours["log_loss_from_logits"] = bare.mean()
    for figure, value in ours.items():
        if figure in want:
            same(measured, f"multiclass {figure}", value, want[figure], case.name, TOLERANCE)


@pytest.mark.parametrize("fold", range(1, 11))
def test_folds(fold, measured):
    """Top-label ECE and accuracy of each cross-validation fold."""
    name = f"Fold{fold:02}"
    want = cases.golden()["hpc_cv"]["series"][name]
    held = cases.column("hpc_cv/data.csv", "fold") == name
    rows = next(case for case in BINARY if case.name == "hpc_cv/data/top").rows()
    cells = cells_of({"p": rows["p"][held], "y": rows["y"][held]})
    ours = plain_figures(cells)
    same(measured, "fold ece15", ours["ece15_right"], want["top_ece15_right"], name, TOLERANCE)
    same(measured, "fold accuracy", ours["base_rate"], want["accuracy"], name, TOLERANCE)


# Weights --------------------------------------------------------------------------------


def test_weights(measured):
    """Weighted figures of the compas file are those computed with weights elsewhere."""
    want = cases.golden()["compas_weighted"]["series"]["weighted_check"]
    file = "compas_weighted/data.csv"
    p, y, w = (cases.column(file, name) for name in ("score", "label", "weight"))
    cells = cells_of({"p": p, "y": y, "w": w.astype(np.float64)})
    ours = plain_figures(cells)
    names = {"sklearn_auroc": "auroc", "sklearn_log_loss": "log_loss_eps2.2e-16"}
    for figure in ("ece10_right", "ece10_left", "ece15_right", "brier", *names):
        name = names.get(figure, figure)
        same(measured, f"weighted {name}", ours[name], want[figure], "compas", TOLERANCE)
    got = corp(residuals_of(cells))
    for part in ("mcb", "dsc", "unc"):
        same(measured, f"weighted corp_{part}", getattr(got, part), want["corp"][part], "compas",
             TOLERANCE)  # fmt: skip


def test_weighted_is_expanded(measured):
    """Every point figure of the weighted file is that of the file with its rows repeated."""
    file = "compas_weighted/data.csv"
    p, y, w = (cases.column(file, name) for name in ("score", "label", "weight"))
    weighted = cells_of({"p": p, "y": y, "w": w.astype(np.float64)})
    expanded = cells_of(cases.BINARY["compas_weighted"]["expanded"]())
    ours, want = plain_figures(weighted), plain_figures(expanded)
    # A z-score is not a point figure: its variance takes weights as importance.
    for figure in want.keys() - {"spiegelhalter_z", "spiegelhalter_p"}:
        same(measured, f"expanded {figure}", ours[figure], want[figure], "compas", 1e-12)
    lines = cox(weighted, level=0.95), cox(expanded, level=0.95)
    for part in ("slope", "intercept"):
        values = [getattr(line, part).value for line in lines]
        assert values[0] == pytest.approx(values[1], abs=1e-9)


# Completeness ---------------------------------------------------------------------------


def test_every_series_is_compared():
    """No series of a classification case is left out by accident."""
    seen = {case.name.removesuffix("/top") for case in BINARY} | {case.name for case in MULTICLASS}
    seen |= {case.name for case in BINARY}
    for case, content in cases.golden().items():
        if case in cases.NOT_CLASSIFICATION:
            continue
        for series in content["series"]:
            name = f"{case}/{series}"
            assert name in seen or name in cases.OTHERWISE or series.startswith("Fold"), name
