"""What every figure, test, method, note and setting is: written once, shown everywhere.

The texts stand in TOML files beside this module, one for each kind of entry. They are read when
they are first asked for.
"""

from __future__ import annotations

from calaudit.report.glossary.entry import KINDS, Entry
from calaudit.report.glossary.lookup import entries, entry, known

__all__ = ["KINDS", "Entry", "entries", "entry", "known"]
