"""Timings of calaudit against other tools and against bare reading, as ratios in one run.

``make bench`` runs all of it; ``python -m benchmarks --help`` shows how to run a part. The
modules that start processes import nothing heavy: the peak memory of a child process is never
reported below that of the parent which started it.
"""
