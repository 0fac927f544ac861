"""What the members of an ensemble disagree on, and whether it tells errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.estimate import Estimate
from calaudit.metrics.out_of_distribution import abnormality
from calaudit.metrics.paired import Rows, auroc_difference

Floats = NDArray[np.float64]


def disagreement(mean: Floats, expected: Floats, members: int) -> dict[str, Floats]:
    """Return the parts of the entropy of each row's mean, in nats; each (n,).

    H(p̄) = mean of H(p_m), which members expect (the doubt in the data) + the mutual information of
    class and member (the doubt of the model). That of M members is too small by 1/M, to first
    order in what they disagree: M/(M − 1) times it is what members without end would have, as
    Bessel's correction of a variance; where they disagree much it falls short.

    Args:
        mean: (n, K) mean of the members' probabilities.
        expected: (n,) mean of their entropies.
        members: how many, 2 or more.

    Source: Houlsby et al. 2011; Depeweg et al. 2018.
    """
    total = abnormality("entropy", mean, "probability")
    information = np.round(total - expected, 12) + 0.0  # of members that are one it is exactly 0
    return {
        "predictive_entropy": total,
        "expected_entropy": expected,
        "mutual_information": information,
        "mutual_information_corrected": information * (members / (members - 1.0)),
    }


def error_auroc(doubt: Floats, wrong: NDArray[np.bool_], rows: Rows, *, level: float) -> Estimate:
    """Return the probability that an error is more in doubt than a hit, ties half (DeLong 1988).

    It is one half more than that of a doubt that is the same for all rows.

    Args:
        doubt: (n,) of each row.
        wrong: (n,) which are errors.
        rows: their weights.
        level: of the interval.
    """
    pair = (np.zeros(len(doubt)), doubt)
    found = auroc_difference(pair, (wrong, wrong), rows, level=level)
    ends = (found.value, found.low, found.high)
    value, low, high = (None if x is None else min(max(x + 0.5, 0.0), 1.0) for x in ends)
    method = found.method and "DeLong"
    return replace(found, value=value, low=low, high=high, method=method, p_value=None)
