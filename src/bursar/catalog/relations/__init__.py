"""Every relation of the catalog with all its columns: the one place that says so.

Owns the list, the CSV headers and the dbt properties of the seeds. It leaves files to
``bursar.catalog.project`` and what makes a row wrong to ``bursar.catalog.check``.
"""

from __future__ import annotations

from bursar.catalog.relations import balances, contracts, parties, prices, products
from bursar.catalog.schema import Column, Relation

RELATIONS: tuple[Relation, ...] = (
    *parties.RELATIONS,
    *products.RELATIONS,
    *prices.RELATIONS,
    *contracts.RELATIONS,
    *balances.RELATIONS,
)

BY_NAME: dict[str, Relation] = {relation.name: relation for relation in RELATIONS}

_PREAMBLE = """\
# The catalog's relations, for dbt: column types and descriptions of the seeds beside this file.
# Written by bursar; your changes here are lost. The rows are in the CSV files.
"""


def header(relation: Relation) -> str:
    """The first line of the relation's CSV, without a line break."""
    return ",".join(relation.column_names)


def seeds_yaml() -> str:
    """The text of ``seeds/_catalog.yml``: descriptions and column types, for dbt."""
    import yaml

    document = {"version": 2, "seeds": [_seed(relation) for relation in RELATIONS]}
    return _PREAMBLE + yaml.safe_dump(
        document, sort_keys=False, allow_unicode=True, default_flow_style=False, width=100
    )


def _seed(relation: Relation) -> dict[str, object]:
    return {
        "name": relation.name,
        "description": relation.description,
        "config": {"column_types": {c.name: c.seed_type for c in relation.columns}},
        "columns": [{"name": c.name, "description": _described(c)} for c in relation.columns],
    }


def _described(column: Column) -> str:
    sentences = [column.description]
    if column.choices:
        sentences.append(f"One of {', '.join(column.choices)}.")
    if column.default:
        sentences.append(f"Blank means {column.default}.")
    return " ".join(sentences)
