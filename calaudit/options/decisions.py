"""What a decision is to weigh and to keep."""

from functools import partial
from typing import Annotated, Any, TypedDict

from calaudit.options.choices import INDICES
from calaudit.options.declaration import Option
from calaudit.options.figures import Intervals
from calaudit.options.rows import FIGURES, ROLES, Kind, Reading

_cost = partial(Option, panel="Costs, in any one unit", metavar="COST")
_limit = partial(Option, panel="Limits", metavar="P")
_case = partial(Option, panel="Cases", metavar="N")
_cutoffs = partial(
    Option,
    panel=FIGURES,
    default="auto",
    choices=("auto", "calibrated", "empirical"),
    metavar="METHOD",
)


class StatedOrSure(TypedDict, total=False):
    """The score of a prediction that is right or wrong, where limits have a confidence, too."""

    confidence: Annotated[
        str | None,
        Option(
            "Stated confidence of the prediction. A number is taken for --guarantee.",
            "Stated confidence of the prediction.",
            panel=ROLES,
            metavar="COLUMN",
            repeated=True,
        ),
    ]


class CostOptions(TypedDict, total=False):
    """Costs and benefits."""

    cost_fp: Annotated[float | None, _cost("Acting on a negative: a false alarm.")]
    cost_fn: Annotated[float | None, _cost("Letting a positive pass: a miss.")]
    cost_review: Annotated[float | None, _cost("A review, after which the decision is right.")]
    cost_error: Annotated[
        float | None, _cost("Top-label, multiclass: accepting a wrong prediction.")
    ]
    benefit_tp: Annotated[float | None, _cost("What acting on a positive earns.")]
    benefit_tn: Annotated[float | None, _cost("What letting a negative pass earns.")]


class Matrix(TypedDict, total=False):
    """Costs of each class and decision."""

    cost_matrix: Annotated[
        Any,
        _cost(
            "Multiclass: CSV, a row a class, a column a decision.",
            "Multiclass: path of a CSV (a row a true class, a column a decision), or a mapping "
            "{truth: {decision: cost}}.",
            metavar="FILE",
        ),
    ]


class Limits(TypedDict, total=False):
    """Rates to keep."""

    min_precision: Annotated[
        float | str | None,
        _limit(
            "Smallest share of positives among those acted on.",
            "Smallest share of positives among those acted on without a review; as all shares 0.9 "
            'or "90%".',
        ),
    ]
    min_recall: Annotated[
        float | str | None, _limit("Smallest share of the positives to act on or review.")
    ]
    max_fpr: Annotated[float | str | None, _limit("Largest share of the negatives to act on.")]
    max_error: Annotated[
        float | str | None,
        _limit("Largest share of errors among what is not reviewed: 0.02, or 2%."),
    ]


class Guarantee(TypedDict, total=False):
    """How surely, and for what, limits are kept."""

    guarantee: Annotated[
        float | str | None,
        _limit(
            "Confidence with which the limits hold for cases to come; or none.",
            "Confidence with which the limits, all together, hold for cases to come (in an audit "
            "without limits, each of those of ``selective``); None for limits that only these rows "
            "keep.",
            default=0.95,
            shown="0.95",
        ),
    ]
    per_class: Annotated[
        bool, _limit("Multiclass: a cutoff for each class.", default=False, metavar=None)
    ]


class Cases(TypedDict, total=False):
    """The cases to come."""

    max_review: Annotated[float | str | None, _case("Most reviews: a number of cases, or 5%.")]
    per_day: Annotated[float | None, _case("Cases a day; --max-review and totals are of a day.")]
    prevalence: Annotated[
        Any,
        _case(
            "Share of positives in production; or a file without labels to estimate it on.",
            metavar="P",
        ),
    ]
    current: Annotated[float | None, _case("Cutoff in use, to compare with.", metavar="SCORE")]


class CutoffMethod(TypedDict, total=False):
    """How ``threshold`` chooses."""

    method: Annotated[
        str,
        _cutoffs(
            "calibrated (then cut by the costs), empirical (the cheapest on these rows), or auto: "
            "the simplest way that none is clearly cheaper than on rows it was not chosen on.",
            '"calibrated" (as `fit` with "auto", then the rule for calibrated scores), "empirical" '
            '(the cheapest on these rows), or "auto": of these two, ``current``, the scores as '
            "they are, one decision for all and a cutoff of one half the simplest that none is "
            "clearly cheaper than, on rows that it was not chosen on.",
        ),
    ]

    maximize: Annotated[
        str | None,
        Option(
            "Cut where this is the largest, in place of costs: f1, youden, balanced-accuracy.",
            "Index to make the largest in place of costs and limits; its figure is that of rows "
            "that the cutoff was not chosen on.",
            panel=FIGURES,
            choices=INDICES,
            metavar="INDEX",
        ),
    ]


class Cutoffs(TypedDict, total=False):
    """How ``audit`` chooses, whose ``method`` is that of calibration."""

    cutoffs: Annotated[str, _cutoffs("How cutoffs are chosen: as --method of calaudit threshold.")]


class DecisionOptions(
    Kind, CostOptions, Matrix, Limits, Guarantee, Cases, Intervals, Reading, total=False
):
    """What a decision depends on."""
