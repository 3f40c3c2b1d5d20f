"""Do the generators read what they are given as a reader would?"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bursar.reference.cli_page import cli_page, commands
from bursar.reference.errors_page import errors_page, read_cases
from bursar.reference.markdown import table

CASE = """A name that nobody sent.

--- metrics/a.sql
select 1 as value
--- says
metrics/a.sql:1:8: error: M103 unknown-property
  1 | select 1 as value
    |        ^
  No landed event has it.

  Nearest: it.
"""
TWO = """Two at once.

--- says
metrics/a.sql:1:8: warning: M103 unknown-property
  Nothing has landed.

metrics/a.sql: error: no-file
  There is no file.
"""


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def example() -> typer.Typer:
    app = typer.Typer()
    group = typer.Typer()
    app.add_typer(group, name="paint")

    @app.command()
    def sweep(
        paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="What.")],
        is_wet: Annotated[bool, typer.Option("--wet", help="With water.")] = False,
        is_loud: Annotated[bool, typer.Option("--loud/--quiet", help="With a song.")] = True,
    ) -> None:
        """Sweep the floor."""

    @group.command("wall")
    def paint_wall(
        name: Annotated[str | None, typer.Argument(help="Which.")] = None,
        colour: Annotated[Colour, typer.Option("--colour", help="In which.")] = Colour.BLUE,
        coats: Annotated[int, typer.Option(help="How many.")] = 2,
    ) -> None:
        """Paint a wall."""

    return app


def test_commands_of_groups_have_their_whole_name() -> None:
    assert [command.name for command in commands(example())] == [
        "bursar sweep",
        "bursar paint wall",
    ]


def test_a_command_is_written_as_it_is_typed() -> None:
    page = cli_page(example())
    assert "    bursar sweep PATH… [OPTIONS]\n\nSweep the floor." in page
    assert "    bursar paint wall [NAME] [OPTIONS]" in page
    assert "| `--wet` | With water. |  |" in page
    assert "| `--loud`, `--quiet` | With a song. | `--loud` |" in page
    assert "| `--colour` `red` or `blue` | In which. | `blue` |" in page
    assert "| `--coats` NUMBER | How many. | `2` |" in page


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(("a",), [("x|y\nz",)]).splitlines()[-1] == "| x\\|y z |"


def test_a_case_of_one_problem_brings_its_reason_and_a_case_of_two_does_not(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(CASE)
    (tmp_path / "b.txt").write_text(TWO)
    first, second, third = read_cases(tmp_path)
    assert (first.code, first.name, first.severity) == ("M103", "unknown-property", "error")
    assert first.why == "A name that nobody sent."
    assert first.text.endswith("No landed event has it.\n\n  Nearest: it.")
    assert (second.severity, second.why) == ("warning", "")
    assert (third.code, third.name) == ("", "no-file")


def test_messages_stand_together_by_problem(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "errors" / "metrics"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text(CASE)
    (folder / "b.txt").write_text(TWO)
    page = errors_page(tmp_path)
    assert "| M103 | unknown-property | error or warning |" in page
    assert page.count("### M103 unknown-property") == 1
    assert page.index("### M103 unknown-property") < page.index("### no-file")
