"""The choice among methods: the simplest that is about as good as the best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from calaudit.calibrators.certificate import Candidate
from calaudit.calibrators.floors import HANGS
from calaudit.errors import NotEnoughData

CURVES = ("temperature", "platt", "beta", "spline", "vector")
"""Methods with few parameters. Where none has a fit, that is the answer, not "identity"."""


def candidates_of(
    methods: Sequence[str],
    means: Mapping[str, float],
    difference: Callable[[str, str], tuple[float, float]],
    reasons: Mapping[str, str | NotEnoughData],
) -> tuple[Candidate, ...]:
    """Return the methods with their cross-validated losses, one of them chosen.

    The chosen one is the simplest whose loss exceeds the smallest by no more than one standard
    error of that difference, paired by row (Breiman et al. 1984, §3.4.3, made paired).

    Args:
        methods: names, the simplest first.
        means: cross-validated losses by name.
        difference: returns the mean loss of one method less that of another, and its standard
            error, paired by row.
        reasons: why the others were left out, by name.

    Raises:
        NotEnoughData: no curve could be fitted, so that the choice would hide what is wrong.
    """
    failed = [reasons[m] for m in methods if m in CURVES and reasons.get(m, HANGS) != HANGS]
    if failed and not any(m in means for m in CURVES):
        why = failed[0]
        raise NotEnoughData(why) if isinstance(why, str) else why
    best = min(means, key=lambda method: (means[method], methods.index(method)))
    found: list[Candidate] = []
    taken = False
    for method in methods:
        if method not in means:
            found.append(Candidate(method, reason=str(reasons.get(method, "not tried"))))
            continue
        worse, error = difference(method, best)
        chosen = not taken and worse <= error
        taken = taken or chosen
        found.append(Candidate(method, means[method], worse, error, chosen))
    return tuple(found)
