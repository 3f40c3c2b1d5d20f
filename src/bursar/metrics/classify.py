"""The class of a SQL metric: how a value for a window follows from values for its parts.

Owns the decision how a metric may be evaluated, conservatively: `additive` only where adding up
disjoint windows gives the very same number. It leaves evaluating to the models.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.definition import MetricClass
from bursar.metrics.exact import PLACES
from bursar.metrics.functions import OWN_AGGREGATES, WINDOW_END, WINDOW_START
from bursar.metrics.relations import VALUE, ResolvedQuery, from_items

# Clauses by which one event can change what becomes of another.
_ENTANGLING = ("having", "qualify", "distinct", "order", "limit", "offset", "with_", "joins")


def classify(query: ResolvedQuery, value_scale: int) -> MetricClass:
    """The class of a resolved query, before it is elaborated.

    Args:
        query: The resolved query.
        value_scale: The places of its value; more than 12 would be rounded per window.
    """
    body = query.body
    if not isinstance(body, exp.Select) or _reads_window(body):
        return MetricClass.HOLISTIC
    if _is_by_day(query, body):
        return MetricClass.DAY_LOCAL
    if _is_entangled(body) or len(query.relations) != 1 or len(query.leaves()) != 1:
        return MetricClass.HOLISTIC
    value = _value(body)
    if isinstance(value, exp.Count) and isinstance(value.this, exp.Distinct):
        return MetricClass.DISTINCT
    if isinstance(value, exp.Sum | exp.Count) and value_scale <= PLACES:
        return MetricClass.ADDITIVE
    if isinstance(value, exp.Min | exp.Max):
        return MetricClass.MERGEABLE
    if isinstance(value, exp.Anonymous) and str(value.this).lower() in OWN_AGGREGATES:
        return MetricClass.MERGEABLE
    return MetricClass.HOLISTIC


def _value(select: exp.Select) -> exp.Expr | None:
    value = next((p.this for p in select.expressions if p.alias == VALUE), None)
    return value.this if isinstance(value, exp.Filter) else value


def _is_entangled(select: exp.Select) -> bool:
    if any(select.args.get(clause) for clause in _ENTANGLING):
        return True
    kinds = (exp.Window, exp.Explode, exp.Query)
    return any(isinstance(part, kinds) and part is not select for part in select.walk())


def _is_by_day(query: ResolvedQuery, body: exp.Select) -> bool:
    """Whether it adds up values of days, each made of the day's events alone."""
    value = _value(body)
    with_ = body.args.get("with_")
    clauses = [clause for clause in _ENTANGLING if clause != "with_"]
    if not isinstance(value, exp.Sum | exp.Count) or isinstance(value.this, exp.Distinct):
        return False
    if any(body.args.get(clause) for clause in clauses) or len(query.relations) != 2:
        return False
    if with_ is not None and len(with_.expressions) != 1:
        return False
    days = query.sources(body)[0].body if from_items(body) else None
    if not isinstance(days, exp.Select) or not query.sources(days)[0].is_events:
        return False
    group = days.args.get("group")
    keys = list(group.expressions) if group is not None else []
    others = [clause for clause in _ENTANGLING if clause not in ("having",)]
    if any(days.args.get(clause) for clause in others) or days.find(exp.Window, exp.Explode):
        return False
    return any(_is_day(key) for key in keys)


def _is_day(node: exp.Expr) -> bool:
    if isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
        unit = node.args.get("unit")
        is_day = unit is not None and unit.name.upper() == "DAY"
    else:
        is_day = isinstance(node, exp.Cast) and node.to.is_type(exp.DataType.Type.DATE)
    return is_day and isinstance(node.this, exp.Column) and node.this.name == "timestamp"


def _reads_window(body: exp.Expr) -> bool:
    return any(
        str(call.this).lower() in (WINDOW_START, WINDOW_END)
        for call in body.find_all(exp.Anonymous)
    )
