"""Over all scopes at once, and alone on each scope: the same rows, for every construct.

The queries are in `queries/`, a file a construct, each with a sentence above it. By default each
runs on a few seeds of data; `DIFFERENTIAL_SEEDS=20` runs it on as many.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bursar.warehouse.type_oracle import TypeOracle
from tests.support.differential import World, compiled

QUERIES = Path(__file__).parent / "queries"
SEEDS = int(os.environ.get("DIFFERENTIAL_SEEDS", "2"))
# A sentence in comment lines, the query, a semicolon at a line's end.
QUERY = re.compile(r"((?:^-- [^\n]*\n)+)(.*?);\n", re.MULTILINE | re.DOTALL)


def queries() -> dict[str, str]:
    """Every query by its file and sentence."""
    found = {}
    for path in sorted(QUERIES.glob("*.sql")):
        for sentence, text in QUERY.findall(path.read_text(encoding="utf-8")):
            words = " ".join(sentence.replace("-- ", "").split())
            found[f"{path.stem}: {words}"] = text
    return found


@pytest.fixture(scope="module")
def oracle() -> Iterator[TypeOracle]:
    engine = TypeOracle()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def worlds() -> Iterator[list[World]]:
    made = [World.of(seed) for seed in range(SEEDS)]
    yield made
    for world in made:
        world.close()


@pytest.mark.parametrize("name", queries(), ids=lambda name: name.replace(" ", "_"))
def test_over_all_scopes_is_alone_on_each(
    name: str, oracle: TypeOracle, worlds: list[World]
) -> None:
    text = queries()[name]
    metric = compiled(text, oracle.describe)
    differing = {
        n: found for n, w in enumerate(worlds) if (found := w.differing_scopes(text, metric))
    }
    assert differing == {}


def test_there_are_a_hundred_queries_and_more() -> None:
    assert len(queries()) >= 100
