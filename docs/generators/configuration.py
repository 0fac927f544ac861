"""Reference of calaudit.toml, made of what it is read by."""

from __future__ import annotations

from calaudit.api.checks.rule_settings import RULES
from calaudit.cli.configuration import SETTINGS
from calaudit.cli.help import FILES
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
        f"Settings are read from {' or '.join(map(code, FILES))} in the working directory, or from "
        "the file that `--config` names (`none` for no file); in `pyproject.toml` their sections "
        "stand under `tool.calaudit`. What is written on the command line wins, and which "
        "settings a file gave is said on stderr.",
        "## Every command",
        "`[defaults]` holds settings of all commands that have them, under the names of "
        '[options](commands/index.md) with underscores: `label = "churned"`, `by = ["region"]`. '
        "A section named like a command is of that command, which wins, as `[threshold]` with "
        "`cost_fp = 10`; there `data` names the files to read. `calaudit init FILE` writes such a "
        "file.",
        "## Gates",
        "`[check]` is of all gates, `[gate.NAME]` of one, which wins as well. "
        "[Gate a release](../gate.md) has examples; `calaudit evaluate --name NAME` reads the "
        "data and columns of a gate.",
        table(
            ("key", "what it is"),
            [("`data`", "The files to read, a text or a list of texts; paths are "
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
