"""Files of rows that were made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from calaudit.predictions.arrays import array_column
from calaudit.predictions.files import File
from calaudit.predictions.frames import table_of
from calaudit.predictions.rewriting.drafts import drafts_for, publish, refusing_full_disk


def write_columns(path: str, columns: Mapping[str, Any], inputs: Sequence[str]) -> None:
    """Write (n,) arrays as a CSV file, or else as Parquet, as a whole or not at all.

    Raises:
        SettingsError: the file is one of the inputs, or cannot be written.
    """
    table = table_of({name: array_column(each, name) for name, each in columns.items()}, path)
    write = pacsv.write_csv if path.lower().endswith(".csv") else pq.write_table
    with drafts_for([path], [File(each, each) for each in inputs]) as drafts:
        with refusing_full_disk(path):
            write(table, str(drafts[0].temporary))
        publish(drafts)
