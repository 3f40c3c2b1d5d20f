"""Problems of one metric's file: collected while compiling, told all at once.

Owns the codes of the compiler, the way from an offset in the text to a line and column, and the
collecting. It leaves how a diagnostic looks to ``bursar.errors``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bursar.errors import Diagnostic, Severity

# The names are the table "Refusals" of docs/reference/errors.md; a test compares the two.
CODES = {
    "M001": "syntax",
    "M002": "not-one-select",
    "M003": "jinja",
    "M101": "unknown-table",
    "M102": "unknown-column",
    "M103": "unknown-property",
    "M104": "bracket-access",
    "M105": "nested-property",
    "M106": "reserved-name",
    "M110": "no-value",
    "M111": "duplicate-column",
    "M201": "table-function",
    "M202": "other-schema",
    "M203": "file-or-setting-function",
    "M204": "unknown-function",
    "M205": "construct-not-allowed",
    "M301": "not-deterministic",
    "M302": "approximate",
    "M303": "unordered-aggregate",
    "M304": "unordered-limit",
    "M305": "ambiguous-order",
    "M401": "float",
    "M402": "decimal-without-scale",
    "M403": "exact-division",
    "M404": "text-compared-with-number",
    "M405": "text-extreme",
    "M406": "text-arithmetic",
    "M407": "rounded-from-float",
    "M408": "value-not-numeric",
    "M409": "group-key-type",
    "M410": "wide-product",
    "M501": "not-liftable",
    "M502": "percent-limit",
    "M503": "recursive",
    "M504": "grouping-sets",
    "M505": "natural-join",
    "M506": "pivot",
    "M507": "many-row-subquery",
    "M601": "fine-series",
    "M602": "event-cross-join",
    "M603": "high-cardinality",
    "M604": "unused-column",
    "M900": "differs",
}


@dataclass(frozen=True)
class Source:
    """A metric's file.

    Args:
        name: The metric's name.
        path: As the user knows it, relative to the project.
        text: The whole text.
    """

    name: str
    path: str
    text: str


@dataclass(frozen=True)
class Span:
    """A part of the source text: 0-based, the end exclusive."""

    start: int
    end: int

    def __deepcopy__(self, memo: object) -> Span:
        # Trees are copied with what stands on their nodes; what never changes need not be.
        return self


class Problems:
    """The diagnostics of one file, in the making."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: dict[tuple[int, int, str, str], Diagnostic] = {}

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(sorted(self._found.values()))

    @property
    def has_errors(self) -> bool:
        """Whether the metric cannot be compiled."""
        return any(d.severity is Severity.ERROR for d in self._found.values())

    def error_codes(self) -> frozenset[str]:
        """The codes of the errors, or names where there is no code."""
        errors = (d for d in self._found.values() if d.severity is Severity.ERROR)
        return frozenset(d.code or d.name for d in errors)

    def add(
        self,
        code: str,
        message: str,
        span: Span | None = None,
        *,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Adds a problem; the same problem at the same place is kept once.

        Args:
            code: One of CODES, or the bare name of a problem of a declared metric's YAML.
            message: What is wrong, what to do, the nearest name.
            span: Where; None if the whole file is meant.
            severity: An error stops the metric; a warning or a note does not.
        """
        line, column, excerpt, width = self._place(span)
        found = Diagnostic(
            path=self._source.path,
            line=line,
            column=column,
            name=CODES.get(code, code),
            message=message,
            severity=severity,
            code=code if code in CODES else "",
            excerpt=excerpt,
            width=width,
        )
        self._found.setdefault((line, column, code, message), found)

    def adopt(self, others: Problems, codes: Iterable[str]) -> None:
        """Takes over another collection's problems of some codes."""
        for key, found in others._found.items():
            if found.code in codes:
                self._found.setdefault(key, found)

    def _place(self, span: Span | None) -> tuple[int, int, str, int]:
        if span is None:
            return 0, 0, "", 1
        text = self._source.text
        start = min(span.start, len(text))
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", start)
        line_end = len(text) if line_end < 0 else line_end
        width = max(1, min(span.end, line_end) - start)
        excerpt = text[line_start:line_end].rstrip("\r")
        return text.count("\n", 0, start) + 1, start - line_start + 1, excerpt, width
