"""Balances of many contracts: seconds from a month's charges to what each balance paid.

Owns the balances: 3 to 8 segments a contract, of which the first is a credit for two products, the
last a promise, and one in between is priced at commit rates; most run dry. `benchmarks.books` makes
and builds the books, with 30 charges a contract. One customer may have many segments more, which
all wait for each other. The figures that travel are the ratio of two sizes, and what the one
customer adds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.books import CATALOG, bill, build, make

_MEGABYTE = 1_000_000
_BALANCES = {
    "commits": """
        select 'b' || n || '-' || i as commit_id,
            case when i = 2 + n % 6 then 'postpaid' when i % 2 = 0 then 'credit' else 'prepaid' end
                as commit_type,
            'k' || n as contract_id, 'fee' as product_id, 10 * (i % 4) as priority,
            case when i = 1 then 'commit' end as rate_basis,
            case when i = 0 then 'p' || (n % 10) || '|p' || ((n + 3) % 10) end
                as applicable_product_ids
        from {held}
    """,
    "commit_segments": """
        select 'b' || n || '-' || i as commit_id, timestamp '2026-01-01' as starting_at,
            case when i = 2 + n % 6 then timestamp '2026-02-01' end as ending_before,
            7.5 * (n % 11 + 1) as amount
        from {held}
    """,
    "commit_invoices": """
        select 'b' || n || '-' || i as commit_id, timestamp '2026-02-01' as invoice_at,
            7.5 * (n % 11 + 1) as amount
        from {held} where i = 2 + n % 6
    """,
    "products": CATALOG["products"]
    + " union all by name select 'fee' as product_id, 'Fee' as product_name,"
    " 'fixed' as product_type",
    "rates": CATALOG["rates"]
    + """
        union all by name
        select 'b' || n || group_value as rate_id, 'card' as rate_card_id, 'p' || n as product_id,
            'model=' || group_value as pricing_group_values, 'commit' as rate_basis,
            timestamp '2025-01-01' as starting_at, 'flat' as rate_type,
            cast(0.008 * (n + 1) as decimal(38, 12)) as price
        from products cross join groups where n % 2 = 0
    """,
}


def measure(folder: Path, sizes: Sequence[int], many: int) -> Iterator[dict[str, Any]]:
    """The figures of each size, their ratio, and those with one customer of many segments.

    Args:
        folder: An empty folder to work in.
        sizes: How many contracts, once or more.
        many: How many segments one customer has in the last run.
    """
    seconds = {}
    for contracts in sizes:
        figures = _run(folder / f"of-{contracts}", contracts, 8)
        seconds[contracts] = figures["value"]
        yield figures
    first, last = sizes[0], sizes[-1]
    if first != last:
        growth = (seconds[last] / last) / (seconds[first] / first)
        yield {
            "figure": "time a contract, of the last size to the first",
            "contracts": [first, last],
            "value": round(growth, 3),
        }
    if many:
        yield _run(folder / f"with-{many}", first, many) | {"segments_of_one_customer": many}


def _run(root: Path, contracts: int, many: int) -> dict[str, Any]:
    held = f"(select n, i from contracts cross join range({many}) as segments (i)"
    held += " where i < 3 + n % 6 or n = 0) as held"
    balances = {name: query.replace("{held}", held) for name, query in _BALANCES.items()}
    project = make(root, contracts, CATALOG | balances)
    found = build(project)
    invoices, lines = bill(project)
    return {
        "figure": "seconds from charges to balances",
        "contracts": contracts,
        "value": round(found.by_room["balances"], 2),
        "invoices": invoices,
        "lines": lines,
        "peak_megabytes": round(found.peak_bytes / _MEGABYTE),
        "build_seconds": round(found.seconds, 1),
        "build_cpu_seconds": round(found.cpu, 1),
        "seconds_by_room": {room: round(time, 2) for room, time in sorted(found.by_room.items())},
        "slowest_models": {
            name: round(time, 2)
            for name, time in sorted(found.by_model.items(), key=lambda pair: -pair[1])[:12]
        },
    }
