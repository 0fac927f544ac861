"""Decode columns of a Parquet file and throw them away: FILE THREADS COLUMNS."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pyarrow.parquet as pq


def main(path: str, threads: int, columns: list[str]) -> None:
    """Read the row groups, each by one thread."""
    groups = pq.ParquetFile(path).metadata.num_row_groups

    def read_lane(first: int) -> None:
        with pq.ParquetFile(path) as file:
            for group in range(first, groups, threads):
                file.read_row_group(group, columns=columns, use_threads=False)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(read_lane, range(threads)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3].split(","))
