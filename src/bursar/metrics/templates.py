"""Templates of new metrics.

Owns the text that `bursar metric new` writes. It passes `bursar metric check` as it stands: it
names an event type and properties that have landed, where any have.
"""

from __future__ import annotations

from collections.abc import Mapping

from bursar.errors import BursarError, ExitCode
from bursar.metrics.columns import quote_name, quote_text
from bursar.metrics.compiler import NAME, NAME_CHARACTERS_MAX
from bursar.metrics.declared import Aggregation
from bursar.metrics.models import RESERVED_METRIC_NAMES
from bursar.metrics.yaml_schema import HEADER

_ANY_TYPE, _ANY_PROPERTY = "my_event", "amount"


def new_metric_file(
    name: str, aggregation: str | None, seen: Mapping[str, frozenset[str]]
) -> tuple[str, str]:
    """A new metric's file name and text.

    Args:
        name: The metric's name.
        aggregation: For a declared metric; None for SQL.
        seen: Event type to the properties seen on its events.

    Raises:
        BursarError: The name or the aggregation is none.
    """
    if not NAME.fullmatch(name) or len(name) > NAME_CHARACTERS_MAX or name in RESERVED_METRIC_NAMES:
        raise BursarError(
            f"{name} is no name for a metric: lower case, digits and single underscores, and none "
            "of"
            f" {', '.join(sorted(RESERVED_METRIC_NAMES))}.",
            exit_code=ExitCode.BAD_USAGE,
        )
    event_type, key = _example(seen)
    if aggregation is None:
        return f"{name}.sql", _sql(event_type, key)
    choices = [a.value for a in Aggregation]
    if aggregation not in choices:
        raise BursarError(
            f"There is no aggregation {aggregation}: one of {', '.join(choices)}.",
            exit_code=ExitCode.BAD_USAGE,
        )
    return f"{name}.yml", _declared(Aggregation(aggregation), event_type, key)


def _example(seen: Mapping[str, frozenset[str]]) -> tuple[str, str]:
    for event_type, keys in sorted(seen.items()):
        usable = sorted(key for key in keys if "{" not in key and key.isprintable())
        if usable and "{" not in event_type and event_type.isprintable():
            return event_type, usable[0]
    return _ANY_TYPE, _ANY_PROPERTY


def _declared(aggregation: Aggregation, event_type: str, key: str) -> str:
    lines = [
        HEADER.rstrip(),
        "description: What this counts, in one sentence",
        "unit: unit",
        f"aggregation: {aggregation}   # count | sum | max | latest | unique",
        f"event_types: [{_yaml_text(event_type)}]",
    ]
    if aggregation is not Aggregation.COUNT:
        lines.append(f"property: {_yaml_text(key)}")
    lines += [
        "# filters:",
        '#   - {property: status, in: ["200", "201"]}   # or not_in: [...], exists: true | false',
        "# group_keys: [region]",
    ]
    return "\n".join(lines) + "\n"


def _yaml_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _sql(event_type: str, key: str) -> str:
    return (
        "/* ---\n"
        "description: What this counts, in one sentence\n"
        "unit: unit\n"
        "--- */\n"
        "select\n"
        f"    sum(properties.{quote_name(key)}::decimal(38, 12)) as value\n"
        "from events\n"
        f"where event_type = {quote_text(event_type)}\n"
    )
