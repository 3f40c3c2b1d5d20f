"""`python -m benchmarks NAME [options]`: one JSON object a figure, on stdout.

Owns the arguments and the printing. It leaves measuring to one module a benchmark.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks import balances, faults, fuzz_metrics, history, landing, listener, metrics, rating


def main() -> None:
    """Runs one benchmark in a folder that is removed at the end."""
    given = _parser().parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for figure in given.measure(Path(folder), given):
            sys.stdout.write(json.dumps(figure) + "\n")
            sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    every = argparse.ArgumentParser(add_help=False)
    every.add_argument("--folder", type=Path, help="where to work; the system's if not given")
    names = parser.add_subparsers(required=True, metavar="NAME")

    one = names.add_parser(
        "landing", parents=[every], help="landing against bare DuckDB on the same file"
    )
    one.add_argument("--scale", choices=sorted(landing.EVENTS), default="small")
    one.set_defaults(measure=lambda folder, given: landing.measure(folder, given.scale))

    one = names.add_parser(
        "history", parents=[every], help="a small batch against months of landed keys"
    )
    one.add_argument("--keys", type=int, default=100_000_000)
    one.add_argument("--events", type=int, default=10_000)
    one.add_argument("--batches-a-day", type=int, default=4)
    one.set_defaults(
        measure=lambda folder, given: history.measure(
            folder, given.keys, given.events, given.batches_a_day
        )
    )

    one = names.add_parser(
        "faults", parents=[every], help="kills at every step of landing and compaction"
    )
    one.add_argument("--kills", type=int, default=300)
    one.set_defaults(measure=lambda folder, given: faults.measure(folder, given.kills))

    one = names.add_parser(
        "listener", parents=[every], help="events over HTTP on loopback, until they have landed"
    )
    one.add_argument("--events", type=int, default=50_000)
    one.add_argument("--senders", type=int, default=8)
    one.set_defaults(
        measure=lambda folder, given: listener.measure(folder, given.events, given.senders)
    )

    one = names.add_parser(
        "metrics", parents=[every], help="compiled metrics against hand-written set-based SQL"
    )
    one.add_argument("--events", type=int, default=200_000)
    one.add_argument("--scopes", type=int, default=2_000)
    one.add_argument("--rounds", type=int, default=3)
    one.set_defaults(
        measure=lambda folder, given: metrics.measure(
            folder, given.events, given.scopes, given.rounds
        )
    )

    one = names.add_parser(
        "fuzz-metrics", parents=[every], help="random metrics, compiled and alone, compared"
    )
    one.add_argument("--queries", type=int, default=100)
    one.add_argument("--seed", type=int, default=1)
    one.set_defaults(measure=lambda folder, given: fuzz_metrics.fuzz(given.queries, given.seed))

    one = names.add_parser(
        "rating", parents=[every], help="a month of many contracts, from metered usage to lines"
    )
    one.add_argument("--contracts", type=int, nargs="+", default=[10_000, 100_000])
    one.set_defaults(measure=lambda folder, given: rating.measure(folder, given.contracts))

    one = names.add_parser(
        "balances", parents=[every], help="what commits and credits pay, for many contracts"
    )
    one.add_argument("--contracts", type=int, nargs="+", default=[10_000, 100_000])
    one.add_argument("--segments", type=int, default=500, help="of one customer, in a last run")
    one.set_defaults(
        measure=lambda folder, given: balances.measure(folder, given.contracts, given.segments)
    )
    return parser


if __name__ == "__main__":
    main()
