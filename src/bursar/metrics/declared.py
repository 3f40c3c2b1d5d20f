"""Declared metrics: from YAML to a checked declaration.

Owns the shape of a metric's YAML and every problem in it, at its place. It leaves the SQL to
``bursar.metrics.declared_sql``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import yaml

from bursar.errors import Severity
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Problems, Source, Span
from bursar.words import nearest

_NULL_TAG = "tag:yaml.org,2002:null"
_TRUTH = {"true": True, "false": False}


# Every key of a metric's YAML, and what an editor says of it.
METRIC_KEYS = {
    "description": "What the metric counts, in a sentence.",
    "unit": "What one of its quantity is, such as token.",
    "aggregation": "What to do with the events: count them, or take the sum, the maximum, the last "
    "number or the distinct texts of a property.",
    "event_types": "The types of the events to read; every type if left out.",
    "property": "What to aggregate; none for count.",
    "filters": "Conditions on properties; an event has to pass all of them.",
    "group_keys": "The properties by which a product may split the quantity.",
}
FILTER_KEYS = {
    "property": "The property that the filter looks at.",
    "in": "The property is one of these texts.",
    "not_in": "The property is none of these texts, or absent.",
    "exists": "true: the property is there; false: it is not.",
}


class Aggregation(StrEnum):
    """What a declared metric does with its events."""

    COUNT = "count"
    SUM = "sum"
    MAX = "max"
    LATEST = "latest"
    UNIQUE = "unique"


NUMBER_AGGREGATIONS = frozenset({Aggregation.SUM, Aggregation.MAX, Aggregation.LATEST})


class FilterKind(StrEnum):
    """How a filter looks at its property."""

    IN = "in"
    NOT_IN = "not_in"
    EXISTS = "exists"


@dataclass(frozen=True)
class Filter:
    """A condition on one property of an event.

    Args:
        property: The property's key.
        kind: `not_in` lets an event without the property pass.
        values: For `in` and `not_in`.
        exists: For `exists`.
    """

    property: str
    kind: FilterKind
    values: tuple[str, ...] = ()
    exists: bool = True


@dataclass(frozen=True)
class DeclaredMetric:
    """A declared metric, checked.

    Args:
        aggregation: What to do.
        property: With what; None for count.
        event_types: Of which events; None for any.
        filters: All must pass.
        group_keys: The properties that a product may group by.
        description: For people.
        unit: For people.
    """

    aggregation: Aggregation
    property: str | None
    event_types: tuple[str, ...] | None
    filters: tuple[Filter, ...]
    group_keys: tuple[str, ...]
    description: str
    unit: str


def read_declared(source: Source, observed: Observed, problems: Problems) -> DeclaredMetric | None:
    """Reads a declared metric, adding every problem of the file.

    Returns:
        The declaration; None if an error stands in its way.
    """
    root = _compose(source, problems)
    if root is None:
        return None
    reader = _Reader(problems, observed)
    declared = reader.metric(root)
    return None if problems.has_errors else declared


def _compose(source: Source, problems: Problems) -> yaml.MappingNode | None:
    try:
        root = yaml.compose(source.text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        index = mark.index if mark else 0
        problems.add("M001", f"This is not YAML: {error.problem}.", Span(index, index + 1))
        return None
    except yaml.YAMLError as error:
        problems.add("M001", f"This is not YAML: {error}.", Span(0, 1))
        return None
    if not isinstance(root, yaml.MappingNode):
        place = _span(root) if root is not None else Span(0, 1)
        problems.add("M001", "A declared metric is a list of `key: value` lines.", place)
        return None
    return root


def _span(node: yaml.Node) -> Span:
    return Span(node.start_mark.index, max(node.end_mark.index, node.start_mark.index + 1))


def mapping_entries(
    node: yaml.MappingNode, known: tuple[str, ...], problems: Problems, what: str
) -> dict[str, yaml.Node]:
    """A mapping's values by key, with a problem for every key that is unknown or said twice."""
    entries: dict[str, yaml.Node] = {}
    for key_node, value in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
        if key not in known:
            message = f"{what} has no key {key!r}.{nearest(key, known)} Keys: {', '.join(known)}."
            problems.add("unknown-key", message, _span(key_node))
        elif key in entries:
            problems.add("duplicate-key", f"`{key}` is said twice: keep one.", _span(key_node))
        else:
            entries[key] = value
    return entries


def text_entry(entries: Mapping[str, yaml.Node], key: str, problems: Problems) -> str:
    """A one-line text, blanks trimmed; empty if absent."""
    node = entries.get(key)
    if node is None:
        return ""
    if not isinstance(node, yaml.ScalarNode):
        problems.add("wrong-value", f"`{key}` is a text.", _span(node))
        return ""
    return " ".join(str(node.value).split())


