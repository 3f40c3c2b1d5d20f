"""How each amount on an invoice came about, in plain sentences.

Owns the sentences by the line's type. A finalized line stays as it was, whatever the catalog says
today: its own figures come first, and what explains them is said only where it gives them. It
leaves prices and tiers to `bursar.cli.price_words`, balances to `bursar.cli.payment_words`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from bursar.cli.figures import money, number
from bursar.cli.payment_words import applied_words, paid_words, purchase_words, true_up_words
from bursar.cli.price_words import TIMES, period_price_words, price_words, tier_words
from bursar.words import listed

if TYPE_CHECKING:
    from bursar.warehouse.answers import Row

Parts = Mapping[str, Sequence["Row"]]
_PLACES_12 = Decimal(1).scaleb(-12)
_PRODUCTS_MAX = 5


def sentences_of(line: Row, parts: Parts) -> tuple[str, ...]:
    """The sentences of a line.

    Args:
        line: Its row, with its invoice's `currency` and `corrects_invoice_id`.
        parts: The rows that explain it, by the part's name.
    """
    if line["corrects_invoice_id"] is not None and line["line_type"] != "rounding":
        found = _correction(line, parts)
    else:
        found = _BY_TYPE.get(line["line_type"], _plain)(line, parts)
    return tuple(sentence for sentence in found if sentence)


def _usage(line: Row, parts: Parts) -> list[str]:
    if not line["quantity"]:
        return ["Nothing was used in this time.", price_words(line, parts)]
    return [
        _product(line),
        _measured(line, parts),
        "Usage below zero gives back at the price of its time." if line["quantity"] < 0 else "",
        price_words(line, parts),
        tier_words(line, parts),
        paid_words(line, parts),
    ]


def _measured(line: Row, parts: Parts) -> str:
    metered = next(iter(parts.get("slice", ())), None)
    if metered is None or metered["metric_name"] != line["metric_name"]:
        return f"Measured by {line['metric_name']}." if line["metric_name"] else ""
    words = f"Measured by {line['metric_name']}"
    if metered["conversion_operation"]:
        verb = "divided" if metered["conversion_operation"] == "divide" else "multiplied"
        words += f", {verb} by {number(metered['conversion_factor'])}"
    if metered["rounding_method"]:
        method = metered["rounding_method"].replace("_", " ")
        places = metered["rounding_decimal_places"] or 0
        words += f", the period's count rounded {method} to {places} places"
    return f"{words}."


def _flat_fee(line: Row, parts: Parts) -> list[str]:
    words = f"A fee of {_money(line['unit_price'], line)}"
    if line["tier_start"] is not None:
        words += f" for the tier above {number(line['tier_start'])}"
    sentence = f"{words}, due once in a billing period as soon as usage reaches it."
    return [sentence, paid_words(line, parts)]


def _subscription(line: Row, parts: Parts) -> list[str]:
    is_increase = any(row["is_increase"] for row in parts.get("subscription", ()))
    return [
        _product(line),
        "An increase: what exceeds the highest quantity that this period has paid for."
        if is_increase
        else "",
        period_price_words(line, parts),
        paid_words(line, parts),
    ]


def _scheduled(line: Row, parts: Parts) -> list[str]:
    found = [_product(line)]
    charge = next(iter(parts.get("charge", ())), None)
    dates = [row["charged_at"] for row in parts.get("dates", ())]
    if charge is None or line["starting_at"] not in dates:
        return found
    which = f"Date {dates.index(line['starting_at']) + 1} of {len(dates)}"
    if charge["amount_distribution"] == "divided":
        amount = f"{money(charge['amount'], charge['currency'])} {charge['currency']}"
        found.append(f"{which}: {amount} are divided among them so that the parts add up.")
    elif len(dates) > 1:
        found.append(f"{which} that this charge falls due on.")
    return found


def _composite(line: Row, parts: Parts) -> list[str]:
    if not line["quantity"]:
        return ["There is nothing to take a share of in this period."]
    rows = parts.get("base", ())
    names = list(dict.fromkeys(str(row["product_name"] or row["product_id"]) for row in rows))
    of_what = f", what was charged for {listed(names, _PRODUCTS_MAX)}," if names else ""
    percent = number(line["unit_price"] * 100)
    cut = "" if _is_product(line) else " cut so that the parts of the charge add up to it,"
    sentence = f"{percent} % of {_money(line['quantity'], line)}{of_what}{cut} is {_amount(line)}."
    return [sentence, paid_words(line, parts)]


def _minimum(line: Row, parts: Parts) -> list[str]:
    rate = next(iter(parts.get("rate", ())), None)
    least = f" of {_money(rate['minimum'], line)}" if rate and rate["minimum"] else ""
    sentence = f"The share stays below the minimum{least} of a period: {_amount(line)} make up"
    return [f"{sentence} the difference.", paid_words(line, parts)]


def _purchase(line: Row, parts: Parts) -> list[str]:
    return [purchase_words(line, parts)]


def _true_up(line: Row, parts: Parts) -> list[str]:
    return [true_up_words(line, parts)]


def _applied(line: Row, parts: Parts) -> list[str]:
    return [applied_words(line, parts)]


def _conversion(line: Row, parts: Parts) -> list[str]:
    units = next((row["pricing_unit"] for row in parts.get("lines", ())), "units")
    price = f"{number(line['unit_price'])} {line['pricing_unit']}"
    return [
        f"{number(line['quantity'])} {units} were charged and paid by no balance;"
        f" at {price} each that is {_amount(line)}."
    ]


def _rounding(line: Row, parts: Parts) -> list[str]:
    total = next(iter(parts.get("total", ())), None)
    if total is None:
        return ["The total is rounded once; this is the difference."]
    before = f"{number(total['total'] - line['amount'])} {line['pricing_unit']}"
    after = f"{money(total['total'], total['currency'])} {total['currency']}"
    return [f"The lines add up to {before}; the total is rounded once, to {after}."]


def _plain(line: Row, parts: Parts) -> list[str]:
    return [_product(line)]


def _correction(line: Row, parts: Parts) -> list[str]:
    """What a correction's line makes of what was said before."""
    if line["line_type"] == "commit_applied":
        return [applied_words(line, parts)]
    said = [row for row in parts.get("corrected", ()) if row["is_before"]]
    units = sum((row["quantity"] for row in said), Decimal(0))
    corrected = line["corrects_invoice_id"]
    right = units + line["quantity"]
    if not units:
        words = f"Not on {corrected}, and due"
    elif not right:
        words = f"Taken back: {number(units)} at this price stood on {corrected}"
    else:
        words = f"{number(right)} are right, and {number(units)} were billed by {corrected}"
        words += " and its corrections" if len(said) > 1 else ""
    return [f"{words}.", _product(line)]


