"""The page of the tables that people read, from the marts' own YAML.

Owns the order of the tables. It leaves every name, type and description to `models/marts/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bursar.reference.markdown import page, table

SOURCE = "models/marts/*.yml"

# A table that is listed nowhere here comes last.
SECTIONS = {
    "Bills": ("invoices", "invoice_line_items", "billing_periods"),
    "Usage": ("usage_daily",),
    "What went wrong": (
        "rejected_events",
        "duplicate_events",
        "unmatched_events",
        "unmetered_events",
        "unrated_usage",
    ),
    "The build": ("build_info",),
}

_INTRODUCTION = """\
Every table is in the schema `billing` of `warehouse/published.duckdb`; `bursar sql` finds them with
or without the schema's name. Money and quantities are `decimal(38,12)`, times are `timestamp` in
UTC, every interval is half-open: `starting_at` belongs to it, `ending_before` does not. Group
values are JSON text with sorted keys, such as `{"model":"gpt-5"}`. Columns may be added, never
renamed. How to read the findings: [findings](../concepts/findings.md); queries to start from:
[query the warehouse](../guides/query-the-warehouse.md)."""


def tables_page(root: Path) -> str:
    """The page's Markdown.

    Args:
        root: The repository's root.
    """
    marts = read_marts(root)
    listed = {name for names in SECTIONS.values() for name in names}
    sections = {**SECTIONS, "More": tuple(sorted(set(marts) - listed))}
    blocks = ["# Tables", _INTRODUCTION]
    for title, names in sections.items():
        if names:
            blocks.append(f"## {title}")
        for name in names:
            blocks += _described(marts[name])
    return page(SOURCE, *blocks)


def read_marts(root: Path) -> dict[str, Mapping[str, Any]]:
    """The marts as their YAML describes them, by name."""
    models = [
        model
        for path in sorted((root / "models" / "marts").glob("*.yml"))
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])
    ]
    return {model["name"]: model for model in models}


def _described(mart: Mapping[str, Any]) -> list[str]:
    rows = [
        (f"`{column['name'].strip(chr(34))}`", column["data_type"], column["description"])
        for column in mart["columns"]
    ]
    return [
        f"### {mart['name']}",
        " ".join(mart["description"].split()),
        table(("column", "type", "description"), rows),
    ]
