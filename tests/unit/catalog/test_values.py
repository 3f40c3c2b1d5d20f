"""What the text of a field means, and what is said about a text that means nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bursar.catalog.relations import BY_NAME
from bursar.catalog.schema import Column, Kind, number, whole
from bursar.catalog.values import Mistake, Value, read_value, time_text


def read(kind: Kind, text: str) -> Value | Mistake:
    return read_value(Column("c", kind, "A column."), text)


def mistake(column: Column | Kind, text: str) -> str:
    target = column if isinstance(column, Column) else Column("c", column, "A column.")
    found = read_value(target, text)
    assert isinstance(found, Mistake), found
    return f"{found.name}: {found.message}"


def test_a_date_is_midnight_utc() -> None:
    assert read(Kind.TIME, "2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)


def test_an_instant_is_utc() -> None:
    assert read(Kind.TIME, "2026-01-31T07:00:00Z") == datetime(2026, 1, 31, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-1-1",
        "20260101",
        "2026-01-01T07:00Z",
        "2026-01-01T07:00:00",
        "2026-01-01 07:00:00",
        "2026-13-01",
        "2025-02-29",
        "2026-01-01T24:00:00Z",
        "now",
        "infinity",
        "2026-01-01T07:00:00.000Z",
    ],
)
def test_other_forms_of_time_are_refused(text: str) -> None:
    assert mistake(Kind.TIME, text).startswith("bad-time: ")


def test_a_time_with_an_offset_is_shown_in_utc() -> None:
    assert mistake(Kind.TIME, "2026-01-01T01:00:00+02:00") == (
        "bad-time: 2026-01-01T01:00:00+02:00 is not a time of the catalog."
        " Times are UTC: write 2025-12-31T23:00:00Z."
    )


@pytest.mark.parametrize("text", ["2026-01-01T07:30:00Z", "2026-01-01T07:00:01Z"])
def test_a_time_off_the_hour_is_refused(text: str) -> None:
    assert mistake(Kind.TIME, text).endswith("The hour before it is 2026-01-01T07:00:00Z.")


def test_a_time_is_written_as_people_write_it() -> None:
    assert time_text(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01"
    assert time_text(datetime(2026, 1, 1, 7, tzinfo=UTC)) == "2026-01-01T07:00:00Z"


@pytest.mark.parametrize("text", ["0", "-1", "0.000000000001", "1000000000000000000", "007.50"])
def test_a_decimal_is_read_exactly(text: str) -> None:
    assert read(Kind.DECIMAL, text) == Decimal(text)


def test_trailing_zeros_are_no_places() -> None:
    assert read(Kind.DECIMAL, "1.50000000000000000000") == Decimal("1.5")


@pytest.mark.parametrize(
    "text", ["1e3", "NaN", "inf", "+1", ".5", "5.", "1,5", "$5", "0x10", "\u0661"]
)
def test_other_forms_of_number_are_refused(text: str) -> None:
    assert mistake(Kind.DECIMAL, text).startswith("bad-number: ")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [("1e3", "1000"), ("$1,000.5", "1000.5"), ("+5", "5"), (".5", "0.5")],
)
def test_a_number_in_another_form_is_rewritten(text: str, remedy: str) -> None:
    assert mistake(Kind.DECIMAL, text).endswith(f" Write {remedy}.")


def test_thirteen_places_are_too_many() -> None:
    assert mistake(Kind.DECIMAL, "0.0000000000001").startswith("too-many-places: ")


def test_a_number_beyond_the_exact_ones_is_refused() -> None:
    assert mistake(Kind.DECIMAL, "1000000000000000000.1").startswith("number-too-large: ")
    assert mistake(Kind.INTEGER, "2147483648").startswith("number-too-large: ")


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        (number("n", "", at_least="0"), "-0.1", "n is at least 0, not -0.1."),
        (number("n", "", at_most="1"), "1.1", "n is at most 1, not 1.1."),
        (number("n", "", above="0"), "0", "n is above 0, not 0."),
        (whole("n", "", at_least="1"), "0", "n is at least 1, not 0."),
    ],
)
def test_a_number_outside_its_bounds_is_refused(column: Column, text: str, said: str) -> None:
    assert mistake(column, text) == f"number-out-of-range: {said}"


def test_the_bounds_themselves_are_allowed() -> None:
    column = number("n", "", at_least="0", at_most="1")
    assert (read_value(column, "0"), read_value(column, "1")) == (0, 1)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("FALSE", False), ("True", True)])
def test_spreadsheets_write_flags_in_capitals(text: str, value: bool) -> None:
    assert read(Kind.BOOLEAN, text) is value


@pytest.mark.parametrize(("text", "remedy"), [("yes", "true"), ("0", "false"), ("N", "false")])
def test_a_flag_in_other_words_is_rewritten(text: str, remedy: str) -> None:
    assert mistake(Kind.BOOLEAN, text).endswith(f" Write {remedy}.")


def test_a_list_keeps_its_order() -> None:
    assert read(Kind.LIST, "b|a") == ("b", "a")


@pytest.mark.parametrize("text", ["a||b", "|a", "a|", "a| b", "a|a"])
def test_a_list_has_distinct_items_without_blanks_around(text: str) -> None:
    assert mistake(Kind.LIST, text).startswith("bad-list: ")


def test_a_list_of_ids_holds_ids() -> None:
    column = BY_NAME["commits"].column("applicable_product_ids")
    assert mistake(column, "a|b c").startswith("bad-id: ")


def test_a_map_is_pairs() -> None:
    assert read(Kind.MAP, "model=gpt-5|region=us") == {"model": "gpt-5", "region": "us"}


def test_a_map_may_be_a_json_object() -> None:
    assert read(Kind.MAP, '{"model": "a|b=c", "x": ""}') == {"model": "a|b=c", "x": ""}


@pytest.mark.parametrize(
    "text",
    [
        "model",
        "=a",
        "model=",
        "a=1|a=2",
        "a=1||b=2",
        "a =1",
        "a=b=c",
        '{"a": 1}',
        '{"a": null}',
        '{"a": "1", "a": "2"}',
        '{"a": {"b": "c"}}',
        "{a}",
    ],
)
def test_other_forms_of_map_are_refused(text: str) -> None:
    assert mistake(Kind.MAP, text).startswith("bad-map: ")


def test_a_value_with_an_equals_sign_is_shown_as_json() -> None:
    assert mistake(Kind.MAP, "a=b=c").endswith('in quotes: "{""a"":""b=c""}".')


@pytest.mark.parametrize("kind", [Kind.ID, Kind.TIME, Kind.DECIMAL, Kind.CHOICE, Kind.BOOLEAN])
def test_blanks_around_a_value_are_refused(kind: Kind) -> None:
    assert mistake(kind, " 1").startswith("stray-blanks: ")


def test_a_name_may_have_blanks_but_not_be_blank() -> None:
    assert read(Kind.TEXT, "Acme Inc ") == "Acme Inc "
    assert mistake(Kind.TEXT, "  ").startswith("stray-blanks: ")


@pytest.mark.parametrize("text", ["a b", "a|b", "a\tb", "a\u00a0b", "a" * 129])
def test_other_forms_of_id_are_refused(text: str) -> None:
    assert mistake(Kind.ID, text).startswith("bad-id: ")


@pytest.mark.parametrize("text", ["a", "A-1_x:y/z", "ü", "a" * 128])
def test_an_id_is_any_text_without_blanks(text: str) -> None:
    assert read(Kind.ID, text) == text
