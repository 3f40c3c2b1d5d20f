"""The page of the command line, from the Typer app.

Owns how a command is described and what the exit codes mean in words. It leaves the commands, their
arguments and their help to `bursar.cli`. It reads the functions behind the commands and not the
parser made from them, which differs from one release of Typer to the next.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import typer
from typer.models import OptionInfo, ParameterInfo

from bursar.errors import ExitCode
from bursar.reference.markdown import page, table

SOURCE = "the commands in src/bursar/cli/"

EXIT_CODES = {
    ExitCode.OK: "fine",
    ExitCode.WRONG_INPUT: "something in a metric, the catalog or the data is wrong",
    ExitCode.BAD_USAGE: "bad usage or configuration; also a query that DuckDB refuses",
    ExitCode.WAREHOUSE_UNAVAILABLE: "the warehouse is locked, missing or unreadable",
    ExitCode.NOT_RECONCILED: "a bill does not reconcile: a data test found wrong rows",
    ExitCode.INTERRUPTED: "interrupted",
}

_INTRODUCTION = """\
Data goes to stdout, words go to stderr. A table is for people; `--format json` and `--format csv`
are for programs: there, numbers with a fraction are text, so that no digit is lost, and times are
RFC 3339 in UTC. `bursar --version` prints the version; `-h` or `--help` explains any command."""

_METAVARS = {bool: "", int: "NUMBER", float: "NUMBER", str: "TEXT", Path: "PATH", datetime: "TIME"}


@dataclass(frozen=True)
class Parameter:
    """One argument or option of a command.

    Args:
        names: The option's names, such as `--as-of`; none for an argument.
        metavar: What stands for its value; empty for a flag.
        choices: The words it takes, if it takes only some.
        help: What it means.
        default: As it is typed; empty if there is none.
        is_required: Whether the command fails without it.
        is_many: Whether it may be given several times.
    """

    names: tuple[str, ...]
    metavar: str
    choices: tuple[str, ...]
    help: str
    default: str
    is_required: bool
    is_many: bool

    @property
    def usage(self) -> str:
        """An argument as a usage line has it."""
        name = self.metavar + ("…" if self.is_many else "")
        return name if self.is_required else f"[{name}]"


@dataclass(frozen=True)
class Command:
    """One command, by its full name such as `bursar invoice show`."""

    name: str
    help: str
    parameters: tuple[Parameter, ...]


def cli_page(app: typer.Typer) -> str:
    """The page's Markdown.

    Args:
        app: The command line, with all its commands.
    """
    codes = [(str(int(code)), EXIT_CODES[code]) for code in ExitCode]
    return page(
        SOURCE,
        "# Command line",
        _INTRODUCTION,
        "## Exit codes",
        table(("code", "meaning"), codes),
        *(block for command in commands(app) for block in _described(command)),
    )


def commands(app: typer.Typer, name: str = "bursar") -> Iterator[Command]:
    """Every command of the app: those of its own first, then those of its groups."""
    for command in app.registered_commands:
        callback = command.callback
        if callback is not None and not command.hidden:
            yield Command(
                name=f"{name} {command.name or callback.__name__.replace('_', '-')}",
                help=command.help or inspect.getdoc(callback) or "",
                parameters=tuple(_parameters(callback)),
            )
    for group in app.registered_groups:
        if group.typer_instance is not None and not group.hidden:
            yield from commands(group.typer_instance, f"{name} {group.name}")


def _parameters(callback: Callable[..., Any]) -> Iterator[Parameter]:
    hints = get_type_hints(callback, include_extras=True)
    for name, parameter in inspect.signature(callback).parameters.items():
        if get_origin(hints[name]) is not Annotated:
            continue  # Typer's own context, which nobody types
        kind, *notes = get_args(hints[name])
        info = next(note for note in notes if isinstance(note, ParameterInfo))
        if not info.hidden:
            yield _parameter(name, kind, info, parameter.default)


def _parameter(name: str, kind: Any, info: ParameterInfo, default: Any) -> Parameter:
    kind, is_many = _single(kind)
    is_option = isinstance(info, OptionInfo)
    is_required = default is inspect.Parameter.empty
    choices = tuple(str(c.value) for c in kind) if issubclass(kind, Enum) else ()
    # In an annotation the first name of an option stands where a default would.
    first = (info.default,) if isinstance(info.default, str) else ()
    given = (*first, *(info.param_decls or ()))
    declared = tuple(word for words in given for word in words.split("/"))
    if is_option and not declared:
        declared = (f"--{name.replace('_', '-')}",)
    if is_option and kind is bool and not first:
        declared = (*declared, f"--no-{name.replace('_', '-')}")
    metavar = info.metavar or (_METAVARS.get(kind, "") if is_option else name.upper())
    return Parameter(
        names=tuple(declared) if is_option else (),
        metavar=metavar.removesuffix("…").removesuffix("...").strip("[]"),
        choices=choices,
        help=info.help or "",
        default=_default(default, declared) if not is_required else "",
        is_required=is_required,
        is_many=is_many,
    )


def _single(kind: Any) -> tuple[type, bool]:
    """The type of one value, without `| None` and without the list around it."""
    if get_origin(kind) in (Union, UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) in (list, tuple):
        return get_args(kind)[0], True
    return kind, False


def _described(command: Command) -> Iterator[str]:
    arguments = [p.usage for p in command.parameters if not p.names]
    options = ["[OPTIONS]"] if any(p.names for p in command.parameters) else []
    yield f"## {command.name}"
    yield "    " + " ".join([command.name, *arguments, *options])
    # Typer marks a paragraph that is not to be wrapped with \b.
    yield command.help.replace("\b\n", "").strip()
    if command.parameters:
        yield table(
            ("argument or option", "meaning", "default"),
            [
                (_written(p), p.help, f"`{p.default}`" if p.default else "")
                for p in command.parameters
            ],
        )


def _written(parameter: Parameter) -> str:
    if not parameter.names:
        return f"`{parameter.usage}`"
    names = ", ".join(f"`{name}`" for name in parameter.names)
    value = " or ".join(f"`{word}`" for word in parameter.choices) or parameter.metavar
    return f"{names} {value}".rstrip()


def _default(value: Any, names: tuple[str, ...]) -> str:
    """A default as it is typed: of a flag that is on, its name."""
    if value in (None, False, (), []):
        return ""
    return names[0] if value is True else str(value.value if isinstance(value, Enum) else value)
