"""Mergeable statistics: what is learnt of the rows, in bounded space."""

from calaudit.tables.builder import TableBuilder
from calaudit.tables.cells import Cells
from calaudit.tables.score_table import CAP, ScoreTable
from calaudit.tables.summary import Summary, SummaryBuilder

__all__ = ["CAP", "Cells", "ScoreTable", "Summary", "SummaryBuilder", "TableBuilder"]
