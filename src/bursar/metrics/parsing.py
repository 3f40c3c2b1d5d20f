"""SQL metrics: from a file's text to one SELECT and its front matter.

Owns the front matter, the refusal of Jinja, syntax errors and what is not one SELECT. It leaves
what the SELECT may contain to ``bursar.metrics.allowed``.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

import sqlglot
import yaml
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, TokenError

from bursar.metrics.declared import mapping_entries, text_entry
from bursar.metrics.problems import Problems, Source, Span

DIALECT = "duckdb"
TEXT_CHARACTERS_MAX = 100_000

_FRONT_MATTER = re.compile(r"\A\s*/\*\s*---[ \t]*\r?\n(?P<yaml>.*?)\r?\n[ \t]*---\s*\*/", re.DOTALL)
_JINJA = re.compile(r"\{\{|\{%|\{#")
_FRONT_MATTER_KEYS = ("description", "unit")


@dataclass(frozen=True)
class FrontMatter:
    """What a SQL metric says of itself in its first comment."""

    description: str = ""
    unit: str = ""


def refuse_jinja(source: Source, problems: Problems) -> None:
    """Adds a problem for every start of Jinja, in strings and comments too: dbt would render it."""
    for found in _JINJA.finditer(source.text):
        is_sql = source.path.endswith(".sql")
        remedy = "In SQL, '{' || '{' makes two braces." if is_sql else "Say it in other words."
        message = (
            f"There is no Jinja in a metric, and dbt would render {found.group()!r} even inside a "
            "string."
            f"\nWrite the value itself. {remedy}"
        )
        problems.add("M003", message, Span(found.start(), found.end()))


def read_front_matter(source: Source, problems: Problems) -> FrontMatter:
    """Reads `description` and `unit` from the comment that the file may begin with."""
    found = _FRONT_MATTER.match(source.text)
    if found is None:
        return FrontMatter()
    # Blanks before the YAML keep its places those of the file.
    lead = re.sub(r"[^\n]", " ", source.text[: found.start("yaml")])
    try:
        root = yaml.compose(lead + found["yaml"], Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        index = mark.index if mark else found.start("yaml")
        problems.add(
            "M001", f"The front matter is not YAML: {error.problem}.", Span(index, index + 1)
        )
        return FrontMatter()
    if root is None:
        return FrontMatter()
    if not isinstance(root, yaml.MappingNode):
        start = root.start_mark.index
        problems.add(
            "M001", "The front matter is a list of `key: value` lines.", Span(start, start + 1)
        )
        return FrontMatter()
    entries = mapping_entries(root, _FRONT_MATTER_KEYS, problems, "The front matter")
    return FrontMatter(*(text_entry(entries, key, problems) for key in _FRONT_MATTER_KEYS))


def parse_query(source: Source, problems: Problems) -> exp.Query | None:
    """The one query of a metric's file; None if it is anything else."""
    if len(source.text) > TEXT_CHARACTERS_MAX:
        problems.add("M001", f"A metric has at most {TEXT_CHARACTERS_MAX} characters.")
        return None
    statements = _statements(source, problems)
    if statements is None:
        return None
    if not statements:
        problems.add("M002", "A metric is one SELECT; this file has none.")
        return None
    if len(statements) > 1:
        second = span_of(statements[1], source.text) or Span(0, 1)
        problems.add("M002", "A metric is one SELECT; here a second statement begins.", second)
        return None
    statement = statements[0]
    if not isinstance(statement, exp.Select | exp.SetOperation | exp.Subquery):
        message = "A metric is one SELECT and nothing else: it reads events and returns rows."
        problems.add("M002", message, span_of(statement, source.text) or Span(0, 1))
        return None
    _mark_bare_types(statement, source.text)
    return statement


def _mark_bare_types(statement: exp.Expr, text: str) -> None:
    """Marks the decimals whose digits sqlglot made up; they have places of another text."""
    for cast in statement.find_all(exp.Cast):
        parts = [
            param.this for param in cast.to.expressions if isinstance(param, exp.DataTypeParam)
        ]
        inner = span_of(cast.this, text)
        after = inner.end if inner is not None else 0
        is_written = all(
            part.meta.get("start", -1) >= after
            and text[part.meta["start"] : part.meta["end"] + 1] == part.name
            for part in parts
        )
        if not is_written:
            cast.to.meta["is_bare"] = True
            for part in parts:
                part.meta.clear()


def _statements(source: Source, problems: Problems) -> list[exp.Expr] | None:
    # A statement that sqlglot does not know is reported by us; its own words on it go nowhere.
    logger = logging.getLogger("sqlglot")
    was_disabled, logger.disabled = logger.disabled, True
    try:
        parsed = sqlglot.parse(source.text, dialect=DIALECT, error_level=ErrorLevel.RAISE)
    except ParseError as error:
        for found in error.errors:
            problems.add(
                "M001", _sentence(found.get("description")), _error_span(source.text, found)
            )
        return None
    except TokenError:
        message = "A text, a quoted name or a comment is not closed."
        problems.add("M001", message, _token_error_span(source.text))
        return None
    except RecursionError:
        problems.add("M001", "The query is nested too deeply.")
        return None
    finally:
        logger.disabled = was_disabled
    return [s for s in parsed if s is not None and not isinstance(s, exp.Semicolon)]


def _sentence(description: str | None) -> str:
    text = (description or "This is not SQL").strip().rstrip(".")
    return f"{text}. Check the SQL here and just before."


def _error_span(text: str, found: dict[str, object]) -> Span:
    line, column = found.get("line"), found.get("col")
    highlight = str(found.get("highlight") or "")
    if not isinstance(line, int) or not isinstance(column, int):
        return Span(0, 1)
    line_start = 0
    for _ in range(line - 1):
        line_start = text.find("\n", line_start) + 1
    end = min(line_start + column, len(text))
    return Span(max(line_start, end - max(len(highlight), 1)), end)


def _token_error_span(text: str) -> Span:
    """A string or comment that is never closed: the last opening mark is the likeliest place."""
    start = max(text.rfind("'"), text.rfind('"'), text.rfind("/*"), 0)
    return Span(start, start + 1)


def span_of(node: exp.Expr, text: str) -> Span | None:
    """Where a node stands in the text, as far as its tokens say; None if none of them does."""
    found = node.meta.get("span")
    if isinstance(found, Span):
        return found
    starts, ends = [], []
    for part in node.walk():
        start, end = part.meta.get("start"), part.meta.get("end")
        if isinstance(start, int) and isinstance(end, int):
            starts.append(start)
            ends.append(end + 1)
    if not starts:
        return None
    start, end = min(starts), max(ends)
    # A call's last parenthesis and a type's are nobody's token.
    missing = text.count("(", start, end) - text.count(")", start, end)
    while missing > 0:
        rest = text[end:]
        if not rest.lstrip().startswith(")"):
            break
        end += len(rest) - len(rest.lstrip()) + 1
        missing -= 1
    return Span(start, end)
