"""Rules of what an override does: a price, a multiplier, tiers, or a say about entitlement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bursar.catalog.book import Book, Rule, file_of
from bursar.catalog.relations import BY_NAME
from bursar.catalog.table import Row, Table
from bursar.errors import Diagnostic, Severity

# What each type of override may say of a price, beside its tiers.
_EFFECTS_BY_TYPE = {
    "overwrite": ("rate_type", "price", "pricing_unit"),
    "multiplier": ("multiplier",),
    "tiered": (),
}
_EFFECTS = ("multiplier", "rate_type", "price", "pricing_unit")
# What a tier says, by the type of its override.
_TIER_EFFECTS_BY_TYPE = {"overwrite": ("price", "flat_fee"), "tiered": ("multiplier",)}
_TIER_EFFECTS = ("price", "flat_fee", "multiplier")
# The rate types that no price of a product of this type has.
_NOT_FOR_PRODUCT_TYPE = {
    "usage": ("percentage",),
    "composite": ("tiered", "volume"),
    "subscription": ("tiered", "volume", "percentage"),
}


def effects_of_another_type(book: Book) -> Iterator[Diagnostic]:
    """A column that this type of override does not read."""
    for row in book.rows("contract_overrides"):
        override_type = row.text("override_type")
        if override_type not in _EFFECTS_BY_TYPE:
            continue
        for name in _EFFECTS:
            if row.is_given(name) and name not in _EFFECTS_BY_TYPE[override_type]:
                message = f"{_named(override_type)} has no {name}: leave it blank."
                yield book.tables["contract_overrides"].problem(
                    row, name, "effect-of-another-type", message
                )


def effects_that_are_missing(book: Book) -> Iterator[Diagnostic]:
    """An override makes a price, or says whether the product may be used."""
    for row in book.rows("contract_overrides"):
        override_type = row.text("override_type")
        is_known = book.knows("override_tiers")
        has_tiers = row.text("override_id") in book.override_tiers or not is_known
        if not row.reads("is_entitled", "multiplier", "price") or row.is_given("is_entitled"):
            continue
        wanted, column = "", "override_type"
        if override_type == "multiplier" and row.is_blank("multiplier"):
            wanted, column = "a multiplier", "multiplier"
        if override_type == "tiered" and not has_tiers:
            wanted = f"tiers in {_tiers_file(book)}"
        is_silent = row.is_blank("price") and row.is_blank("rate_type")
        if override_type == "overwrite" and is_silent and not has_tiers:
            wanted, column = f"a price, or tiers in {_tiers_file(book)},", "price"
        if wanted:
            message = f"{_named(override_type)} without {wanted} or is_entitled does nothing."
            yield book.tables["contract_overrides"].problem(
                row, column, "override-without-effect", message
            )


def overwrites_and_their_tiers(book: Book) -> Iterator[Diagnostic]:
    """A flat overwrite has its price in the row, a tiered or volume one in its tiers."""
    for row in book.rows("contract_overrides"):
        if row.text("override_type") != "overwrite":
            continue
        table, rate_type = book.tables["contract_overrides"], row.text("rate_type")
        has_tiers = row.text("override_id") in book.override_tiers
        if rate_type in ("tiered", "volume") or (has_tiers and row.is_blank("rate_type")):
            if row.is_given("price"):
                message = (
                    f"The prices of an overwrite with tiers are in {_tiers_file(book)};"
                    " leave price blank, or delete the tiers."
                )
                yield table.problem(row, "price", "price-beside-tiers", message)
            if not has_tiers and book.knows("override_tiers"):
                message = (
                    f"{_tiers_file(book)} has no tier of override {row.text('override_id')}."
                    " It needs one from tier_start 0."
                )
                yield table.problem(row, "rate_type", "no-tiers", message)
        elif rate_type in ("flat", "percentage") and row.is_blank("price"):
            message = f"A {rate_type} overwrite has a price. Free is 0."
            yield table.problem(row, "price", "no-price", message)


def overwrites_of_the_wrong_type(book: Book) -> Iterator[Diagnostic]:
    """A percentage is for composites, and tiers are for usage."""
    for row in book.rows("contract_overrides"):
        if row.text("override_type") != "overwrite":
            continue
        has_tiers = row.text("override_id") in book.override_tiers
        rate_type = row.text("rate_type") or ("tiered" if has_tiers else "")
        product_id = row.text("product_id")
        product_type = book.product_type(product_id)
        if rate_type in _NOT_FOR_PRODUCT_TYPE.get(product_type, ()):
            takes = {"usage": "flat, tiered or volume", "composite": "a percentage"}
            message = (
                f"{product_id} is a {product_type} product: its price is"
                f" {takes.get(product_type, 'flat')}, not {rate_type}."
            )
            yield book.tables["contract_overrides"].problem(
                row, "rate_type", "wrong-rate-type", message
            )


def tiered_without_the_explicit_scheme(book: Book) -> Iterator[Diagnostic]:
    """Tiers multiply only where priorities say which override wins."""
    schemes = {
        row.text("contract_id"): row.text("multiplier_prioritization")
        for row in book.rows("contracts")
    }
    for row in book.rows("contract_overrides"):
        contract_id = row.text("contract_id")
        is_silent = row.text("override_type") == "tiered" and row.is_blank("is_entitled")
        if is_silent and schemes.get(contract_id) == "lowest":
            message = (
                f"A tiered override acts only on contracts whose multiplier_prioritization is"
                f" explicit; that of {contract_id} is lowest, so it does nothing."
            )
            yield book.tables["contract_overrides"].problem(
                row, "override_type", "not-explicit", message, severity=Severity.WARNING
            )


def override_tiers_that_do_not_fit(book: Book) -> Iterator[Diagnostic]:
    """Tiers say what their override's type says, and begin at zero."""
    overrides = {row.text("override_id"): row for row in book.rows("contract_overrides")}
    for override_id, tiers in book.override_tiers.items():
        table = book.tables["override_tiers"]
        override = overrides.get(override_id)
        override_type = override.text("override_type") if override else ""
        rate_type = override.text("rate_type") if override else ""
        if override_type == "multiplier" or rate_type in ("flat", "percentage"):
            message = (
                f"The override {override_id} is"
                f" {'a multiplier' if override_type == 'multiplier' else rate_type} and has no"
                " tiers. Delete them, or change its type."
            )
            yield table.problem(tiers[0], "override_id", "tiers-without-use", message)
            continue
        for tier in tiers:
            yield from _tier_effects(table, tier, override_type)
        yield from _tier_at_zero(table, override_id, tiers)


