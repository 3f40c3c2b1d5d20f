"""The list of relations is whole, and other places that say the same say the same."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from bursar.catalog.currencies import MINOR_UNITS
from bursar.catalog.relations import BY_NAME, RELATIONS, header, seeds_yaml
from bursar.catalog.schema import CURRENCIES, METRICS, Kind

ROOT = Path(__file__).parents[3]


def test_a_header_names_the_columns_in_order() -> None:
    assert header(BY_NAME["rate_tiers"]) == "rate_id,tier_start,price,flat_fee"


def test_every_relation_has_a_key_and_a_first_key_that_is_required() -> None:
    for relation in RELATIONS:
        assert relation.key
        assert relation.columns[0].is_key
        assert relation.columns[0].is_required


def test_every_column_says_what_it_is_in_one_sentence() -> None:
    for relation in RELATIONS:
        columns = [column.description for column in relation.columns]
        for description in (relation.description, *columns):
            assert re.fullmatch(r"[A-Z][^.]*\.", description), relation.name


def test_every_reference_leads_to_a_relation() -> None:
    targets = {*BY_NAME, CURRENCIES, METRICS}
    for relation in RELATIONS:
        for column in relation.columns:
            assert set(column.references) <= targets
            assert not column.references or column.kind in (Kind.ID, Kind.LIST)


def test_choices_have_choices_and_defaults_are_among_them() -> None:
    for relation in RELATIONS:
        for column in relation.columns:
            assert (column.kind is Kind.CHOICE) == bool(column.choices)
            assert not column.default or not column.choices or column.default in column.choices


def test_the_seeds_properties_are_yaml_with_every_column_typed() -> None:
    seeds = yaml.safe_load(seeds_yaml())["seeds"]
    assert [seed["name"] for seed in seeds] == [relation.name for relation in RELATIONS]
    for seed, relation in zip(seeds, RELATIONS, strict=True):
        assert tuple(seed["config"]["column_types"]) == relation.column_names
        assert tuple(column["name"] for column in seed["columns"]) == relation.column_names


def test_the_demos_properties_are_the_written_ones() -> None:
    assert (ROOT / "seeds" / "_catalog.yml").read_text(encoding="utf-8") == seeds_yaml()


def test_the_demo_has_every_relation_with_its_header() -> None:
    for relation in RELATIONS:
        text = (ROOT / "seeds" / f"{relation.name}.csv").read_text(encoding="utf-8")
        assert text.splitlines()[0] == header(relation)


def test_the_models_have_the_same_currencies() -> None:
    model = (ROOT / "models" / "staging" / "stg_currencies.sql").read_text(encoding="utf-8")
    listed = {code: int(places) for code, places in re.findall(r"\('([A-Z]{3})', (\d)\)", model)}
    assert listed == MINOR_UNITS


def test_well_known_currencies_have_their_minor_units() -> None:
    known = {"USD": 2, "JPY": 0, "KWD": 3, "CLF": 4, "EUR": 2, "KRW": 0, "BHD": 3}
    assert {code: MINOR_UNITS[code] for code in known} == known
    assert not {"XAU", "XDR", "XTS", "HRK", "BGN"} & set(MINOR_UNITS)


def test_every_relation_is_read_by_a_staging_model_and_by_nothing_else() -> None:
    read: dict[str, list[str]] = {}
    for path in (ROOT / "models").rglob("*.sql"):
        for name in re.findall(r"catalog_relation\('(\w+)'\)", path.read_text(encoding="utf-8")):
            read.setdefault(name, []).append(path.parent.name)
    assert set(read) == set(BY_NAME)
    assert {folder for folders in read.values() for folder in folders} == {"staging"}
