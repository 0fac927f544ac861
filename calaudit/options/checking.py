"""The rules of a gate, and what they compare with."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, TypedDict

from calaudit.options.declaration import Option

RULES = "Rules"

Limit = float | Mapping[str, Any] | None
Margins = Mapping[str, Any] | Sequence[str] | None

_rule = partial(Option, panel=RULES)
_limit = partial(_rule, metavar="X")
_margins = partial(_rule, metavar="NAME=MARGIN", repeated=True)
_compared = partial(Option, panel="Compared with")


class Rules(TypedDict, total=False):
    """Limits on figures, and on how far they change; the others stand in configurations."""

    max_ece: Annotated[
        Limit,
        _limit(
            "Largest expected calibration error.",
            'Largest expected calibration error; as in all rules, {"limit": 0.05, "confidence": '
            "0.99} for a confidence of its own.",
        ),
    ]
    max_smece: Annotated[Limit, _limit("Largest smooth calibration error.")]
    max_log_loss: Annotated[Limit, _limit("Largest log loss.")]
    max_brier: Annotated[Limit, _limit("Largest Brier score.")]
    min_accuracy: Annotated[Limit, _limit("Smallest accuracy.")]
    min_auroc: Annotated[Limit, _limit("Smallest AUROC.")]
    min_coverage: Annotated[Limit, _limit("Forecasts: smallest share held by the intervals.")]
    max_interval_score: Annotated[Limit, _limit("Forecasts: largest interval score.")]
    min_automated: Annotated[
        str | None,
        _rule(
            "At most RISK errors among the surest SHARE of cases.",
            'At most so many errors among the surest so many cases, as "0.02=0.6".',
            metavar="RISK=SHARE",
        ),
    ]
    max_increase: Annotated[
        Margins,
        _margins(
            "Largest increase since the baseline, as ece=0.01; repeatable.",
            'Largest increase since the baseline, as {"ece": 0.01}, or {"ece": {"margin": 0.01, '
            '"confidence": 0.99}}.',
        ),
    ]
    max_decrease: Annotated[
        Margins,
        _margins(
            "Largest decrease, as auroc=0.01; may be repeated.",
            'Largest decrease, as {"auroc": 0.01}.',
        ),
    ]
    max_ici: Annotated[Limit, Option(doc="Largest ICI of binary scores.")]
    min_scaled_brier: Annotated[Limit, Option(doc="Smallest scaled Brier score of binary scores.")]
    max_mean_pinball: Annotated[Limit, Option(doc="Forecasts: largest mean pinball loss.")]
    max_wis: Annotated[Limit, Option(doc="Forecasts: largest weighted interval score.")]
    max_crps: Annotated[Limit, Option(doc="Forecasts: largest CRPS.")]
    max_ece_equal_mass: Annotated[Limit, Option(doc="Largest ECE of equal-mass bins.")]
    max_mce: Annotated[Limit, Option(doc="Largest maximum calibration error.")]
    max_rmsce: Annotated[Limit, Option(doc="Largest root mean square calibration error.")]
    max_debiased_ece: Annotated[Limit, Option(doc="Largest debiased ECE.")]
    max_ecce_r: Annotated[Limit, Option(doc="Largest range of the cumulative differences.")]
    max_ecce_mad: Annotated[Limit, Option(doc="Largest absolute cumulative difference.")]
    max_recoverable_log_loss: Annotated[
        Limit, Option(doc="Largest part of the log loss that calibration would save.")
    ]
    max_classwise_ece: Annotated[Limit, Option(doc="Largest mean of the ECE of each class.")]
    min_average_precision: Annotated[Limit, Option(doc="Smallest average precision.")]


class Compared(TypedDict, total=False):
    """How the gate judges, and what it compares with."""

    min_rows: Annotated[int | None, _rule("Fewest rows.", metavar="N")]
    rule_confidence: Annotated[
        float,
        _rule(
            "Confidence of a failure; for one rule write ece=0.01@0.99.",
            "With which a rule is called failed; of slices, over all of them together.",
            default=0.95,
            metavar="P",
        ),
    ]
    strict: Annotated[
        bool,
        _rule(
            "End with 4 where a rule is inconclusive.",
            "Whether an inconclusive rule makes the report false as well.",
            default=False,
        ),
    ]
    baseline: Annotated[
        Any,
        _compared(
            "A report that evaluate -o wrote.",
            "A `Report`, or the path of one that ``evaluate -o`` wrote.",
            metavar="FILE",
        ),
    ]
    against: Annotated[
        Any,
        _compared("The old predictions, instead of a baseline.", metavar="DATA"),
    ]
    id: Annotated[
        str | None,
        _compared(
            "Column that names rows in both (or in --labels): they are compared row by row.",
            "With ``against``, the column that names rows in both: they are compared row by row. "
            "With ``labels``, what these are joined by.",
            metavar="COLUMN",
        ),
    ]
