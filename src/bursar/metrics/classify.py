"""The class of a SQL metric, and what its value and groups are.

Owns the decision how a metric may be evaluated, conservatively: `additive` only where adding up
disjoint windows gives the very same number. It leaves evaluating to the models.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.definition import MetricClass
from bursar.metrics.exact import PLACES
from bursar.metrics.functions import OWN_FUNCTIONS, WINDOW_END, WINDOW_START
from bursar.metrics.relations import VALUE, ResolvedQuery


def classify(query: ResolvedQuery, value_scale: int) -> MetricClass:
    """The class of a resolved query, before it is elaborated.

    Args:
        query: The resolved query.
        value_scale: The places of its value; more than 12 would be rounded per window.
    """
    select = query.select
    if not query.source(select).is_events or select.args.get("having") is not None:
        return MetricClass.HOLISTIC
    if select.args.get("with_") is not None or _reads_window(select):
        return MetricClass.HOLISTIC
    value = next((p.this for p in select.expressions if p.alias == VALUE), None)
    if isinstance(value, exp.Filter):
        value = value.this
    if isinstance(value, exp.Count) and isinstance(value.this, exp.Distinct):
        return MetricClass.DISTINCT
    if isinstance(value, exp.Sum | exp.Count) and value_scale <= PLACES:
        return MetricClass.ADDITIVE
    if isinstance(value, exp.Min | exp.Max):
        return MetricClass.MERGEABLE
    if isinstance(value, exp.Anonymous) and str(value.this).lower() in OWN_FUNCTIONS:
        return MetricClass.MERGEABLE
    return MetricClass.HOLISTIC


def _reads_window(select: exp.Select) -> bool:
    return any(
        str(call.this).lower() in (WINDOW_START, WINDOW_END)
        for call in select.find_all(exp.Anonymous)
    )