def _tier_effects(table: Table, tier: Row, override_type: str) -> Iterator[Diagnostic]:
    wanted = _TIER_EFFECTS_BY_TYPE.get(override_type)
    if wanted is None:
        return
    for name in _TIER_EFFECTS:
        if tier.is_given(name) and name not in wanted:
            message = f"A tier of {_named(override_type).lower()} has no {name}: leave it blank."
            yield table.problem(tier, name, "effect-of-another-type", message)
    if tier.is_blank(wanted[0]):
        name = "no-price" if override_type == "overwrite" else "no-multiplier"
        message = f"A tier of {_named(override_type).lower()} has a {wanted[0]}."
        yield table.problem(tier, wanted[0], name, message)


def _tier_at_zero(table: Table, override_id: str, tiers: Sequence[Row]) -> Iterator[Diagnostic]:
    starts = [tier.number("tier_start") for tier in tiers]
    known = [start for start in starts if start is not None]
    if len(known) == len(starts) and min(known) > 0:
        lowest = tiers[starts.index(min(known))]
        message = (
            f"The first tier of override {override_id} starts at {min(known):f}:"
            " units up to there have no price. Add a tier with tier_start 0."
        )
        yield table.problem(lowest, "tier_start", "no-tier-at-zero", message)


def _tiers_file(book: Book) -> str:
    return file_of(book, BY_NAME["override_tiers"])


def _named(override_type: str) -> str:
    return {
        "overwrite": "An overwrite",
        "multiplier": "A multiplier",
        "tiered": "A tiered override",
    }[override_type]


RULES: tuple[Rule, ...] = (
    effects_of_another_type,
    effects_that_are_missing,
    overwrites_and_their_tiers,
    overwrites_of_the_wrong_type,
    tiered_without_the_explicit_scheme,
    override_tiers_that_do_not_fit,
)
