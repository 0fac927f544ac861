"""Reference of calaudit.toml, made of what it is read by."""

from __future__ import annotations

from calaudit.api.checks.configuration import FILES, SETTINGS
from calaudit.api.checks.rule_settings import RULES
from calaudit.options.commands import CheckOptions
from calaudit.options.declaration import options_of
from docs.generators.markdown import code, joined, plain, table

__all__ = ["page"]


def page() -> str:
    """Return the page of keys."""
    declared = options_of(CheckOptions)
    rules = [(code(name), plain(declared[name].help)) for name in RULES if name in declared]
    rest = [code(name) for name in RULES if name not in declared]
    settings = [
        (code(name), plain(each.help), "" if each.default is None else code(_toml(each.default)))
        for name, each in SETTINGS.items()
    ]
    return joined(
        "# calaudit.toml",
        f"Rules and settings of `calaudit check` are read from {' or '.join(map(code, FILES))} in "
        "the working directory, or from the file that `--config` names; in `pyproject.toml` they "
        "stand under `[tool.calaudit.check]` and `[tool.calaudit.gate.NAME]`. What is written on "
        "the command line wins. `[check]` is of all gates, `[gate.NAME]` of one, which wins as "
        "well. [Gate a release](../gate.md) has examples; `calaudit evaluate --name NAME` reads "
        "the same file.",
        "## Data",
        table(
            ("key", "what it is"),
            [("`data`", "Of a gate: the files to read, a text or a list of texts; paths are "
              "relative to the file.")],
        ),
        "## Rules",
        table(("key", "what it asks"), rules),
        f"A limit on a figure alone: {', '.join(rest)}." if rest else "",
        'In place of a number there may be `{ margin = 0.01, confidence = 0.99 }`.',
        "## Settings",
        table(("key", "what it does", "default"), settings),
    )  # fmt: skip


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
