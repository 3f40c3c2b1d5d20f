"""`python -m benchmarks fuzz-metrics --queries N`: random metrics, compiled and alone, compared.

Owns the run and what it counts. A query that differs, that is refused, or that only one of the two
ways can run, is printed with its seed. The generator is ``benchmarks.random_metrics``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import duckdb
from tests.support.differential import Refused, World, compiled

from benchmarks.random_metrics import Generator
from bursar.warehouse.type_oracle import TypeOracle

EVENTS, WORLDS, SCOPES_MAX = 28, 4, 8


def fuzz(queries: int, seed: int) -> Iterator[dict[str, object]]:
    """Compares random metrics; one figure for each that is wrong, and one for all.

    Args:
        queries: How many.
        seed: Of the first; each query has the next.
    """
    oracle = TypeOracle()
    worlds = [World.of(number, EVENTS, SCOPES_MAX) for number in range(WORLDS)]
    counts: Counter[str] = Counter()
    began = time.monotonic()
    for number in range(seed, seed + queries):
        text = Generator(number).metric()
        outcome, detail = _outcome(text, oracle, worlds[number % WORLDS])
        counts[outcome] += 1
        if outcome != "agrees":
            yield {"figure": outcome, "seed": number, "query": text, "detail": detail[:600]}
    seconds = round(time.monotonic() - began, 1)
    yield {"figure": "fuzzed metrics", "queries": queries, "seconds": seconds, **counts}


def _outcome(text: str, oracle: TypeOracle, world: World) -> tuple[str, str]:
    try:
        metric = compiled(text, oracle.describe)
    except Refused as refusal:
        return "refused", str(refusal)
    try:
        together = world.together(metric)
    except duckdb.Error as error:
        return "fails", str(error)
    decided, failure = 0, ""
    for number in range(len(world.scopes)):
        try:
            alone = world.alone(text, number)
        except duckdb.Error as error:
            # The author's own text may fail, such as by overflow; compiled it gives null.
            failure = str(error)
            continue
        decided += 1
        if alone != together[number]:
            return "differs", f"scope {number}: alone {dict(alone)}, compiled {together[number]}"
    return ("agrees", "") if decided else ("undecided", failure)
