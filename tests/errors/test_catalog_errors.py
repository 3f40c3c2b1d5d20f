"""A broken catalog gets the right help, word for word.

Each file in `catalog/` is one mistake: a sentence, the CSVs that differ from the good catalog of
`tests/support/catalogs.py`, and what `bursar catalog check` says.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bursar.catalog.check import check_catalog
from tests.support.catalogs import METRICS, catalog_files

CASES = sorted((Path(__file__).parent / "catalog").glob("*.txt"))
SECTION = re.compile(r"^--- (.+)\n", re.MULTILINE)


def read_case(path: Path) -> tuple[dict[str, str], str]:
    """The files that a case changes, and what is said about them."""
    _, *parts = SECTION.split(path.read_text(encoding="utf-8"))
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    said = sections.pop("says")
    return {name: text.rstrip("\n") + "\n" for name, text in sections.items()}, said.strip("\n")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_broken_catalog_gets_this_help(path: Path) -> None:
    changed, said = read_case(path)
    found = check_catalog({**catalog_files(), **changed}, METRICS)
    assert "\n\n".join(diagnostic.render() for diagnostic in found) == said


def test_there_are_cases() -> None:
    assert len(CASES) > 20


def test_every_problem_that_the_checks_can_name_has_a_case() -> None:
    source = Path(__file__).parents[2] / "src" / "bursar" / "catalog"
    named = {
        name
        for path in source.rglob("*.py")
        for name in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', path.read_text(encoding="utf-8"))
    }
    # These are about bytes and the project around the files: tests/unit/catalog has them.
    named -= {"utf-8", "not-utf-8", "missing-file", "mixed-line-endings"}
    named -= {"bad-catalog-source", "bad-parquet", "seed-not-read", "wrong-column-type"}
    said = "".join(read_case(path)[1] for path in CASES)
    shown = set(re.findall(r": (?:error|warning): ([a-z-]+)$", said, re.MULTILINE))
    assert named == shown
