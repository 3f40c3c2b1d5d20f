"""How long a text can get: a metric that doubles a text again and again is refused.

Owns a bound on the length of every text in a query. A property's text is taken to be a million
characters; what joins and replaces texts may make of it a thousand times as many, far beyond any
group key, and no more: beyond the engine's four gigabytes it would fail, and take the memory of a
build with it before that.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from bursar.metrics.parsing import span_of
from bursar.metrics.problems import Problems
from bursar.metrics.relations import ResolvedQuery

LEAF_CHARACTERS = 10**6
CHARACTERS_MAX = 10**9


def check_text_lengths(query: ResolvedQuery, text: str, problems: Problems) -> None:
    """Adds a problem for the first text that could get too long.

    Args:
        query: Resolved.
        text: The file's text, for the place.
        problems: Where to add.
    """
    lengths = _Lengths(query)
    for node in query.body.find_all(exp.Concat, exp.DPipe, exp.Replace):
        if lengths.of(node) > CHARACTERS_MAX:
            message = (
                "This text is joined to itself, or replaced by itself, so often that it could "
                "outgrow the engine.\nUse the property itself as a group key."
            )
            problems.add("M205", message, span_of(node, text))
            return


class _Lengths:
    """Bounds, each computed once."""

    def __init__(self, query: ResolvedQuery) -> None:
        self._query = query
        self._known: dict[tuple[int, str], int] = {}

    def of(self, node: exp.Expr) -> int:
        """The most characters that an expression's text can have."""
        if isinstance(node, exp.Literal):
            return len(node.name)
        if isinstance(node, exp.Column):
            return self._column(node)
        parts = [self.of(part) for part in _parts(node)]
        if isinstance(node, exp.Concat | exp.DPipe):
            return sum(parts)
        if isinstance(node, exp.Replace) and len(parts) > 1:
            return parts[0] * max(1, parts[-1])
        return max(parts, default=0)

    def _column(self, column: exp.Column) -> int:
        relation = self._query.relations.get(column.table)
        if relation is None or relation.body is None:
            return LEAF_CHARACTERS
        key = (id(relation.body), column.name)
        if key not in self._known:
            # What a query reads of itself has no end; such a query is refused elsewhere.
            self._known[key] = LEAF_CHARACTERS
            behind = _projected(relation.body, column.name)
            self._known[key] = max((self.of(node) for node in behind), default=LEAF_CHARACTERS)
        return self._known[key]


def _parts(node: exp.Expr) -> Iterator[exp.Expr]:
    for value in node.args.values():
        yield from (v for v in (value if isinstance(value, list) else [value]) if _is_value(v))


def _is_value(part: object) -> bool:
    return isinstance(part, exp.Expr) and not isinstance(part, exp.DataType | exp.Identifier)


def _projected(query: exp.Expr, name: str) -> Iterator[exp.Expr]:
    """What stands behind a column's name, on both sides of a set operation."""
    names = [projection.alias_or_name for projection in getattr(query, "selects", [])]
    if name not in names:
        return
    position = names.index(name)
    sides = [query]
    while sides:
        side = sides.pop().unnest()
        if isinstance(side, exp.SetOperation):
            sides += [side.left, side.right]
        elif isinstance(side, exp.Select) and position < len(side.expressions):
            yield side.expressions[position].unalias()
