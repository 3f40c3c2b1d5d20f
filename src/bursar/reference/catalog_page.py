"""The page of the catalog's relations, from the one place that describes them.

Owns the words around them. It leaves relations, columns and descriptions to
`bursar.catalog.relations`.
"""

from __future__ import annotations

from bursar.catalog.relations import RELATIONS
from bursar.catalog.schema import CURRENCIES, METRICS, Column, Kind, Relation
from bursar.reference.markdown import page, table

SOURCE = "src/bursar/catalog/relations/"

_INTRODUCTION = """\
What is sold, at what price, to whom: one CSV a relation in `seeds/`, with these columns in this
order. A star marks the key. `bursar catalog check` reports every broken row at once; a build
refuses a broken catalog."""

_KINDS = {
    Kind.ID: "1 to 128 characters, case-sensitive, free of blanks and of the bar",
    Kind.TEXT: "any text",
    Kind.TIME: "`2026-01-01` or `2026-01-01T07:00:00Z`: UTC, on the hour",
    Kind.DECIMAL: "in major units (12.50 is twelve dollars fifty), up to 12 decimal places",
    Kind.INTEGER: "a whole number",
    Kind.BOOLEAN: "`true` or `false`",
    Kind.LIST: "`a|b`",
    Kind.MAP: "`model=gpt-5|region=us`; a JSON object where a value holds a bar or an equals sign",
    Kind.CHOICE: "one of a few words",
}


def catalog_page() -> str:
    """The page's Markdown."""
    kinds = [(kind.value, _KINDS[kind]) for kind in Kind]
    return page(
        SOURCE,
        "# Catalog",
        _INTRODUCTION,
        "## How values are written",
        "A blank field is null. Every relation follows these rules:",
        table(("kind", "written"), kinds),
        *(block for relation in RELATIONS for block in _described(relation)),
    )


def _described(relation: Relation) -> list[str]:
    rows = [
        (f"`{c.name}`{' *' if c.is_key else ''}", c.kind.value, _may_be_blank(c), _meaning(c))
        for c in relation.columns
    ]
    return [
        f"## {relation.name}",
        relation.description,
        table(("column", "kind", "blank", "meaning"), rows),
    ]


def _may_be_blank(column: Column) -> str:
    if column.is_required:
        return "no"
    return f"means `{column.default}`" if column.default else "yes"


def _meaning(column: Column) -> str:
    sentences = [column.description]
    if column.choices:
        sentences.append(f"One of {', '.join(f'`{choice}`' for choice in column.choices)}.")
    if column.references:
        sentences.append(f"Refers to {' or '.join(map(_target, column.references))}.")
    bounds = [
        f"{words} {bound:f}"
        for words, bound in (
            ("at least", column.at_least),
            ("at most", column.at_most),
            ("above", column.above),
        )
        if bound is not None
    ]
    if bounds:
        sentences.append(f"{' and '.join(bounds).capitalize()}.")
    return " ".join(sentences)


def _target(name: str) -> str:
    if name == CURRENCIES:
        return "an ISO 4217 currency"
    if name == METRICS:
        return "a file in `metrics/`"
    return f"[{name}](#{name})"
