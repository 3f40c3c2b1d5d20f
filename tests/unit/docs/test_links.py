"""Do pages lead where they say, and name what exists?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bursar.catalog.relations import RELATIONS
from tests.unit.docs.pages import DOCS, ROOT, anchors, links, written_pages

PAGES = written_pages()
GENERATED_MODELS = {
    "metric_events",
    "metric_quantities",
    "metric_definitions",
    "metric_number_failures",
}


def title(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    index = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "README.md")}
    decisions = DOCS / "decisions"
    index |= {(decisions / link).resolve() for link in links(decisions / "README.md")}
    assert [title(page) for page in PAGES if page.name != "README.md" and page not in index] == []


# The errors page shows tables that a metric asks for in vain.
@pytest.mark.parametrize("page", [p for p in PAGES if p.name != "errors.md"], ids=title)
def test_every_table_that_a_page_names_exists(page: Path) -> None:
    models = {path.stem: path.parent.name for path in (ROOT / "models").rglob("*.sql")}
    known = {
        "billing": {name for name, folder in models.items() if folder == "marts"},
        "work": {name for name, folder in models.items() if folder != "marts"} | GENERATED_MODELS,
        "catalog": {relation.name for relation in RELATIONS},
    }
    named = re.findall(r"\b(billing|work|catalog)\.([a-z_]+)\b", page.read_text())
    files = {("catalog", "md")}
    assert [n for n in named if n not in files and n[1] not in known[n[0]]] == []


def test_pages_are_short_but_for_the_generated_ones() -> None:
    long = {
        title(page): count
        for page in PAGES
        if "Do not edit" not in page.read_text()
        and (count := len(page.read_text().splitlines())) > 250
    }
    assert long == {}
