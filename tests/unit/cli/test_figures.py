from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from bursar.cli import figures


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("0.000000000000", "USD", "0.00"),
        ("1234567.5", "USD", "1,234,567.50"),
        ("-0.005", "USD", "-0.005"),
        ("100.000000000000", "JPY", "100"),
        ("1.5", "BHD", "1.500"),
        ("-0.000", "USD", "0.00"),
        ("12.340000000001", "tokens", "12.340000000001"),
        ("12345678901234567890.5", "EUR", "12,345,678,901,234,567,890.50"),
    ],
)
def test_money_has_the_places_of_its_currency_and_loses_none(
    amount: str, currency: str, text: str
) -> None:
    assert figures.money(Decimal(amount), currency) == text


@pytest.mark.parametrize(
    ("value", "text"), [("1000.000", "1,000"), ("0.0000015", "0.0000015"), ("-2.50", "-2.5")]
)
def test_a_number_has_no_trailing_zeros(value: str, text: str) -> None:
    assert figures.number(Decimal(value)) == text


def test_an_instant_off_midnight_shows_its_hour() -> None:
    assert figures.instant(datetime(2026, 1, 1)) == "2026-01-01"  # noqa: DTZ001 - a mart's times have no zone - as DuckDB gives it
    assert figures.instant(datetime(2026, 1, 1, 7)) == "2026-01-01T07:00Z"  # noqa: DTZ001 - a mart's times have no zone
    assert figures.instant(datetime(2026, 1, 1, 7, 0, 5)) == "2026-01-01T07:00:05Z"  # noqa: DTZ001 - a mart's times have no zone


def test_a_span_of_one_instant_is_that_instant() -> None:
    day = datetime(2026, 1, 1)  # noqa: DTZ001 - a mart's times have no zone
    assert figures.span(day, day) == "2026-01-01"
    assert figures.span(day, None) == "2026-01-01"
    assert figures.span(None, None) == ""
