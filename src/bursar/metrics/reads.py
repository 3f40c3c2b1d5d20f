"""How often a query reads the events: CTEs that read each other twice double it at every step.

Owns the count and its bound. It goes by names, and so a little over what the engine would do.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from bursar.metrics.parsing import span_of
from bursar.metrics.problems import Problems

READS_MAX = 200


def check_reads(query: exp.Query, text: str, problems: Problems) -> None:
    """Adds a problem if the events are read more than `READS_MAX` times over.

    Args:
        query: As parsed.
        text: The file's text, for the place.
        problems: Where to add.
    """
    reads = _reads(query, {})
    if reads > READS_MAX:
        message = (
            f"Through its CTEs this query reads the events more than {READS_MAX} times over.\n"
            "Compute once what they share: group before you join or unite."
        )
        problems.add("M205", message, span_of(query, text))


def _reads(query: exp.Expr, known: Mapping[str, int]) -> int:
    """The reads of a query, given those of the CTEs around it."""
    with_ = query.args.get("with_")
    inside = dict(known)
    for cte in with_.expressions if with_ is not None else ():
        inside[cte.alias.lower()] = _reads(cte.this, inside)
    total = 0
    parts = [part for part in query.iter_expressions() if part is not with_]
    while parts:
        part = parts.pop()
        if isinstance(part, exp.Table):
            total += inside.get(part.name.lower(), 1)
        if part.args.get("with_") is not None:
            total += _reads(part, inside)
        else:
            parts += part.iter_expressions()
    return total
