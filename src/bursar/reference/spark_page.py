"""The page of Spark: which metrics' SQL sqlglot turns into Spark's.

Owns the queries' file form, the two translations and their outcome. It runs nothing on Spark, and
promises nothing: it says where one would have to begin.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from bursar.metrics.compiler import compile_metrics
from bursar.metrics.functions import OWN_FUNCTIONS
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Source
from bursar.metrics.rendering import render
from bursar.reference.markdown import page, table

QUERIES = Path("tests/compiler/queries")
SOURCE = "the queries in tests/compiler/queries/"
# A sentence in comment lines, the query, a semicolon at a line's end.
_QUERY = re.compile(r"((?:^-- [^\n]*\n)+)(.*?);\n", re.MULTILINE | re.DOTALL)

_INTRODUCTION = """\
Bursar runs on DuckDB. Its models hide what differs between engines in dispatched macros; metrics
are SQL of their authors. This page says what sqlglot makes of the compiler's test queries, written
for DuckDB, in Spark's dialect: as their authors wrote them, and as the compiler lifts them over all
scopes. A query **passes** if sqlglot knows how to say all of it, and reads the result back as Spark
SQL without a function that it does not know there. That is not to say that Spark gives the same
numbers: nothing here has run on Spark, and Bursar promises nothing beyond DuckDB."""


@dataclass(frozen=True)
class _Outcome:
    """What became of one text; no reason if it passes."""

    reason: str

    @property
    def passes(self) -> bool:
        return not self.reason


@dataclass(frozen=True)
class _Query:
    """A query of the compiler's tests, and its outcomes."""

    construct: str
    sentence: str
    written: _Outcome
    compiled: _Outcome


def spark_page(root: Path) -> str:
    """The page's Markdown.

    Args:
        root: The repository's root.
    """
    queries = _queries(root / QUERIES)
    rows = []
    for construct in sorted({query.construct for query in queries}):
        mine = [query for query in queries if query.construct == construct]
        rows.append(
            (construct, str(len(mine)), _passing(mine, "written"), _passing(mine, "compiled"))
        )
    rows.append(
        ("all", str(len(queries)), _passing(queries, "written"), _passing(queries, "compiled"))
    )
    blocks = [
        "# Metrics in Spark's dialect",
        _INTRODUCTION,
        table(("queries with", "of them", "pass as written", "pass as compiled"), rows),
    ]
    for form in ("written", "compiled"):
        failed = [query for query in queries if not _outcome(query, form).passes]
        blocks.append(f"## What does not pass as {form}")
        blocks.append(_by_reason(failed, form) if failed else "Nothing.")
    return page(SOURCE, *blocks)


def _outcome(query: _Query, form: str) -> _Outcome:
    return query.written if form == "written" else query.compiled


def _passing(queries: Sequence[_Query], form: str) -> str:
    return str(sum(_outcome(query, form).passes for query in queries))


def _by_reason(failed: Sequence[_Query], form: str) -> str:
    counted = Counter(_outcome(query, form).reason for query in failed)
    examples = {_outcome(query, form).reason: query for query in reversed(failed)}
    rows = [
        (reason, str(count), f"{examples[reason].construct}: {examples[reason].sentence}")
        for reason, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return table(("why", "queries", "such as"), rows)


@lru_cache(maxsize=1)
def _queries(folder: Path) -> tuple[_Query, ...]:
    # Some seconds of compiling, and a check asks for the page twice.
    return tuple(_read(folder))


def _read(folder: Path) -> Iterator[_Query]:
    from bursar.warehouse.type_oracle import TypeOracle

    oracle = TypeOracle()
    try:
        for path in sorted(folder.glob("*.sql")):
            for sentence, text in _QUERY.findall(path.read_text(encoding="utf-8")):
                source = Source("m", "metrics/m.sql", text)
                metrics = compile_metrics([source], Observed({}), oracle.describe).metrics
                lifted = render(metrics[0].body, _RELATIONS) if metrics else ""
                yield _Query(
                    path.stem,
                    " ".join(sentence.replace("-- ", "").split()),
                    _translated(text),
                    _translated(lifted) if lifted else _Outcome("Bursar refuses it"),
                )
    finally:
        oracle.close()


_RELATIONS = {"metric_scopes": "metric_scopes", "metric_events": "metric_events"}


def _translated(text: str) -> _Outcome:
    try:
        with _silent():
            (spark,) = sqlglot.transpile(
                text, read="duckdb", write="spark", unsupported_level=ErrorLevel.RAISE
            )
            tree = sqlglot.parse_one(spark, dialect="spark")
    except SqlglotError as error:
        first = str(error).split("\n")[0].partition(". Line")[0].rstrip(".")
        return _Outcome(first)
    called = {str(call.this).lower() for call in tree.find_all(exp.Anonymous)}
    unknown = sorted(called - OWN_FUNCTIONS)
    return _Outcome(f"no such function: {', '.join(unknown)}" if unknown else "")


@contextmanager
def _silent() -> Iterator[None]:
    """What sqlglot says of a query is on the page, and nowhere else."""
    logger = logging.getLogger("sqlglot")
    was_disabled, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = was_disabled
