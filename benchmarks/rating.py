"""Rating a month of many contracts: invoices a second from metered usage to invoice lines.

Owns the figures; `benchmarks.books` makes and builds the books. Two figures travel: the ratio of
two sizes (the time grows in proportion to contracts, or it does not), and the ratio to the bare
engine, which only writes the same lines to another file.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.books import CATALOG, bill, build, make

_MEGABYTE = 1_000_000


def measure(folder: Path, sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The figures of each size, and the ratio of the last one's time a contract to the first's.

    Args:
        folder: An empty folder to work in.
        sizes: How many contracts, once or more.
    """
    seconds_by_size = {}
    for contracts in sizes:
        root = folder / f"of-{contracts}"
        project = make(root, contracts, CATALOG)
        found = build(project)
        seconds = found.by_room
        invoices, lines = bill(project)
        rated = sum(seconds[room] for room in ("rating", "invoicing", "marts of a bill"))
        seconds_by_size[contracts] = rated
        bare = _seconds_to_write_the_lines(project, root / "bare.duckdb")
        yield {
            "figure": "invoices per second, from metered usage to invoice lines",
            "contracts": contracts,
            "value": round(invoices / rated),
            "invoices": invoices,
            "lines": lines,
            "lines_per_second": round(lines / rated),
            "seconds": round(rated, 2),
            "bare_engine_writes_the_lines_seconds": round(bare, 2),
            "ratio_to_bare_engine": round(rated / bare, 2),
            "peak_megabytes": round(found.peak_bytes / _MEGABYTE),
            "build_seconds": round(found.seconds, 1),
            "build_cpu_seconds": round(found.cpu, 1),
            "seconds_by_room": {room: round(time, 2) for room, time in sorted(seconds.items())},
        }
    first, last = sizes[0], sizes[-1]
    if first != last:
        growth = (seconds_by_size[last] / last) / (seconds_by_size[first] / first)
        yield {
            "figure": "time a contract, of the last size to the first",
            "contracts": [first, last],
            "value": round(growth, 3),
        }


def _seconds_to_write_the_lines(project: Path, target: Path) -> float:
    """What DuckDB alone takes to copy the finished table of lines into a file of its own."""
    published = project / "warehouse" / "published.duckdb"
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach '{published}' as published (read_only)")
        connection.execute("set preserve_insertion_order = false")
        began = time.monotonic()
        connection.execute(
            "create table lines as select * from published.billing.invoice_line_items"
        )
        connection.execute("checkpoint")
        return time.monotonic() - began
