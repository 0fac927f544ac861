"""What the user chose, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from calaudit.api.rows.splits import check_count
from calaudit.errors import SettingsError
from calaudit.options.figures import FigureOptions
from calaudit.tables.binning import MAX_BINS

DEFAULT_BINS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Checked settings of an evaluation.

    Attributes:
        bins: number of bins; equal_mass: whether the reliability table has equal-mass bins;
            bins_given: whether the user chose (else the table may fall back to equal mass).
        convention: rule for scores on bin edges.
        level: confidence level. seed: of everything random. clip: of the log loss.
        on_invalid: "refuse" or "drop". worst: rows to list. threads: at most.
        weight_kind: "importance" or "frequency".
        automated: share of the surest rows whose errors are wanted, or None.
        axis: "linear" or "log-odds", of the reliability diagram; None for what serves the scores.
    """

    bins: int
    equal_mass: bool
    bins_given: bool
    convention: str
    level: float
    seed: int
    clip: float
    on_invalid: str
    worst: int
    threads: int | None
    weight_kind: str
    automated: float | None
    axis: str | None = None

    def values(self) -> dict[str, Any]:
        """Return what a reader needs to repeat the evaluation, as JSON values."""
        wanted = {} if self.automated is None else {"automated": self.automated}
        return wanted | {
            "bins": f"equal-mass:{self.bins}" if self.equal_mass else str(self.bins),
            "bins_given": self.bins_given,
            "convention": self.convention,
            "level": self.level,
            "seed": self.seed,
            "clip": self.clip,
            "on_invalid": self.on_invalid,
            "worst": self.worst,
            "weight_kind": self.weight_kind,
        }


def checked_settings(options: FigureOptions) -> Settings:
    """Return the settings.

    Raises:
        SettingsError: one of them is out of its range; the message says which and why.
    """
    count, equal_mass = _bins(options["bins"])
    level, seed, threads = options["level"], options["seed"], options["threads"]
    checked_intervals(level=level, seed=seed, threads=threads)
    clip, worst = options["clip"], options["worst"]
    automated: Any = options.get("automated")
    axis: Any = options.get("axis")
    if automated is not None and not 0 < automated <= 1:
        raise SettingsError(f"automated is a share above 0 and at most 1, not {automated}")
    if not 0 <= clip < 0.5:
        raise SettingsError(f"the clip must lie between 0 and 0.5, not {clip}")
    if not 0 <= worst <= 100_000:
        raise SettingsError(f"worst must be 0 to 100000 rows, not {worst}")
    return Settings(
        bins=count,
        equal_mass=equal_mass,
        bins_given=options["bins"] is not None,
        convention=options["convention"],
        level=float(level),
        seed=int(seed),
        clip=float(clip),
        on_invalid=options["on_invalid"],
        worst=int(worst),
        threads=threads,
        weight_kind=options["weight_kind"],
        automated=automated,
        axis=axis,
    )


def checked_intervals(*, level: float, seed: int, threads: int | None) -> None:
    """Check what every command that gives intervals takes.

    Raises:
        SettingsError: one of them is out of its range.
    """
    if not 0.5 <= level <= 0.99:
        raise SettingsError(f"the level must lie between 0.5 and 0.99 (0.95 is 95 %), not {level}")
    if seed < 0:
        raise SettingsError(f"the seed must be 0 or more, not {seed}")
    check_count("threads", threads)


def _bins(bins: str | int | None) -> tuple[int, bool]:
    if bins is None:
        return DEFAULT_BINS, False
    text = str(bins).strip()
    equal_mass = text.startswith("equal-mass:")
    number = text.removeprefix("equal-mass:")
    # Python refuses to convert thousands of digits, so that the length is looked at first.
    digits = number.isascii() and number.isdigit() and len(number) <= 9
    if not digits or not 1 <= int(number) <= MAX_BINS:
        raise SettingsError(
            f"bins must be a number from 1 to {MAX_BINS}, or equal-mass:N, not {text[:40]!r}"
        )
    return int(number), equal_mass
