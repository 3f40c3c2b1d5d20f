"""An analyst in a process of its own, who opens the published warehouse again and again.

Owns what such a reader must find each time: one whole version, never an older one than before. Run
as a script, it reads until its standard input ends and prints what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).parents[2]
# What a version is, and what adds up in each: invoices, lines, and all that was read.
_VERSION = """
select
    info.built_at::varchar as built_at,
    info.as_of::varchar as as_of,
    info.events_accepted,
    (select coalesce(sum(total), 0) from billing.invoices)::varchar as invoiced,
    (select coalesce(sum(amount), 0) from billing.invoice_line_items where is_summed)::varchar
        as summed,
    (select md5(string_agg(invoices::varchar, '' order by invoice_id)) from billing.invoices)
        as invoices,
    (select md5(string_agg(lines::varchar, '' order by line_item_id))
        from billing.invoice_line_items as lines) as lines
from billing.build_info as info
"""


@dataclass
class Reader:
    """What the reader saw, once the body is over.

    Args:
        reads: How often it opened the warehouse.
        versions: How many versions it met.
        wrong: What it should not have seen.
    """

    reads: int = 0
    versions: int = 0
    wrong: list[str] = field(default_factory=list)


@contextmanager
def reading(published: Path, *, is_a_dollar_an_event: bool) -> Iterator[Reader]:
    """Reads on and on while the body works.

    Args:
        published: The link to the newest version, which is there.
        is_a_dollar_an_event: Whether what is invoiced is also the number of accepted events.
    """
    reader = Reader()
    command = [sys.executable, "-m", "tests.support.reading", str(published)]
    with subprocess.Popen(
        [*command, str(int(is_a_dollar_an_event))],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield reader
        finally:
            said, _ = process.communicate()
    found = json.loads(said)
    reader.reads, reader.versions, reader.wrong = (
        found[name] for name in ("reads", "versions", "wrong")
    )


def read_once(published: Path) -> dict[str, Any]:
    """The version that is published now, in figures."""
    with duckdb.connect(str(published), read_only=True) as connection:
        cursor = connection.execute(_VERSION)
        names = [column[0] for column in cursor.description or ()]
        [row] = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def _problem(seen: dict[str, Any], known: dict[str, Any], last: str, is_a_dollar: bool) -> str:
    if known.setdefault(seen["built_at"], seen) != seen:
        return f"two warehouses of one build: {seen} and {known[seen['built_at']]}"
    if seen["invoiced"] != seen["summed"]:
        return f"invoices and lines are of two versions: {seen}"
    if is_a_dollar and float(seen["invoiced"]) != seen["events_accepted"]:
        return f"invoices and events are of two versions: {seen}"
    if seen["as_of"] < last:
        return f"an older version than before, of {last}: {seen}"
    return ""


def main(published: Path, is_a_dollar: bool) -> None:
    """Reads until standard input ends."""
    known: dict[str, Any] = {}
    wrong: list[str] = []
    reads, last = 0, ""
    while not select.select([sys.stdin], [], [], 0)[0]:
        reads += 1
        try:
            seen = read_once(published)
        except duckdb.Error as error:
            wrong.append(str(error))
            continue
        problem = _problem(seen, known, last, is_a_dollar)
        wrong += [problem] if problem else []
        last = seen["as_of"]
    print(json.dumps({"reads": reads, "versions": len(known), "wrong": wrong[:10]}))  # noqa: T201 - its parent reads it
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] == "1")
