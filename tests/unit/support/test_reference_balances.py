"""The slow drawdown gives the figures of the worked cases; skips where they are absent."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from bursar.catalog.relations import BY_NAME
from tests.support.reference_balances import Statement, settle
from tests.support.reference_catalog import Catalog, Row, instant
from tests.support.reference_metering import Event

CASES = Path(__file__).parents[4] / "shared" / "cases"
NAMES = ("C1", "C3", "C5", "C8", "C9", "C20", "C24", "M9", "S10", "U1")
Figures = dict[tuple[str, ...], tuple[Decimal, ...]]

pytestmark = pytest.mark.skipif(not CASES.exists(), reason="the worked cases are not here")


@pytest.mark.parametrize("name", NAMES)
def test_the_slow_drawdown_gives_the_figures_of_the_case(name: str) -> None:
    folder = CASES / name
    statement = _settled(folder)
    expected = _figures(_read(folder / "expected_line_items.csv"), 2)
    # The reference makes no rounding lines: totals say the same.
    billed = {key: v for key, v in expected.items() if key[3] != "rounding" and any(v)}
    assert {key: v for key, v in _lines(statement).items() if any(v)} == billed
    totals = {
        (contract_id, kind, _text(start)): (total,)
        for (contract_id, kind, start), total in statement.totals.items()
    }
    invoices = [row | {"currency": ""} for row in _read(folder / "expected_invoices.csv")]
    assert totals == {tuple(i for i in key if i): v for key, v in _figures(invoices, 1).items()}
    assert _balances(statement) == _figures(_read(folder / "expected_balances.csv"), 7)


def _settled(folder: Path) -> Statement:
    catalog: Catalog = {name: [] for name in BY_NAME}
    for path in (folder / "seeds").glob("*.csv"):
        catalog[path.stem] = _read(path)
    metrics = {
        path.stem: yaml.safe_load(path.read_text()) for path in (folder / "metrics").iterdir()
    }
    events = [
        Event(
            line["transaction_id"],
            line["customer_id"],
            line["event_type"],
            instant(line["timestamp"]),
            line["properties"],
        )
        for line in map(json.loads, (folder / "events.ndjson").read_text().splitlines())
    ]
    return settle(catalog, metrics, events, instant((folder / "as_of.txt").read_text().strip()))


def _read(path: Path) -> list[Row]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _figures(rows: list[Row], count: int) -> Figures:
    """The last columns by all others, summed."""
    summed: dict[tuple[str, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * count)
    for row in rows:
        cells = list(row.values())
        key = tuple(cells[:-count])
        figures = zip(summed[key], cells[-count:], strict=True)
        summed[key] = [so_far + Decimal(text) for so_far, text in figures]
    return {key: tuple(figures) for key, figures in summed.items()}


def _lines(statement: Statement) -> Figures:
    return _figures(
        [
            {
                "contract_id": line.invoice[0],
                "invoice_type": line.invoice[1],
                "period_start": _text(line.invoice[2]),
                "line_type": line.line_type,
                "product_id": line.product_id,
                "pricing_group_values": line.groups[0],
                "presentation_group_values": line.groups[1],
                "pricing_unit": line.pricing_unit,
                "commit_id": line.commit_id,
                "quantity": str(line.quantity),
                "amount": str(line.amount),
            }
            for line in statement.lines
        ],
        2,
    )


def _balances(statement: Statement) -> Figures:
    return {
        (row.commit_id, _text(row.segment_start), row.pricing_unit): (
            row.amount,
            row.adjusted,
            row.drawn_provisional,
            row.expired,
            row.rolled_over,
            row.trued_up,
            row.balance,
        )
        for row in statement.balances
    }


def _text(at: object) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
