"""What the catalog's texts mean on the engine is what the catalog check says they mean."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bursar.catalog.relations import BY_NAME
from bursar.catalog.values import Mistake, read_value
from tests.support.macros import load_macros

MACROS = load_macros()
CONNECTION = duckdb.connect()
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def on_engine(expression: str, **values: Any) -> Any:
    columns = ", ".join(f"${name} as {name}" for name in values)
    ((found,),) = CONNECTION.execute(
        f"select {expression} from (select {columns})", values
    ).fetchall()
    return found


def group_values(pairs: dict[str, str], keys: list[str] | None) -> Any:
    written = MACROS.group_values_json("map(a, b)", "cast(c as varchar[])")
    return on_engine(written, a=list(pairs), b=list(pairs.values()), c=keys)


def canonical(pairs: dict[str, str | None]) -> str:
    return json.dumps(dict(sorted(pairs.items())), separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize(
    ("given_time", "expected"),
    [
        ("2026-01-01", datetime(2026, 1, 1)),  # noqa: DTZ001 - DuckDB's timestamps have no zone
        ("2026-01-01T07:00:00Z", datetime(2026, 1, 1, 7)),  # noqa: DTZ001 - as above
        (date(2026, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001 - as above
        (datetime(2026, 1, 1, 7), datetime(2026, 1, 1, 7)),  # noqa: DTZ001 - as above
        ("2026-01-01 07:00:00+00", datetime(2026, 1, 1, 7)),  # noqa: DTZ001 - as above
        ("", None),
        (None, None),
    ],
)
def test_a_time_is_a_timestamp(given_time: Any, expected: datetime | None) -> None:
    assert on_engine(MACROS.parse_time("a"), a=given_time) == expected


@pytest.mark.parametrize("text", ["2026-01-01T07:00:00+02:00", "01/02/2026", "yesterday"])
def test_a_time_that_could_be_misread_stops_the_build(text: str) -> None:
    with pytest.raises(duckdb.Error):
        on_engine(MACROS.parse_time("a"), a=text)


@pytest.mark.parametrize(
    ("text", "expected"), [("a|b", ["a", "b"]), ("a", ["a"]), ("", []), (None, []), (" ", [])]
)
def test_a_list_is_a_list_of_texts(text: str | None, expected: list[str]) -> None:
    assert on_engine(MACROS.parse_list("a"), a=text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("model=gpt-5", '{"model":"gpt-5"}'),
        ("region=us|model=gpt-5", '{"model":"gpt-5","region":"us"}'),
        ('{"region": "us", "model": "a|b=c"}', '{"model":"a|b=c","region":"us"}'),
        ("", None),
        (None, None),
    ],
)
def test_a_map_is_json_with_sorted_keys(text: str | None, expected: str | None) -> None:
    assert on_engine(MACROS.parse_map("a"), a=text) == expected


@settings(max_examples=300, deadline=None)
@given(TEXTS.filter(str.strip) | st.text(alphabet='ab=|{}" :,', min_size=1))
@example("b=1|a=2")
def test_a_map_that_the_check_accepts_is_read_the_same(text: str) -> None:
    column = BY_NAME["rates"].column("pricing_group_values")
    pairs = read_value(column, text)
    if not isinstance(pairs, Mistake):
        assert isinstance(pairs, dict)
        parsed = on_engine(MACROS.parse_map("a"), a=text)
        assert json.loads(parsed) == pairs
        assert list(json.loads(parsed)) == sorted(pairs)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TEXTS.filter(bool), TEXTS, min_size=1, max_size=4))
@example({"b": 'q"\\', "a": "ü\n\t\u2028", "Z": "/"})
def test_a_rates_values_and_a_usages_values_are_equal_byte_by_byte(pairs: dict[str, str]) -> None:
    priced = on_engine(MACROS.parse_map("a"), a=json.dumps(pairs, ensure_ascii=False))
    assert group_values(pairs, list(pairs)) == priced


@pytest.mark.parametrize(
    ("pairs", "keys", "expected"),
    [
        ({"model": "a", "user": "u", "x": "y"}, ["user", "model"], {"model": "a", "user": "u"}),
        ({"model": "a"}, ["user"], {"user": None}),
        ({"model": "a"}, ["model", "model"], {"model": "a"}),
    ],
)
def test_group_values_are_those_of_exactly_the_keys(
    pairs: dict[str, str], keys: list[str], expected: dict[str, str | None]
) -> None:
    assert group_values(pairs, keys) == canonical(expected)


@pytest.mark.parametrize("keys", [[], None])
def test_without_keys_there_are_no_group_values(keys: list[str] | None) -> None:
    assert group_values({"model": "a"}, keys) is None


def test_without_a_map_every_value_is_absent() -> None:
    written = MACROS.group_values_json("cast(null as map(varchar, varchar))", "a")
    assert on_engine(written, a=["user"]) == '{"user":null}'