def _product(line: Row) -> str:
    """Quantity times price is the amount; or nearly, where a charge was cut between payers."""
    unit = line["pricing_unit"]
    factors = f"{number(line['quantity'])} {TIMES} {number(line['unit_price'])} {unit}"
    if _is_product(line):
        return f"{factors} = {_amount(line)}."
    return f"{factors}, cut so that the parts of the charge add up to it, is {_amount(line)}."


def _is_product(line: Row) -> bool:
    with localcontext(Context(prec=80, rounding=ROUND_HALF_UP)):
        product = (line["quantity"] * line["unit_price"]).quantize(_PLACES_12)
    return bool(product == line["amount"])


def _amount(line: Row) -> str:
    return _money(line["amount"], line)


def _money(amount: Decimal, line: Row) -> str:
    return f"{money(amount, line['pricing_unit'])} {line['pricing_unit']}"


_BY_TYPE: dict[str, Callable[[Any, Any], list[str]]] = {
    "usage": _usage,
    "flat_fee": _flat_fee,
    "subscription": _subscription,
    "scheduled": _scheduled,
    "composite": _composite,
    "minimum": _minimum,
    "commit_purchase": _purchase,
    "true_up": _true_up,
    "commit_applied": _applied,
    "pricing_unit_conversion": _conversion,
    "rounding": _rounding,
}
