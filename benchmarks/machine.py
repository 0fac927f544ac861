"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

__all__ = ["installed", "load", "machine"]

_PACKAGES = (
    "calaudit", "numpy", "scipy", "pyarrow", "typer", "rich", "duckdb", "scikit-learn", "netcal",
    "torch", "torchmetrics", "probmetrics", "relplot", "calzone-tool",
)  # fmt: skip


def installed(module: str) -> bool:
    """Return whether a module can be imported, without importing it."""
    return find_spec(module) is not None


def load() -> float:
    """Return how many processes wanted a processor in the last minute."""
    return os.getloadavg()[0]


def machine() -> dict[str, object]:
    """Return the interpreter, the processors and the versions of what is compared."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "packages": versions,
    }
