"""A JSON schema of the YAML of declared metrics, for editors.

Owns the schema, made of the same keys and words that ``bursar.metrics.declared`` reads a file by.
It says what a file looks like; what has landed, only `bursar metric check` knows.
"""

from __future__ import annotations

import json
from typing import Any

from bursar.metrics.declared import FILTER_KEYS, METRIC_KEYS, Aggregation, FilterKind

# Beside the metrics that name it in their first line. A metric has another suffix.
FILE_NAME = "metric.schema.json"
HEADER = f"# yaml-language-server: $schema={FILE_NAME}\n"

# A list's items are taken as they are written, so 200 is the text 200.
_TEXT = {"type": ["string", "number", "boolean"]}
_TEXTS = {"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True}


def schema_text() -> str:
    """The schema file's text, the same for the same Bursar."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """The schema, JSON Schema draft 7."""
    shapes: dict[str, dict[str, Any]] = {
        "description": {"type": "string"},
        "unit": {"type": "string"},
        "aggregation": {"enum": [aggregation.value for aggregation in Aggregation]},
        "event_types": _TEXTS,
        "property": _TEXT,
        "filters": {"type": "array", "items": _filter()},
        "group_keys": _TEXTS,
    }
    count = Aggregation.COUNT.value
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A declared metric of Bursar",
        "type": "object",
        "properties": _described(shapes, METRIC_KEYS),
        "required": ["aggregation"],
        "additionalProperties": False,
        "if": {"properties": {"aggregation": {"const": count}}},
        "then": {"not": {"required": ["property"]}},
        "else": {"required": ["property"]},
    }


def _filter() -> dict[str, Any]:
    shapes: dict[str, dict[str, Any]] = {
        "property": _TEXT,
        "in": _TEXTS,
        "not_in": _TEXTS,
        "exists": {"type": "boolean"},
    }
    return {
        "type": "object",
        "properties": _described(shapes, FILTER_KEYS),
        "required": ["property"],
        "oneOf": [{"required": [kind.value]} for kind in FilterKind],
        "additionalProperties": False,
    }


def _described(
    shapes: dict[str, dict[str, Any]], words: dict[str, str]
) -> dict[str, dict[str, Any]]:
    """Every key with its words; a key without a shape, or a shape without a key, is our mistake."""
    if shapes.keys() != words.keys():
        raise KeyError(", ".join(shapes.keys() ^ words.keys()))
    return {key: {"description": words[key], **shape} for key, shape in shapes.items()}
