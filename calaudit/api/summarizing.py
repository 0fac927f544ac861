"""Summarize: from any part of a data set to the tables that an evaluation is made of."""

from __future__ import annotations

import re
from typing import Any, Unpack

from calaudit.api.evaluation import check_bins, summary_of
from calaudit.api.reports.evaluation_settings import checked_settings
from calaudit.api.rows.open_rows import opened_data
from calaudit.api.shards.shard import Shard, shard_of
from calaudit.errors import SettingsError
from calaudit.options.commands import EvaluateOptions, SummarizeOptions
from calaudit.options.declaration import documented, filled

MOST_PARTS = 100_000


@documented(SummarizeOptions)
def summarize(data: Any = None, y_prob: Any = None, **options: Unpack[SummarizeOptions]) -> Shard:
    """Summarize a part of a data set, to be merged with others by `evaluate` and the like.

    Called as `evaluate` is: with data in columns, or with arrays.

    >>> import calaudit
    >>> one = calaudit.summarize([0, 1, 1, 0], [0.1, 0.8, 0.7, 0.3])
    >>> other = calaudit.summarize([1, 0, 1, 1], [0.6, 0.2, 0.9, 0.4])
    >>> calaudit.evaluate([one, other]).rows
    8

    Args:
        data: a path, a directory, a glob or several of them, or a frame. With ``y_prob``: y_true.
        y_prob: (n,) or (n, K) probabilities (logits with ``scale="logit"``).
        **options: as in the signature; declared in `calaudit.options`.

    Returns:
        The shard; ``to_bytes()`` is the file that ``calaudit summarize -o`` writes.

    Raises:
        InputError: the data cannot be used as it is; the message says where and what to do.
        SettingsError: an argument is wrong.
    """
    whole: Any = filled(EvaluateOptions, options)
    settings = checked_settings(whole)
    check_bins(settings, options["group"])
    share = None if options["part"] is None else _share(options["part"])
    if options["samples"]:
        raise SettingsError(
            "--samples gathers the rows of a question, which may be in several parts: run calaudit "
            "evaluate on all files"
        )
    predictions = opened_data(
        data, y_prob, options, id=options["id"], by=options["by"], group=options["group"]
    )
    predictions.share, predictions.in_part = share, True
    with predictions:
        if share is not None and any(each.temporary for each in predictions.files):
            raise SettingsError("--part takes files, which all machines see alike, and no stream")
        summary, intake, _ = summary_of(predictions, settings, options["progress"])
        return shard_of(predictions, summary, intake, settings)


def _share(text: str) -> tuple[int, int]:
    """Return which part of how many.

    Raises:
        SettingsError: it is none.
    """
    found = re.fullmatch(r"\s*(\d{1,6})\s*/\s*(\d{1,6})\s*", str(text))
    number, parts = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= parts <= MOST_PARTS:
        raise SettingsError(f"--part is K/N, from 1/N to N/N, as in 3/8, not {str(text)[:40]!r}")
    return number, parts
