"""Which option is recommended: decided here for cutoffs, bands, classes and cost matrices."""

from __future__ import annotations

from collections.abc import Callable

from calaudit.metrics.estimate import Estimate

LEVEL = 0.6827
"""Of the intervals that options are compared by: one standard error on either side, as among
calibrators. With 95 % a simpler option of 3,000 rows stays that is a tenth dearer."""


def preferred(options: int, excess: Callable[[int, int], Estimate]) -> int:
    """Return the simplest option that no other is clearly cheaper than.

    The cheapest is one of them; a simpler one is preferred where the rows can hardly tell it
    from all others.

    Args:
        options: how many there are, the simplest first.
        excess: returns what one option costs more than another on the same cases, which neither
            was chosen on, with its paired interval at `LEVEL`.
    """
    dearer = (
        any((excess(one, other).low or 0.0) > 0.0 for other in range(options) if other != one)
        for one in range(options)
    )
    return next(one for one, more in enumerate(dearer) if not more)
