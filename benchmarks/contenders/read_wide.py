"""Read class probabilities into one numpy array in the quickest way there is: FILE THREADS."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def main(path: str, threads: int) -> None:
    """Print the shape of the array: from columns in column order, from lists in row order."""
    pa.set_cpu_count(threads)
    names = [name for name in pq.read_schema(path).names if name != "label"]
    table = pq.read_table(path, columns=names)
    if len(names) == 1:
        column = table.column(0)
        flat = np.concatenate([chunk.flatten().to_numpy() for chunk in column.chunks])
        matrix = flat.reshape(table.num_rows, -1)
    else:
        (batch,) = table.combine_chunks().to_batches()
        matrix = batch.to_tensor(row_major=False).to_numpy()
    print(matrix.shape)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
