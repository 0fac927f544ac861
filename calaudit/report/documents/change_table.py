"""What changed between two periods, as a table: three questions."""

from __future__ import annotations

from dataclasses import replace

from calaudit.report.compare_report import Change, Moves
from calaudit.report.document import Column, Section, Table, names
from calaudit.report.numbers import p_value


def change_section(found: Change | None) -> Section:
    """Return what changed between two sets of rows of their own; nothing where there are none."""
    section = Section(name="changed", title="What changed", blocks=[], short=True)
    if found is None:
        return section
    told = found.map_reason if found.map_p is None else p_value(found.map_p)
    rows = [
        *move_rows(found),
        ("A score stands for the same", "", told),
        ("ECE, by what the scores do", f"{found.ece_of_scores - found.ece:+.3f}",
         f"{found.ece:.3f} to {found.ece_of_scores:.3f}"),
        ("ECE, by what they stand for", f"{found.ece_of_both - found.ece_of_scores:+.3f}",
         f"{found.ece_of_scores:.3f} to {found.ece_of_both:.3f}"),
    ]  # fmt: skip
    titles, values, beside = zip(*rows, strict=True)
    table = Table(
        caption="What changed",
        plain=True,
        columns=[
            names("question", list(titles), named=False, terms=["changed"] * len(rows)),
            Column(title="figure", cells=list(values)),
            Column(title="beside it", cells=list(beside), right=False, drop=1),
        ],
    )
    return replace(section, blocks=[table])


def move_rows(found: Moves) -> list[tuple[str, str, str]]:
    """Return how far the scores moved: what it is, how much, and how much by chance."""
    return [
        ("Scores moved: PSI", f"{found.psi:.3f}", f"{found.psi_chance:.3f} by chance, "
         f"{found.psi_limit:.3f} at most (95 %)"),
        ("Scores moved: KS", f"{found.ks:.3f}", p_value(found.ks_p)),
        ("Scores moved: Wasserstein", f"{found.wasserstein:.3f}",
         f"{found.wasserstein_chance:.3f} by chance"),
    ]  # fmt: skip
