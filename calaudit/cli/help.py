"""Help that reads well in any terminal and costs nothing: plain text, grouped by topic.

Typer's own drawing of help imports all of rich, Markdown and tracebacks included, which takes
longer than everything else that ``calaudit --help`` does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

import typer.core

from calaudit.cli.failures import EXIT_CODES
from calaudit.errors import SettingsError

FILES = ("calaudit.toml", "pyproject.toml")
"""Where settings are looked for, in this order, in the working directory."""


def example(*lines: str) -> str:
    """Return the end of a help text: examples, not to be wrapped."""
    return "\n\n".join(["Example:" if len(lines) == 1 else "Examples:", "\b\n" + "\n".join(lines)])


def _heading(text: str) -> str:
    """Return a heading, in bold where the terminal shows it."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain or not sys.stdout.isatty() else f"\x1b[1m{text}\x1b[0m"


def _write_options(command: Any, ctx: Any, formatter: Any) -> None:
    """Write the parameters of a command, one section for each of their groups."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is not None:
            argument = parameter.param_type_name == "argument"
            group = parameter.rich_help_panel or ("Arguments" if argument else "Options")
            if argument:  # its Python type and "[required]" say nothing that its name does not
                record = (parameter.metavar or parameter.name, parameter.help or "")
            groups.setdefault(group, []).append(record)
    rest = groups.pop("Options", None)
    for group, records in [*groups.items(), *([("Options", rest)] if rest else [])]:
        with formatter.section(_heading(group)):
            formatter.write_dl(records, col_max=24)


def _write_epilog(command: Any, formatter: Any) -> None:
    """Write the examples, their title as a heading."""
    title, _, lines = (command.epilog or "").partition("\n\n")
    if lines:
        with formatter.section(_heading(title.rstrip(":"))):
            formatter.write_text(lines)


def _flag(option: Any) -> Any:
    """Return the help option as one that is off, not unset: typer imports pydantic for None."""
    if option is not None and option.default is None:
        option.default = False
    return option


def _value(parameter: Any, converted: Callable[..., Any], ctx: Any, value: Any) -> Any:
    """Return the value of a parameter, which typer converts by pydantic: slow to import.

    It is asked about what it may have to refuse, and for the words of that.
    """
    if value is None and not parameter.required:
        return () if parameter.multiple or parameter.nargs == -1 else None
    kind = parameter.type_descriptor.annotation
    if isinstance(value, (tuple, list)):
        one = next(iter(get_args(kind)), None)
        if one in (str, Path):
            return [one(each) for each in value]
    elif kind in (type(value), type(value) | None) or value in get_args(kind):
        return value
    for number in (int, float):
        if kind in (number, number | None):
            with suppress(ValueError):
                return number(value)
    return converted(ctx, value)


def _may_configure(file: str) -> bool:
    """Return whether a file is there that may hold settings; most of pyproject.toml do not."""
    try:
        return b"calaudit" in Path(file).read_bytes() or file == "calaudit.toml"
    except OSError:
        return False


def _tell(ctx: Any) -> None:
    """Say which settings come from a configuration."""
    from calaudit.cli.streams import print_message

    source = ctx.get_parameter_source
    used = [name for name in ctx.default_map if getattr(source(name), "name", "") == "DEFAULT_MAP"]
    if used:
        print_message("", f"{ctx.meta['configuration']} sets {', '.join(used)}")


class HelpCommand(typer.core.TyperCommand):
    """A command whose help is grouped by ``rich_help_panel``."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        for each in self.params:
            setattr(each, "process_value", partial(_value, each, each.process_value))  # noqa: B010

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option that shows the help."""
        return _flag(super().get_help_option(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Take the arguments apart; an option that is there twice is refused, or the last wins."""
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        values, _, ordered = self.make_parser(ctx).parse_args(list(args))
        given: list[Any] = ordered
        for option in given:
            single = option.param_type_name == "option" and not (option.multiple or option.is_flag)
            if single and given.count(option) > 1:
                raise SettingsError(
                    f"{option.opts[0]} is given {given.count(option)} times, and takes one value: "
                    "run calaudit once for each"
                )
        if not values.get("help"):
            self._configure(ctx, values.get("config"))
        rest = super().parse_args(ctx, args)
        if ctx.default_map and not ctx.params.get("quiet"):
            _tell(ctx)
        return rest

    def _configure(self, ctx: Any, config: str | None) -> None:
        """Let the settings of a configuration stand for what is not given."""
        options = getattr(self.callback, "options", None)
        if not options or (config is None and not any(map(_may_configure, FILES))):
            return
        from calaudit.cli.configuration import configuration

        found = configuration(config)
        ctx.default_map = found.settings(self.name or "", options)
        ctx.meta["configuration"] = found.file

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options in their groups."""
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """Write the examples."""
        _write_epilog(self, formatter)


def _task(named: tuple[str, Any]) -> str:
    return str(named[1].rich_help_panel)


class HelpGroup(typer.core.TyperGroup):
    """The program itself: its commands by task, then its options."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Take the arguments apart."""
        for option in self.params:  # not before: typer adds those of completion last
            _flag(option)
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """Write the commands, one section for each task."""
        column = max(map(len, self.commands))
        for task, members in groupby(self.commands.items(), _task):
            with formatter.section(_heading(task)):
                formatter.write_dl(
                    [(name.ljust(column), each.get_short_help_str(80)) for name, each in members]
                )

    def get_help_option(self, ctx: Any) -> Any:
        """Return the option that shows the help."""
        return _flag(super().get_help_option(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands and the options."""
        self.format_commands(ctx, formatter)
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """Write the exit codes and the examples."""
        with formatter.section(_heading("Exit codes")):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES.items()])
        _write_epilog(self, formatter)
