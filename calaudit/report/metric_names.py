"""What people read instead of the metric names, the same in every renderer."""

from __future__ import annotations

from typing import Literal

Unit = Literal["number", "percent", "points", "count"]
"""How a figure is shown: as it is, as a percentage, as percentage points, as a whole number."""

METRICS: dict[str, tuple[str, Unit]] = {
    "n": ("Rows", "count"),
    "accuracy": ("Accuracy", "percent"),
    "automated_error": ("Errors of the surest", "percent"),
    "mean_confidence": ("Mean confidence", "percent"),
    "mean_score": ("Mean score", "percent"),
    "base_rate": ("Base rate", "percent"),
    "ece": ("ECE, equal width", "number"),
    "ece_equal_mass": ("ECE, equal mass", "number"),
    "mce": ("MCE, the worst bin", "number"),
    "rmsce": ("RMSCE", "number"),
    "debiased_ece": ("Debiased ECE", "number"),
    "classwise_ece": ("Classwise ECE", "number"),
    "smece": ("Calibration error", "number"),
    "ecce_r": ("ECCE, range", "number"),
    "ecce_mad": ("ECCE, maximum", "number"),
    "noise_floor": ("Noise floor of ECE", "number"),
    "brier": ("Brier score", "number"),
    "log_loss": ("Log loss", "number"),
    "recoverable_log_loss": ("recoverable", "number"),
    "auroc": ("AUROC", "number"),
    "average_precision": ("Average precision", "number"),
    "cox_slope": ("Cox slope", "number"),
    "cox_intercept": ("Cox intercept", "number"),
    "cox_test": ("Cox line, test", "number"),
    "spiegelhalter_z": ("Spiegelhalter z", "number"),
    "hosmer_lemeshow": ("Hosmer-Lemeshow", "number"),
    "observed_expected": ("O:E ratio", "number"),
    "scaled_brier": ("Scaled Brier score", "number"),
    "ici": ("ICI, spline curve", "number"),
    "e50": ("E50", "number"),
    "e90": ("E90", "number"),
    "emax": ("Emax", "number"),
    "corp_mcb": ("CORP miscalibration", "number"),
    "corp_dsc": ("CORP discrimination", "number"),
    "corp_unc": ("CORP uncertainty", "number"),
    "coverage": ("Held by the main interval", "percent"),
    "guaranteed": ("What so many calibration rows give", "percent"),
    "set_size": ("Mean size of the sets", "number"),
    "empty_sets": ("Empty sets", "percent"),
    "singletons": ("Sets of one class", "percent"),
    "singleton_accuracy": ("Of these right", "percent"),
    "full_sets": ("Sets of all classes", "percent"),
    "widening": ("Factor that it would take", "number"),
    "interval_score": ("Interval score", "number"),
    "mean_pinball": ("Mean pinball loss", "number"),
    "wis": ("WIS", "number"),
    "crps": ("CRPS", "number"),
    "kuiper": ("Kuiper's V of the PIT", "number"),
    "crossed": ("Rows whose quantiles cross", "percent"),
}
"""Metric name → (title, unit), in the order of the documentation."""


def metric_title(name: str) -> str:
    """Return the title of a metric; of one that is not known, its name with spaces."""
    return METRICS[name][0] if name in METRICS else name.replace("_", " ")


def metric_unit(name: str) -> Unit:
    """Return how the metric is shown."""
    return METRICS[name][1] if name in METRICS else "number"
