"""A commit in words: what it is, what it may pay for, at which price, and what it cost.

Owns the words. It leaves the rows to `bursar.warehouse.balances`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bursar.cli.figures import instant, money, number
from bursar.words import listed

if TYPE_CHECKING:
    from bursar.warehouse.answers import Row
    from bursar.warehouse.balances import Commit

_KINDS = {
    "prepaid": "prepaid commit: bought ahead, and used up",
    "postpaid": "postpaid commit: promised; what is not used is due at its true-up",
    "credit": "credit: given, and used up",
}


def facts_of(commit: Commit) -> dict[str, str]:
    """What is to be known of a commit, by a label; what says nothing is left out."""
    first = commit.grants[0]
    customer = first["customer_name"]
    facts = {
        "Type": _kind(commit),
        "Customer": f"{customer} ({first['customer_id']})" if customer else first["customer_id"],
        "Contract": _contract(first),
        "Pays for": _payable(commit),
        "At": _price(commit),
        "Order": f"priority {first['priority']}: the lowest of a customer's pays first",
        "Cost": _cost(first),
        "Rolls over": _rollover(first),
    }
    return {label: value for label, value in facts.items() if value}


def _kind(commit: Commit) -> str:
    first = commit.grants[0]
    words: str = _KINDS[first["commit_type"]]
    if first["rolled_from"]:
        words += f"; what {first['rolled_from']} left at {instant(first['renewed_at'])}"
    if commit.asked != first["commit_id"]:
        words += f"; recurring, {len(commit.grants)} grants listed"
    return words


def _contract(first: Row) -> str:
    if first["contract_id"]:
        return str(first["contract_id"])
    contracts = first["applicable_contract_ids"]
    return f"the customer's: {listed(contracts) if contracts else 'every contract'}"


def _payable(commit: Commit) -> str:
    """Alternatives: a product, a tag, or a specifier whose parts must all hold."""
    unit = commit.grants[0]["pricing_unit"]
    alternatives = [
        *commit.restrictions["applicable_product_ids"],
        *(f"products tagged {tag}" for tag in commit.restrictions["applicable_product_tags"]),
        *(" and ".join(_specified(row)) or "everything" for row in commit.specifiers),
    ]
    return f"{', or '.join(alternatives) or 'everything'}, charged in {unit}"


def _specified(specifier: Row) -> Iterator[str]:
    if specifier["product_id"]:
        yield specifier["product_id"]
    if specifier["product_tags"]:
        yield f"tagged {' and '.join(specifier['product_tags'])}"
    for column in ("pricing_group_values", "presentation_group_values"):
        for key, value in json.loads(specifier[column] or "{}").items():
            yield f"{key} {value}"


def _price(commit: Commit) -> str:
    basis = commit.grants[0]["rate_basis"]
    words = (
        "the commit rate, where the rate card has one" if basis == "commit" else "the usual price"
    )
    if commit.override_ids:
        words += f", unless changed by an override of balances: {listed(commit.override_ids)}"
    return words


def _cost(first: Row) -> str:
    if first["commit_type"] == "postpaid":
        return f"the true-up is due on {instant(first['true_up_at'])}"
    if first["rolled_from"]:
        return "paid for with what it rolled over from"
    if not first["paid_amount"]:
        return "nothing: it was given"
    currency, unit = first["currency"], first["pricing_unit"]
    words = f"{money(first['paid_amount'], currency)} {currency}"
    words += f" for {money(first['access_amount'], unit)} {unit}"
    return words + (f", {number(first['cost_basis'])} each" if first["cost_basis"] != 1 else "")


def _rollover(first: Row) -> str:
    fraction = first["rollover_fraction"]
    if not fraction or first["rolled_from"]:
        return ""
    most = money(first["access_amount"] * fraction, first["pricing_unit"])
    return f"up to {most} {first['pricing_unit']} at a renewal of the contract"
