"""Small pieces of Markdown.

Owns escaping and the table. It leaves what is said to the pages.
"""

from __future__ import annotations

from collections.abc import Sequence

GENERATED = "<!-- Written by `python -m bursar.reference.write` from {source}. Do not edit. -->"


def cell(text: str) -> str:
    """A text for a table's cell: one line, and no bar that would end the cell."""
    return " ".join(text.split()).replace("|", "\\|")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of texts, without a line break at its end."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell(text) for text in line) + " |" for line in lines)


def page(source: str, *blocks: str) -> str:
    """A whole generated page: blocks parted by blank lines, and where they come from."""
    title, *rest = blocks
    return "\n\n".join([title, GENERATED.format(source=source), *rest]) + "\n"
