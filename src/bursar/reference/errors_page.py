"""The page of errors, from the cases that test them.

Owns how cases are gathered by problem. It leaves the messages to those who raise them: a case in
`tests/errors/` holds a broken input and the exact words, and this page shows those words.

A case is a text file: a sentence, then the input's files and what is said of them, each under a
line `--- <file>` or `--- says`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bursar.reference.markdown import page, table

SOURCE = "the cases in tests/errors/"
SECTIONS = {"metrics": "Metrics", "catalog": "The catalog"}

_SAYS = "--- says\n"
_HEAD = re.compile(
    r"^\S.*?: (?P<severity>error|warning|note): (?:(?P<code>[A-Z]\d+) )?(?P<name>[a-z0-9-]+)$"
)

_INTRODUCTION = """\
A problem in a metric or in the catalog is told with its place, the line at fault, and what to do.
All problems are told in one run: the checks never stop at the first. An error stops the build, a
warning and a note do not.

Every message below is one that a test compares to the letter; names and values in it are of that
test's input. An error of a command itself names its remedy on the line below; the exit codes are in
[command line](cli.md)."""


@dataclass(frozen=True)
class Said:
    """One diagnostic as a case shows it.

    Args:
        code: The stable code, such as `M103`; empty if it has none.
        name: The problem's name, such as `unknown-property`.
        severity: `error`, `warning` or `note`.
        text: The whole text.
        why: The case's sentence; empty if the case is about several problems.
    """

    code: str
    name: str
    severity: str
    text: str
    why: str


def errors_page(root: Path) -> str:
    """The page's Markdown.

    Args:
        root: The repository's root.
    """
    blocks = ["# Errors", _INTRODUCTION]
    for folder, title in SECTIONS.items():
        blocks += [f"## {title}", *_by_problem(read_cases(root / "tests" / "errors" / folder))]
    return page(SOURCE, *blocks)


def read_cases(folder: Path) -> list[Said]:
    """Every diagnostic of the cases below a folder, in order of their files."""
    paths = sorted(folder.rglob("*.txt"))
    return [said for path in paths for said in _said(path.read_text(encoding="utf-8"))]


def _said(case: str) -> Iterator[Said]:
    before, _, says = case.partition(_SAYS)
    why = " ".join(before.partition("\n---")[0].split())
    texts = re.split(r"\n\n(?=\S)", says.strip("\n"))
    found = [(head, text) for text in texts if (head := _HEAD.match(text.partition("\n")[0]))]
    is_about_one = len({head["name"] for head, _ in found}) == 1
    for head, text in found:
        yield Said(
            code=head["code"] or "",
            name=head["name"],
            severity=head["severity"],
            text=text,
            why=why if is_about_one else "",
        )


def _by_problem(cases: Iterable[Said]) -> Iterator[str]:
    found: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for said in cases:
        found[said.code, said.name].append(said)
    # Problems with a code come first, in the order of the codes; the rest by name.
    ordered = sorted(found, key=lambda key: (not key[0], key))
    if any(code for code, _ in ordered):
        yield table(
            ("code", "name", "severity"),
            [(code, name, _severities(found[code, name])) for code, name in ordered if code],
        )
    for code, name in ordered:
        group = found[code, name]
        yield f"### {code} {name}" if code else f"### {name}"
        reasons = dict.fromkeys(said.why for said in group if said.why)
        if reasons:
            yield "\n".join(f"- {why}" for why in reasons)
        texts = "\n\n".join(dict.fromkeys(said.text for said in group))
        yield f"```text\n{texts}\n```"


def _severities(group: Iterable[Said]) -> str:
    return " or ".join(sorted({said.severity for said in group}))
