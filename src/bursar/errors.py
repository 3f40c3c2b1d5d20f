"""What can go wrong, and how it is told.

Owns the exit codes, the diagnostic (one problem at one place in a file) and the errors that
commands turn into words. It leaves the finding of problems to those who read files, and the
printing to ``bursar.cli``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """The process's exit status; the table in docs/reference/cli.md is the promise."""

    OK = 0
    WRONG_INPUT = 1
    BAD_USAGE = 2
    WAREHOUSE_UNAVAILABLE = 3
    NOT_RECONCILED = 4
    INTERRUPTED = 130


class Severity(StrEnum):
    """How much a diagnostic weighs: only errors stop a command."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, order=True)
class Diagnostic:
    """One problem at one place.

    Args:
        path: The file as the user knows it, relative to the project.
        line: 1-based; 0 when the problem is the whole file's.
        column: 1-based; 0 when the problem is the whole line's.
        name: The problem's short name, such as ``unknown-property``.
        message: One or more sentences: what is wrong, what would be right, the nearest name.
        severity: Error, warning or note.
        code: The stable code, such as ``M103``; empty where the name is all there is.
        excerpt: The source line at fault, without its line break; empty to show none.
        width: How many characters of the excerpt to underline, from ``column``.
    """

    path: str
    line: int
    column: int
    name: str
    message: str
    severity: Severity = Severity.ERROR
    code: str = ""
    excerpt: str = ""
    width: int = 1

    def render(self) -> str:
        """The diagnostic as text, in the form that docs/reference/errors.md shows."""
        place = ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])
        label = f"{self.code} {self.name}" if self.code else self.name
        lines = [f"{place}: {self.severity}: {label}"]
        if self.excerpt:
            gutter = f"  {self.line} | "
            lines.append(f"{gutter}{self.excerpt}".rstrip())
            if self.column:
                lead = "".join("\t" if c == "\t" else " " for c in self.excerpt[: self.column - 1])
                lines.append(f"{' ' * (len(gutter) - 2)}| {lead}{'^' * max(1, self.width)}")
        lines.extend(f"  {sentence}" for sentence in self.message.splitlines())
        return "\n".join(lines)


class BursarError(Exception):
    """An error that a user can mend: told in words, never as a trace.

    Args:
        message: What is wrong, and where.
        remedy: What to do about it; shown on its own line.
        exit_code: The process's exit status.
    """

    def __init__(
        self, message: str, *, remedy: str = "", exit_code: ExitCode = ExitCode.WRONG_INPUT
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.exit_code = exit_code


class ProblemsFound(BursarError):  # noqa: N818 - it is a finding, and reads as one where it is caught
    """Several diagnostics at once; a command prints them all and exits with 1."""

    def __init__(self, diagnostics: Sequence[Diagnostic], *, what: str) -> None:
        errors = sum(d.severity is Severity.ERROR for d in diagnostics)
        super().__init__(f"{errors} problem{'' if errors == 1 else 's'} in {what}.")
        self.diagnostics = tuple(sorted(diagnostics))
