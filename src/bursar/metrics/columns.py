"""What the columns of `metric_events` are called, and literals.

Owns the name of a property's number column and the quoting of names and texts in generated SQL and
Jinja. The name of a property's text column is ``bursar.properties``'.
"""

from __future__ import annotations

import re

from bursar.properties import property_column


def words(text: str) -> frozenset[str]:
    """The words of a text, for lists that read better without quotes."""
    return frozenset(text.split())


_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
# Names that SQL would read as something else; quoted, they are what they are.
_QUOTED_WORDS = words(
    """
    all and any array as asc at by case cast check collate column constraint create cross
    current_date current_time current_timestamp default deferrable desc describe distinct do
    else end except exists extract false fetch filter following for foreign from full glob
    group grouping having if ilike in initially inner intersect interval into is isnull join
    lambda lateral leading left like limit map natural not notnull null offset on only or
    order outer over overlaps partition pivot position positional preceding primary qualify
    range references returning right row rows select semi set show similar some sql struct
    summarize symmetric table tablesample then time timestamp to trailing trim true try
    try_cast unbounded union unique unpivot using values variadic when where window with
    """
)


def number_column(key: str) -> str:
    """The column that holds a property's number: `n_tokens` for `tokens`."""
    return f"n_{property_column(key).removeprefix('p_')}"


def quote_name(name: str) -> str:
    """A name as SQL: bare where it can be, else quoted."""
    if _PLAIN_NAME.fullmatch(name) and name not in _QUOTED_WORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quote_jinja(text: str) -> str:
    """A text as a Jinja literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    for character, escape in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        escaped = escaped.replace(character, escape)
    return f"'{escaped}'"


def texts_list(texts: tuple[str, ...] | list[str]) -> str:
    """Texts as the items of a SQL list or IN."""
    return ", ".join(quote_text(text) for text in texts)