class _Reader:
    """Reads the nodes of one declaration; every method adds its problems and goes on."""

    def __init__(self, problems: Problems, observed: Observed) -> None:
        self._problems = problems
        self._observed = observed

    def metric(self, root: yaml.MappingNode) -> DeclaredMetric | None:
        entries = mapping_entries(root, tuple(METRIC_KEYS), self._problems, "A declared metric")
        aggregation = self._aggregation(root, entries)
        event_types = self._event_types(entries.get("event_types"))
        name = self._property(root, entries, aggregation, event_types)
        filters = self._filters(entries.get("filters"), event_types)
        group_keys = self._group_keys(entries.get("group_keys"), event_types)
        description = text_entry(entries, "description", self._problems)
        unit = text_entry(entries, "unit", self._problems)
        if aggregation is None:
            return None
        return DeclaredMetric(
            aggregation, name, event_types, filters, group_keys, description, unit
        )

    def _aggregation(
        self, root: yaml.MappingNode, entries: Mapping[str, yaml.Node]
    ) -> Aggregation | None:
        choices = [a.value for a in Aggregation]
        node = entries.get("aggregation")
        if node is None:
            message = f"`aggregation` is missing: one of {', '.join(choices)}."
            self._problems.add("missing-key", message, _first_line(root))
            return None
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if value not in choices:
            message = f"`aggregation` is one of {', '.join(choices)}.{nearest(value, choices)}"
            self._problems.add("wrong-value", message, _span(node))
            return None
        return Aggregation(value)

    def _event_types(self, node: yaml.Node | None) -> tuple[str, ...] | None:
        if node is None:
            return None
        values = self._texts(node, "event_types")
        for value, item in values:
            self._observed.check_event_type(value, _span(item), self._problems)
        return tuple(sorted(value for value, _ in values))

    def _property(
        self,
        root: yaml.MappingNode,
        entries: Mapping[str, yaml.Node],
        aggregation: Aggregation | None,
        event_types: tuple[str, ...] | None,
    ) -> str | None:
        node = entries.get("property")
        if node is not None and aggregation is Aggregation.COUNT:
            message = "`count` counts events and takes no `property`: remove it, or use `unique`."
            self._problems.add("wrong-value", message, _span(node))
        elif node is None and aggregation not in (None, Aggregation.COUNT):
            message = f"`property` is missing: which property to take the {aggregation} of."
            self._problems.add("missing-key", message, _first_line(root))
        return self._key(node, event_types, "property") if node is not None else None

    def _filters(
        self, node: yaml.Node | None, event_types: tuple[str, ...] | None
    ) -> tuple[Filter, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self._problems.add("wrong-value", "`filters` is a list.", _span(node))
            return ()
        found = (self._filter(item, event_types) for item in node.value)
        return tuple(item for item in found if item is not None)

    def _filter(self, node: yaml.Node, event_types: tuple[str, ...] | None) -> Filter | None:
        example = 'such as `{property: status, in: ["200"]}`'
        if not isinstance(node, yaml.MappingNode):
            self._problems.add("wrong-value", f"A filter is a mapping, {example}.", _span(node))
            return None
        entries = mapping_entries(node, tuple(FILTER_KEYS), self._problems, "A filter")
        kinds = [kind for kind in FilterKind if kind.value in entries]
        if len(kinds) != 1:
            message = f"A filter has exactly one of in, not_in and exists, {example}."
            self._problems.add("wrong-value", message, _span(node))
        if "property" not in entries:
            message = f"A filter has a `property`, {example}."
            self._problems.add("missing-key", message, _span(node))
        if len(kinds) != 1 or "property" not in entries:
            return None
        kind = kinds[0]
        # A property that nobody has sent yet is what these two ask about.
        tolerant = kind is not FilterKind.IN
        key = self._key(entries["property"], event_types, "property", is_tolerant=tolerant)
        if kind is FilterKind.EXISTS:
            exists = self._truth(entries["exists"])
            return Filter(key, kind, (), exists) if key is not None and exists is not None else None
        values = tuple(value for value, _ in self._texts(entries[kind.value], kind.value))
        return Filter(key, kind, values) if key is not None and values else None

    def _truth(self, node: yaml.Node) -> bool | None:
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if value not in _TRUTH:
            self._problems.add("wrong-value", "`exists` is true or false.", _span(node))
        return _TRUTH.get(value)

    def _group_keys(
        self, node: yaml.Node | None, event_types: tuple[str, ...] | None
    ) -> tuple[str, ...]:
        if node is None:
            return ()
        items = self._texts(node, "group_keys")
        keys: dict[str, str] = {}
        for value, item in items:
            self._observed.check_property(value, event_types, _span(item), self._problems)
            if value.lower() == "value":
                message = "A group key cannot be called `value`: that is the quantity's column."
                self._problems.add("M106", message, _span(item))
            if value.lower() in keys and keys[value.lower()] != value:
                message = f"{value} differs from {keys[value.lower()]} only in case: keep one."
                self._problems.add("M111", message, _span(item))
            keys.setdefault(value.lower(), value)
        return tuple(keys.values())

    def _key(
        self,
        node: yaml.Node,
        event_types: tuple[str, ...] | None,
        what: str,
        *,
        is_tolerant: bool = False,
    ) -> str | None:
        if not isinstance(node, yaml.ScalarNode) or not node.value or node.tag == _NULL_TAG:
            self._problems.add("wrong-value", f"`{what}` is the key of one property.", _span(node))
            return None
        severity = Severity.WARNING if is_tolerant else None
        self._observed.check_property(
            node.value, event_types, _span(node), self._problems, severity=severity
        )
        return str(node.value)

    def _texts(self, node: yaml.Node, what: str) -> list[tuple[str, yaml.Node]]:
        """The distinct texts of a list; a scalar is taken as it is written, so 200 is "200"."""
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._problems.add(
                "wrong-value", f"`{what}` is a list of texts, not empty.", _span(node)
            )
            return []
        found: dict[str, yaml.Node] = {}
        for item in node.value:
            if not isinstance(item, yaml.ScalarNode) or item.tag == _NULL_TAG:
                message = f"An item of `{what}` is a text; quote it if it is odd."
                self._problems.add("wrong-value", message, _span(item))
            elif item.value in found:
                self._problems.add("wrong-value", f"{item.value!r} is listed twice.", _span(item))
            else:
                found[item.value] = item
        return list(found.items())


def _first_line(root: yaml.MappingNode) -> Span:
    first = root.value[0][0] if root.value else root
    return _span(first)
