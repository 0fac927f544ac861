"""Files written again with other scores: row for row, every other column as it was."""

from __future__ import annotations

from calaudit.predictions.rewriting.drafts import Draft, drafts_for
from calaudit.predictions.rewriting.rescoring import Naming, Rescorer
from calaudit.predictions.rewriting.rewritten_files import rewrite

__all__ = ["Draft", "Naming", "Rescorer", "drafts_for", "rewrite"]
