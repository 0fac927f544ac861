"""What acting on the scores of two models costs, at every ratio of costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calaudit.api.reports.evaluation_settings import Settings
from calaudit.api.rows.keyed_rows import KeyedRows
from calaudit.metrics.murphy import THETAS, elementary_scores, murphy_band
from calaudit.metrics.paired import Rows
from calaudit.report.compare_report import CostPoint, Costs, Model

MOST = 8
"""Models beside the baseline whose costs are told."""


def costs_of(
    models: Sequence[Model], rows: Sequence[KeyedRows], weighed: Rows, settings: Settings
) -> tuple[Costs, ...]:
    """Return the Murphy diagrams of each model and the baseline, on the same rows."""
    first = rows[0].parts
    positive, baseline = first["one"], first["score"]
    before = elementary_scores(baseline, positive, weighed.w)
    found = []
    for i, (model, each) in enumerate(list(zip(models, rows, strict=True))[1 : MOST + 1]):
        score = each.parts["score"]
        rng = np.random.default_rng([settings.seed, 63, i])
        band = murphy_band((baseline, score), positive, weighed, rng, level=settings.level)
        after = elementary_scores(score, positive, weighed.w)
        columns = (THETAS, before, after, band.low, band.high)
        points = tuple(
            CostPoint(
                theta=theta, baseline=a, model=b,
                low=None if np.isnan(low) else low, high=None if np.isnan(high) else high,
            )
            for theta, a, b, low, high in zip(*(x.tolist() for x in columns), strict=True)
        )  # fmt: skip
        found.append(Costs(model=model.name, finding=band.finding, points=points))
    return tuple(found)
