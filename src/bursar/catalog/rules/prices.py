"""Rules of rates: what they price, and from when."""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule, file_of
from bursar.catalog.relations import BY_NAME
from bursar.catalog.table import Row, Table
from bursar.errors import Diagnostic
from bursar.words import listed, nearest

# The rate types of each type of product; a fixed product's price is in the charge that names it.
_RATE_TYPES_BY_PRODUCT_TYPE: dict[str, tuple[str, ...]] = {
    "usage": ("flat", "tiered", "volume"),
    "subscription": ("flat",),
    "composite": ("percentage",),
    "fixed": (),
}
_SAME_PRICE = (
    "rate_card_id",
    "product_id",
    "pricing_group_values",
    "rate_basis",
    "billing_frequency",
)


def rates_that_start_together(book: Book) -> Iterator[Diagnostic]:
    """Of two rows of one price with the same start, neither is the newer."""
    first: dict[tuple[object, ...], Row] = {}
    for row in book.rows("rates"):
        start = row.time("starting_at")
        if start is None or not row.reads(*_SAME_PRICE) or not row.text("rate_card_id"):
            continue
        groups = tuple(sorted(row.pairs("pricing_group_values").items()))
        names = (name for name in _SAME_PRICE if name != "pricing_group_values")
        key = (start, groups, *(row.text(name) for name in names))
        other = first.setdefault(key, row)
        if other is not row:
            message = (
                f"Line {other.line} prices the same from the same instant"
                f" (rate {other.text('rate_id')}). Delete one, or let one start at another time."
            )
            yield book.tables["rates"].problem(row, "starting_at", "rates-start-together", message)


def rates_of_the_wrong_type(book: Book) -> Iterator[Diagnostic]:
    """A rate's type and frequency fit the product's type."""
    for row in book.rows("rates"):
        table = book.tables["rates"]
        product_type = book.product_type(row.text("product_id"))
        allowed = _RATE_TYPES_BY_PRODUCT_TYPE.get(product_type)
        if allowed is None:
            continue
        product_id = row.text("product_id")
        if not allowed:
            message = (
                f"{product_id} is a {product_type} product and has no rate:"
                " the charge or commit that names it states the amount."
            )
            yield table.problem(row, "product_id", "product-has-no-rates", message)
            continue
        rate_type = row.text("rate_type")
        if rate_type and rate_type not in allowed:
            message = (
                f"{product_id} is a {product_type} product;"
                f" its rates are {listed(allowed)}, not {rate_type}."
            )
            yield table.problem(row, "rate_type", "wrong-rate-type", message)
        if product_type == "subscription" and row.is_blank("billing_frequency"):
            message = f"The rate of a subscription says how long a period it prices: {product_id}."
            yield table.problem(row, "billing_frequency", "no-billing-frequency", message)
        if product_type != "subscription" and row.is_given("billing_frequency"):
            message = (
                "Only a subscription's rate has a billing_frequency;"
                f" {product_id} is a {product_type} product."
            )
            yield table.problem(row, "billing_frequency", "not-a-subscription", message)


def prices_present_and_absent(book: Book) -> Iterator[Diagnostic]:
    """A flat or percentage rate has its price in the row, the others in their tiers."""
    for row in book.rows("rates"):
        table = book.tables["rates"]
        rate_type, rate_id = row.text("rate_type"), row.text("rate_id")
        if rate_type in ("flat", "percentage") and row.is_blank("price"):
            what = "price per unit" if rate_type == "flat" else "fraction, such as 0.05"
            message = f"A {rate_type} rate has a price: the {what}. Free is 0."
            yield table.problem(row, "price", "no-price", message)
        if rate_type in ("tiered", "volume"):
            tiers = file_of(book, BY_NAME["rate_tiers"])
            if row.is_given("price"):
                message = f"The prices of a {rate_type} rate are in {tiers}; leave price blank."
                yield table.problem(row, "price", "price-beside-tiers", message)
            if rate_id and rate_id not in book.tiers and book.knows("rate_tiers"):
                message = f"{tiers} has no tier of rate {rate_id}. It needs one from tier_start 0."
                yield table.problem(row, "rate_type", "no-tiers", message)
        if rate_type not in ("", "percentage") and row.is_given("minimum"):
            message = f"Only a percentage rate has a minimum; this one is {rate_type}."
            yield table.problem(row, "minimum", "minimum-without-percentage", message)


def tiers_that_do_not_fit(book: Book) -> Iterator[Diagnostic]:
    """Tiers belong to tiered and volume rates, and begin at zero."""
    rates = {row.text("rate_id"): row for row in book.rows("rates")}
    for rate_id, tiers in book.tiers.items():
        table = book.tables["rate_tiers"]
        rate = rates.get(rate_id)
        rate_type = rate.text("rate_type") if rate else ""
        if rate and rate_type in ("flat", "percentage"):
            message = (
                f"The rate {rate_id} is {rate_type} ({file_of(book, BY_NAME['rates'])}:{rate.line})"
                " and has no tiers. Make it tiered or volume, or delete its tiers."
            )
            yield table.problem(tiers[0], "rate_id", "tiers-without-use", message)
        starts = [tier.number("tier_start") for tier in tiers]
        known = [start for start in starts if start is not None]
        if len(known) == len(starts) and min(known) > 0:
            lowest = tiers[starts.index(min(known))]
            message = (
                f"The first tier of rate {rate_id} starts at {min(known):f}:"
                " units up to there have no price. Add a tier with tier_start 0."
            )
            yield table.problem(lowest, "tier_start", "no-tier-at-zero", message)


def group_values_that_do_not_fit(book: Book) -> Iterator[Diagnostic]:
    """A rate has a value for each of its product's pricing group keys, and for no other key."""
    for row in book.rows("rates"):
        versions = book.products.get(row.text("product_id"), ())
        if not versions or not row.reads("pricing_group_values"):
            continue
        if not all(version.reads("pricing_group_keys") for version in versions):
            continue
        given = row.pairs("pricing_group_values")
        wanted = [version.items("pricing_group_keys") for version in versions]
        if any(set(keys) == set(given) for keys in wanted):
            continue
        closest = max(wanted, key=lambda keys: len(set(keys) & set(given)))
        yield from _misfits(book.tables["rates"], row, given, closest)


def _misfits(
    table: Table, row: Row, given: dict[str, str], wanted: tuple[str, ...]
) -> Iterator[Diagnostic]:
    product_id, column = row.text("product_id"), "pricing_group_values"
    priced_by = f"{product_id} is priced by {listed(wanted)}"
    for key in given:
        if key not in wanted:
            has = priced_by if wanted else f"{product_id} has no pricing group keys"
            message = f"{key} is not what the product is priced by: {has}.{nearest(key, wanted)}"
            yield table.problem(row, column, "price-for-unknown-group-key", message, part=key)
    missing = [key for key in wanted if key not in given]
    if missing:
        example = "|".join(f"{key}={given.get(key, '<value>')}" for key in wanted)
        message = f"{priced_by}; a value for {listed(missing)} is missing. Write {example}."
        yield table.problem(row, column, "missing-group-value", message)


RULES: tuple[Rule, ...] = (
    rates_that_start_together,
    rates_of_the_wrong_type,
    prices_present_and_absent,
    tiers_that_do_not_fit,
    group_values_that_do_not_fit,
)
