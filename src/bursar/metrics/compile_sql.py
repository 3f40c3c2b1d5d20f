"""SQL metrics: the passes in their order, from text to a dbt model.

Owns the order and the last checks on what a query returns. Each pass is a module of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import indent

from sqlglot import exp
from sqlglot.errors import ErrorLevel

from bursar.errors import Severity
from bursar.metrics.allowed import check_allowed
from bursar.metrics.classify import classify
from bursar.metrics.columns import quote_name, quote_text, texts_list
from bursar.metrics.definition import (
    CompiledMetric,
    MetricClass,
    MetricDefinition,
    MetricForm,
)
from bursar.metrics.elaborate import elaborate
from bursar.metrics.frame import SCOPES_AND_EVENTS, group_values
from bursar.metrics.kinds import Describe, EngineRefusal, kind_of
from bursar.metrics.layers import layer
from bursar.metrics.layout import sql_text
from bursar.metrics.lift import lift
from bursar.metrics.observed import Observed
from bursar.metrics.parsing import (
    DIALECT,
    FrontMatter,
    parse_query,
    read_front_matter,
    refuse_jinja,
    span_of,
)
from bursar.metrics.passing import prune_carried
from bursar.metrics.problems import Problems, Source
from bursar.metrics.readings import number_readings
from bursar.metrics.reads import check_reads
from bursar.metrics.relations import (
    PROPERTIES,
    SCOPE_KEY,
    VALUE,
    ResolvedQuery,
    branches,
    projections,
)
from bursar.metrics.rendering import render_on_nothing
from bursar.metrics.resolve import resolve
from bursar.metrics.text_length import check_text_lengths
from bursar.metrics.unused import warn_of_unused

# Problems of one expression, which leave the query around it as it was.
_REFUSED_IN_PLACE = frozenset({"M003", "M104", "M204", "M301", "M302", "M303", "M401", "M402"})
_TOLD_ANYWAY = frozenset({"M103", "M105"})
_TOLD_AROUND = _TOLD_ANYWAY | {"M101", "M102", "M106", "M110", "M111", "M404", "M405", "M406"}
# Without tables there are no types.
_NOTHING_TO_TYPE = frozenset({"M101", "M501"})


@dataclass(frozen=True)
class _Facts:
    """What is known of a query before it is lifted."""

    metric_class: MetricClass
    group_keys: tuple[str, ...]
    event_types: tuple[str, ...] | None
    properties: tuple[str, ...]
    number_properties: tuple[str, ...]
    version_hash: str


def compile_sql(
    source: Source, observed: Observed, describe: Describe, problems: Problems
) -> CompiledMetric | None:
    """Compiles a SQL metric, adding every problem of the file.

    Args:
        source: The file.
        observed: What has landed.
        describe: Asks the engine for types.
        problems: Where to add.

    Returns:
        The dbt model; None if an error stands in its way.
    """
    front_matter = read_front_matter(source, problems)
    refuse_jinja(source, problems)
    written = parse_query(source, problems)
    if written is None:
        return None
    check_allowed(written, source.text, problems)
    check_reads(written, source.text, problems)
    _check_properties(written, source, problems)
    refused = problems.error_codes() - {"M003"}
    if refused:
        _check_further(written, source, observed, describe, problems)
        return None
    query = resolve(written, source.text, observed, problems)
    _check_value(query, source, problems)
    if problems.error_codes() & _NOTHING_TO_TYPE:
        return None
    _check_events(query, source, problems)
    warn_of_unused(query, source.text, problems)
    canonical = query.body.sql(DIALECT, comments=False, unsupported_level=ErrorLevel.IGNORE)
    before = ResolvedQuery(query.body.copy(), query.relations)
    check_text_lengths(query, source.text, problems)
    elaborate(query, source.text, describe, problems)
    _check_columns(query, source, problems)
    if problems.has_errors:
        return None
    prune_carried(query)
    scale = next(kind_of(p).scale for p in projections(query.body) if p.alias == VALUE)
    readings = number_readings(query)
    numbers = tuple(reading.property for reading in readings)
    facts = _facts(query, before, canonical, scale, numbers)
    layer(query)
    alone = sql_text(query.body) if query.departs else ""
    is_nested = _is_nested(query.body)
    body = _body(source, query, facts)
    _bind(body, describe, problems, is_planned=is_nested)
    if problems.has_errors:
        return None
    definition = _definition(source, front_matter, facts)
    return CompiledMetric(definition, source.path, body, readings, alone)


def _check_further(
    written: exp.Query, source: Source, observed: Observed, describe: Describe, problems: Problems
) -> None:
    """Tells what else is wrong in a query of which a part is refused, without follow-up errors."""
    further = Problems(source)
    is_around_it = not problems.error_codes() - _REFUSED_IN_PLACE
    try:
        query = resolve(written, source.text, observed, further)
        _check_value(query, source, further)
        if is_around_it and not further.error_codes() & _NOTHING_TO_TYPE:
            elaborate(query, source.text, describe, further)
    except (AttributeError, KeyError, TypeError, ValueError):
        # The tree holds what these passes do not know; why has been told.
        pass
    problems.adopt(further, codes=_TOLD_AROUND if is_around_it else _TOLD_ANYWAY)


def _check_properties(written: exp.Query, source: Source, problems: Problems) -> None:
    """All properties together are no group key; a star leaves them out, a name does not."""
    for projection in written.selects:
        node = projection.unalias()
        if isinstance(node, exp.Column) and node.name.lower() == PROPERTIES:
            message = "`properties` is no text; a group key is one property: properties.<key>."
            problems.add("M409", message, span_of(projection, source.text))


def _check_value(query: ResolvedQuery, source: Source, problems: Problems) -> None:
    names = [projection.alias_or_name.lower() for projection in projections(query.body)]
    if VALUE not in names:
        message = "A metric returns a numeric column `value`: write `... as value`."
        problems.add("M110", message, span_of(query.body, source.text))


def _check_events(query: ResolvedQuery, source: Source, problems: Problems) -> None:
    if not query.leaves():
        message = "A metric reads events; this one gives the same whatever happened."
        problems.add("M205", message, span_of(query.body, source.text))
    for projection in projections(query.body):
        inner = projection.unalias()
        is_id = isinstance(inner, exp.Column) and inner.name == "transaction_id"
        if is_id and projection.alias_or_name != VALUE:
            message = "Grouped by transaction_id there is a group, and a row, for every event."
            span = span_of(projection, source.text)
            problems.add("M603", message, span, severity=Severity.WARNING)


def _check_columns(query: ResolvedQuery, source: Source, problems: Problems) -> None:
    """`value` is a number, every other column is text."""
    if "M110" in problems.error_codes():
        return
    for select in branches(query.body)[:1]:
        for projection in select.expressions:
            _check_column(projection, source, problems)


def _check_column(projection: exp.Expr, source: Source, problems: Problems) -> None:
    kind = kind_of(projection)
    span = span_of(projection, source.text)
    if not kind.known:
        return
    if projection.alias_or_name == VALUE:
        if not kind.is_numeric:
            message = f"`value` is {kind.name}; it must be a number: cast it, ::decimal(38, 12)."
            problems.add("M408", message, span)
    elif not kind.is_text:
        name = projection.alias_or_name
        message = f"{name} is {kind.name}; a group key is text: cast it, ::varchar."
        problems.add("M409", message, span)


def _facts(
    query: ResolvedQuery,
    before: ResolvedQuery,
    canonical: str,
    scale: int,
    numbers: tuple[str, ...],
) -> _Facts:
    leaves = query.leaves()
    types: set[str] | None = set()
    for leaf in leaves:
        types = None if types is None or leaf.event_types is None else types | set(leaf.event_types)
    properties = {key for leaf in leaves for key in leaf.properties.values()}
    keys = [p.alias for p in projections(query.body) if p.alias != VALUE]
    digest = hashlib.sha256(canonical.encode()).hexdigest()[:16]
    return _Facts(
        metric_class=classify(before, scale),
        group_keys=tuple(keys),
        event_types=None if types is None else tuple(sorted(types)),
        properties=tuple(sorted(properties)),
        number_properties=numbers,
        version_hash=digest,
    )


def _definition(source: Source, front_matter: FrontMatter, facts: _Facts) -> MetricDefinition:
    return MetricDefinition(
        name=source.name,
        form=MetricForm.SQL,
        metric_class=facts.metric_class,
        group_keys=facts.group_keys,
        event_types=facts.event_types,
        properties=facts.properties,
        number_properties=facts.number_properties,
        unit=front_matter.unit,
        description=front_matter.description,
        version_hash=facts.version_hash,
    )


def _body(source: Source, query: ResolvedQuery, facts: _Facts) -> str:
    columns = sorted(
        {
            column.name
            for column in query.body.find_all(exp.Column)
            if column.meta.get("is_resolved")
            and column.table in query.relations
            and query.relations[column.table].is_events
        }
    )
    lifted = lift(query)
    keys = {key: quote_name(key) for key in facts.group_keys}
    return "\n".join(
        [
            SCOPES_AND_EVENTS.format(name=quote_text(source.name)),
            _scope_events(columns, facts.event_types, is_read_again=len(query.leaves()) > 1),
            f"quantities as (\n{indent(sql_text(lifted), ' ' * 4)}\n),\n",
            "final as (\n    select\n"
            f"        {quote_text(source.name)} as metric_name,\n"
            f"        {SCOPE_KEY},\n"
            f"        {group_values(keys)} as group_values,\n"
            f"        try_cast(value as decimal(38, 12)) as value\n"
            "    from quantities\n)\n",
            "select * from final\n",
        ]
    )


def _scope_events(
    columns: Sequence[str], event_types: tuple[str, ...] | None, *, is_read_again: bool
) -> str:
    # What is read more than once is made once.
    as_ = "as materialized" if is_read_again else "as"
    carried = [f"metric_events.{quote_name(column)}" for column in columns]
    listed = ",\n        ".join([f"scopes.{SCOPE_KEY}", *carried])
    where = (
        f"\n    where metric_events.event_type in ({texts_list(event_types)})"
        if event_types
        else ""
    )
    return (
        "-- The events of each scope; one that lies in two scopes is there twice.\n"
        f"scope_events {as_} (\n    select\n        {listed}\n"
        "    from scopes\n    inner join metric_events\n"
        "        on scopes.customer_id = metric_events.customer_id\n"
        '        and metric_events."timestamp" >= scopes.window_start\n'
        f'        and metric_events."timestamp" < scopes.window_end{where}\n'
        "),\n"
    )


def _is_nested(body: exp.Query) -> bool:
    """Whether a query stands in an expression, which the engine may bind and not plan."""
    outside = (exp.From, exp.Join, exp.CTE, exp.Subquery, exp.SetOperation)
    return any(
        query.parent is not None and not isinstance(query.parent, outside)
        for query in body.find_all(exp.Query)
    )


def _bind(body: str, describe: Describe, problems: Problems, *, is_planned: bool) -> None:
    """Binds the compiled query on no rows: what the engine refuses is never written."""
    try:
        describe(render_on_nothing(body), is_planned=is_planned)
    except EngineRefusal as refusal:
        problems.add("M205", f"The engine does not accept the compiled query: {refusal}")
