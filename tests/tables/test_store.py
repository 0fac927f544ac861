"""Tables as JSON values: what is saved is the table, or a coarser one of the same rows."""

from __future__ import annotations

import json

import numpy as np
import pytest

from calaudit.errors import InputError
from calaudit.tables import ScoreTable, TableBuilder
from calaudit.tables.store import table_from_values, values_of_table
from tests.tables.distributions import DISTRIBUTIONS, labels_for
from tests.tables.laws import same_table


@pytest.mark.parametrize("name", sorted(DISTRIBUTIONS))
@pytest.mark.parametrize("weighted", [False, True])
def test_round_trip(name, weighted):
    """A saved table comes back as it was, at a level that the original coarsens to."""
    rng = np.random.default_rng(5)
    p = DISTRIBUTIONS[name](rng, 5000)
    y = labels_for(rng, p)
    table = ScoreTable.of(p, y, rng.random(5000) if weighted else None)
    back = table_from_values(json.loads(json.dumps(values_of_table(table), allow_nan=False)))
    same_table(back, table.coarsened(back.level))
    if len(table) <= 1024:
        assert back.exact


def test_tables_of_parts_merge_after_saving():
    """Saved tables of two halves of a file merge to a table of all of it."""
    rng = np.random.default_rng(6)
    p = rng.random(4000)
    y = labels_for(rng, p)
    halves = [table_from_values(values_of_table(ScoreTable.of(p[i::2], y[i::2]))) for i in range(2)]
    merged = halves[0].merge(halves[1])
    same_table(merged, ScoreTable.of(p, y).coarsened(merged.level))


def test_more_octaves_than_cells():
    """Logits from −700 to 700 span 2,000 octaves: one cell each is saved, and no error raised."""
    q = np.exp(np.linspace(-700, -1, 3000))
    builder = TableBuilder()
    builder.add_tails(np.tile(q, 2), np.repeat([False, True], 3000), np.zeros(6000, int))
    back = table_from_values(values_of_table(builder.table()))
    assert (back.level, back.rows) == (0, 6000)


@pytest.mark.parametrize(
    "damage", [{"rows": 3}, {"starts": [5, 4]}, {"zeros": None}, {"level": "x"}]
)
def test_damage_is_found(damage):
    """A table that was edited or cut short is refused."""
    values = values_of_table(ScoreTable.of(np.array([0.2, 0.7]), np.array([0, 1])))
    with pytest.raises(InputError, match="damaged"):
        table_from_values(values | damage)
