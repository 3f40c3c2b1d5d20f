"""Warns of columns that a query makes and nothing reads.

Owns the warning unused-column: most often a name was mistyped further up, or what it was made for
is gone. It leaves properties that nothing reads to ``bursar.metrics.passing``, which does not carry
them.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.errors import Severity
from bursar.metrics.functions import OWN_AGGREGATES
from bursar.metrics.parsing import span_of
from bursar.metrics.problems import Problems
from bursar.metrics.relations import ResolvedQuery

# What makes a column count beside its being read: DISTINCT compares it, GROUP BY counts by it.
_ORDERING = ("timestamp", "transaction_id")
_CLAUSES = ("group", "having", "qualify", "order")


def warn_of_unused(query: ResolvedQuery, text: str, problems: Problems) -> None:
    """Adds a warning for each column of a CTE or derived table that nothing reads.

    Args:
        query: The resolved query.
        text: The file's text, for the places.
        problems: Where to add.
    """
    bodies = {id(r.body): r.body for r in query.relations.values() if r.body is not None}
    read = {
        (id(relation.body), column.name)
        for column in query.body.find_all(exp.Column)
        if (relation := query.relations.get(column.table)) is not None
    }
    # Both order by these, without naming them.
    own = [str(call.this).lower() for call in query.body.find_all(exp.Anonymous)]
    ordered = _ORDERING if any(name in OWN_AGGREGATES for name in own) else ()
    for key, body in bodies.items():
        if not isinstance(body, exp.Select) or body.args.get("distinct") is not None:
            continue
        for projection in body.expressions:
            name = projection.alias_or_name
            if (key, name) not in read and name not in ordered and not _counts(body, projection):
                _warn(projection, text, problems)


def _counts(select: exp.Select, projection: exp.Expr) -> bool:
    """Whether a column does something without being read."""
    if len(select.expressions) == 1:
        return True
    clauses = [select.args[clause] for clause in _CLAUSES if select.args.get(clause)]
    return any(node == projection.unalias() for clause in clauses for node in clause.walk())


def _warn(projection: exp.Expr, text: str, problems: Problems) -> None:
    # What a star stands for was not written, and has no place.
    span = span_of(projection, text)
    if span is None:
        return
    message = f"Nothing reads {projection.alias_or_name}: drop it, or read it."
    problems.add("M604", message, span, severity=Severity.WARNING)
