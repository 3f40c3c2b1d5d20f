"""The whole catalog as the rules see it: every relation's table, and what is known about metrics.

Owns the lookups that several rules need. It leaves what is wrong to ``bursar.catalog.rules``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from bursar.catalog.schema import Relation
from bursar.catalog.table import Row, Table
from bursar.errors import Diagnostic


class MetricFacts(Protocol):
    """What the catalog needs to know of a metric; the compiler's definitions have it."""

    @property
    def name(self) -> str:
        """The metric's name."""

    @property
    def form(self) -> str:
        """``declared`` or ``sql``; empty if the metric does not parse."""

    @property
    def group_keys(self) -> Collection[str] | None:
        """The keys by which its quantity can be split; none if the metric does not parse."""


@dataclass(frozen=True)
class Book:
    """The catalog.

    Args:
        tables: By relation; only those that were read.
        metrics: By name; none if metrics are not known, and then nothing is said about them.
        elsewhere: The relations that come from another source than the seeds; their rows are
            not known.
    """

    tables: Mapping[str, Table]
    metrics: Mapping[str, MetricFacts] | None = None
    elsewhere: frozenset[str] = field(default_factory=frozenset)

    def rows(self, relation: str) -> Sequence[Row]:
        """The relation's rows; none if it was not read."""
        return self.tables[relation].rows if relation in self.tables else ()

    def knows(self, *relations: str) -> bool:
        """Whether all rows of these relations are in the files at hand."""
        return all(
            name not in self.elsewhere and (name not in self.tables or self.tables[name].is_whole)
            for name in relations
        )

    @cached_property
    def products(self) -> Mapping[str, Sequence[Row]]:
        """The versions of each product, by id, in the file's order."""
        return self._grouped("products", "product_id")

    @cached_property
    def tiers(self) -> Mapping[str, Sequence[Row]]:
        """The tiers of each rate, by rate id, in the file's order."""
        return self._grouped("rate_tiers", "rate_id")

    @cached_property
    def override_tiers(self) -> Mapping[str, Sequence[Row]]:
        """The tiers of each override, by override id, in the file's order."""
        return self._grouped("override_tiers", "override_id")

    @cached_property
    def contracts(self) -> Mapping[str, Row]:
        """Each contract, by id."""
        return {row.text("contract_id"): row for row in self.rows("contracts")}

    @cached_property
    def commits(self) -> Mapping[str, Row]:
        """Each commit, by id."""
        return {row.text("commit_id"): row for row in self.rows("commits")}

    @cached_property
    def recurring_commits(self) -> Mapping[str, Row]:
        """Each recurring commit, by id."""
        return {row.text("recurring_commit_id"): row for row in self.rows("recurring_commits")}

    @cached_property
    def segments(self) -> Mapping[str, Sequence[Row]]:
        """The access rows of each commit, by commit id, in the file's order."""
        return self._grouped("commit_segments", "commit_id")

    @cached_property
    def commit_invoices(self) -> Mapping[str, Sequence[Row]]:
        """The purchase or true-up rows of each commit, by commit id, in the file's order."""
        return self._grouped("commit_invoices", "commit_id")

    @cached_property
    def contract_ids_by_customer(self) -> Mapping[str, Sequence[str]]:
        """The contracts of each customer, by customer id, in the file's order."""
        return {
            customer_id: [row.text("contract_id") for row in rows]
            for customer_id, rows in self._grouped("contracts", "customer_id").items()
        }

    @cached_property
    def cards_by_customer(self) -> Mapping[str, frozenset[str]]:
        """The rate cards of each customer's contracts, by customer id."""
        return {
            customer_id: frozenset(row.text("rate_card_id") for row in rows)
            for customer_id, rows in self._grouped("contracts", "customer_id").items()
        }

    @cached_property
    def units_by_card(self) -> Mapping[str, frozenset[str]]:
        """What may be priced on each rate card, by id: its currency, the units it converts."""
        found = {card: {currency} for card, currency in self.currency_by_card.items()}
        for card, unit in self.conversions:
            found.setdefault(card, set()).add(unit)
        return {card: frozenset(units - {""}) for card, units in found.items()}

    @cached_property
    def currency_by_card(self) -> Mapping[str, str]:
        """The currency of each rate card, by id; empty where it does not read."""
        return {row.text("rate_card_id"): row.text("currency") for row in self.rows("rate_cards")}

    @cached_property
    def custom_units(self) -> frozenset[str]:
        """The pricing units that are no currencies."""
        return frozenset(row.text("pricing_unit") for row in self.rows("pricing_units"))

    @cached_property
    def conversions(self) -> frozenset[tuple[str, str]]:
        """The custom units that each rate card converts: (card, unit)."""
        return frozenset(
            (row.text("rate_card_id"), row.text("pricing_unit"))
            for row in self.rows("pricing_unit_conversions")
        )

    def contract_of(self, row: Row) -> Row | None:
        """The contract that a row names, or that its commit names; none if none is known."""
        contract_id = row.text("contract_id")
        if not contract_id and (commit := self.commits.get(row.text("commit_id"))):
            contract_id = commit.text("contract_id")
        return self.contracts.get(contract_id) if contract_id else None

    def product_type(self, product_id: str) -> str:
        """The type of a product, which all its versions share; empty if none says it."""
        versions = self.products.get(product_id, ())
        return next((found for row in versions if (found := row.text("product_type"))), "")

    def _grouped(self, relation: str, column: str) -> Mapping[str, Sequence[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.rows(relation):
            found.setdefault(row.text(column), []).append(row)
        found.pop("", None)
        return found


Rule = Callable[[Book], Iterator[Diagnostic]]


def file_of(book: Book, relation: Relation) -> str:
    """How messages name a relation's file."""
    table = book.tables.get(relation.name)
    return table.path if table else f"seeds/{relation.name}.csv"
