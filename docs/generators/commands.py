"""Reference of the command line, made of the commands as they are declared."""

from __future__ import annotations

from typing import Any

from typer.main import get_command

from calaudit.cli.app import COMMANDS, app_of
from calaudit.cli.failures import EXIT_CODES
from calaudit.report.glossary import known
from calaudit.report.kinds import KINDS
from docs.generators.markdown import code, joined, plain, table

__all__ = ["exit_codes", "pages"]


def pages() -> dict[str, str]:
    """Return a page for each command, and one that lists them, by their paths."""
    program: Any = get_command(app_of())
    made = {
        f"reference/commands/{name}.md": _page(name, program.commands[name]) for name in COMMANDS
    }
    rows = [
        (f"[`{name}`]({name}.md)", plain((program.commands[name].help or "").partition("\n")[0]))
        for name in COMMANDS
    ]
    index = joined(
        "# Commands",
        "`calaudit --help` lists them, `calaudit COMMAND --help` says what stands here.",
        table(("command", "what it does"), rows),
        "Every command ends with an [exit code](../exit-codes.md), and reads what is told in "
        "[What it reads](../../inputs.md).",
    )
    return {"reference/commands/index.md": index, **made}


def _page(name: str, command: Any) -> str:
    context = command.context_class(command, info_name=f"calaudit {name}")
    first, _, more = (command.help or "").partition("\n")
    usage = " ".join([f"calaudit {name}", *command.collect_usage_pieces(context)])
    _, _, examples = (command.epilog or "").partition("\n\n")
    typed = "\n".join(f"$ {line}" for line in examples.replace("\b", "").strip().splitlines())
    return joined(
        f"# calaudit {name}",
        plain(first),
        *(plain(each) for each in more.strip().split("\n\n")),
        f"```text\n{usage}\n```",
        f"```console\n{typed}\n```" if typed else "",
        *_panels(command, context),
        _beside(name),
    )


def _panels(command: Any, context: Any) -> list[str]:
    """Return a section for each group of options, as the help has them."""
    groups: dict[str, list[tuple[str, str]]] = {"Arguments": []}
    for each in command.get_params(context):
        record = each.get_help_record(context)
        if record is None:
            continue
        argument = each.param_type_name == "argument"
        names, text = (each.metavar or each.name, each.help or "") if argument else record
        entry = known(each.name.replace("_", "-"))
        apart = entry is not None and entry.kind in ("role", "setting") and not argument
        more = f" [More](../glossary/{entry.kind}.md#{entry.name})" if entry and apart else ""
        panel = each.rich_help_panel or ("Arguments" if argument else "Options")
        groups.setdefault(panel, []).append((code(names), plain(text) + more))
    groups["Options"] = groups.pop("Options", [])
    return [
        f"## {panel}\n\n{table(('option', 'what it does'), rows)}"
        for panel, rows in groups.items() if rows
    ]  # fmt: skip


def _beside(name: str) -> str:
    """Return where else the command is: in Python, and as JSON."""
    import calaudit

    kind = next((each.name for each in KINDS.values() if each.command == name), "")
    both = [
        f"in Python [`calaudit.{name}`](../python/{name}.md)" if name in calaudit.__all__ else "",
        f"its [JSON](../json/{kind}.md)" if kind else "",
    ]
    said = " and ".join(filter(None, both))
    return f"See also: {said}." if said else ""


def exit_codes() -> str:
    """Return the page of exit codes."""
    rows = [(f"`{code}`", plain(meaning)) for code, meaning in EXIT_CODES.items()]
    return joined(
        "# Exit codes",
        table(("exit code", "meaning"), rows),
        "Of several gates the code is the worst of all: 1 before 70, 3, 2, 4 and 0 "
        "([why](../ci.md#rules-in-one-place)).",
        "Python's own start can end with 1 as well, with `Fatal Python error` and no verdict: "
        "where standard input is a directory or `PYTHONHASHSEED` no number.",
    )
