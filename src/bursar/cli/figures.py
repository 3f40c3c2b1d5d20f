"""Figures as a person reads them: digits in groups of three, money to its currency's smallest unit.

Owns how a number or a span of time looks in a table. Programs get `bursar.cli.output.plain`
instead.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from bursar.catalog.currencies import MINOR_UNITS


def money(amount: Decimal, currency: str) -> str:
    """An amount with no fewer places than its currency has, and no trailing zeros beyond them."""
    return number(amount, places_min=MINOR_UNITS.get(currency, 0))


def number(value: Decimal, *, places_min: int = 0) -> str:
    """A number in full, without trailing zeros beyond a number of places."""
    whole, _, fraction = format(value, ",f").partition(".")
    fraction = fraction.rstrip("0").ljust(places_min, "0")
    text = f"{whole}.{fraction}" if fraction else whole
    return text.removeprefix("-") if not value else text


def instant(value: datetime) -> str:
    """An instant in UTC, as short as it can be said: a date when it is midnight."""
    if value == value.replace(hour=0, minute=0, second=0, microsecond=0):
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m-%dT%H:%M}" + (f":{value:%S}" if value.second else "") + "Z"


def span(starting_at: datetime | None, ending_before: datetime | None) -> str:
    """A half-open interval."""
    if starting_at is None:
        return ""
    if ending_before is None or ending_before == starting_at:
        return instant(starting_at)
    return f"{instant(starting_at)} → {instant(ending_before)}"
