"""`bursar init`: a new billing project.

Owns the words around it. It leaves the files to `bursar.scaffold`.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from bursar.cli.output import say


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="A new or empty folder.", show_default=False)
    ],
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill it with the catalog and metrics of a demo company.")
    ] = False,
) -> None:
    """Make a new billing project."""
    from bursar.scaffold.new_project import new_project

    new_project(directory, with_demo=demo)
    folder = shlex.quote(str(directory))
    say(f"Made a billing project in {directory}.\n\nNext:")
    for line in _next_steps(folder, demo=demo):
        say(f"  {line}")


def _next_steps(folder: str, *, demo: bool) -> tuple[str, ...]:
    if demo:
        return (
            f"cd {folder}",
            "bursar metric list                                what is measured",
            "bursar catalog check                              what is sold, to whom",
            "bursar demo .                                     its events, landed and billed",
        )
    return (
        f"cd {folder}",
        "bursar metric new api_calls --aggregation count   what to measure",
        "bursar catalog check                              after editing seeds/*.csv",
        "bursar events land my-events.ndjson",
        "bursar build && bursar invoice list",
    )
