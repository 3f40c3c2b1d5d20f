"""Types of expressions: what the engine says, and how large a number can be.

Owns the question to the engine, the reading of its type names, and bounds. The engine is a
callable that is passed in; this module never opens one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from sqlglot import exp

from bursar.metrics.exact import NUMBER_TYPE, WHOLE_DIGITS_MAX

TEXT = "VARCHAR"
BOOLEAN = "BOOLEAN"
TIMESTAMP = "TIMESTAMP"
DATE = "DATE"
INTERVAL = "INTERVAL"
NOTHING = "NULL"
UNKNOWN = "UNKNOWN"


class Describe(Protocol):
    """The names and types of a query's columns, as the engine says; it may refuse the query."""

    def __call__(self, query: str, *, is_planned: bool = False) -> Sequence[tuple[str, str]]:
        """Asks; with `is_planned` the engine has planned the query, too, and found no bug."""
        ...


_INTEGERS = {
    "TINYINT": 2**7, "SMALLINT": 2**15, "INTEGER": 2**31, "BIGINT": 2**63, "HUGEINT": 2**127,
    "UTINYINT": 2**8, "USMALLINT": 2**16, "UINTEGER": 2**32, "UBIGINT": 2**64, "UHUGEINT": 2**128,
}  # fmt: skip
_FLOATS = frozenset({"FLOAT", "DOUBLE", "REAL"})
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")

# The most rows that a scope is taken to have; a bound on counts and sums.
ROWS_MAX = Decimal(10) ** 11


class EngineRefusal(Exception):  # noqa: N818 - what the engine says, passed on in its words
    """The engine does not accept a query."""


@dataclass(frozen=True)
class Kind:
    """The type of an expression and the size of its numbers.

    Args:
        name: The engine's name, such as `DECIMAL(38,12)`.
        bound: No value is larger than this, whichever its sign; only for numbers.
        is_literal: Whether it is a constant as written.
    """

    name: str
    bound: Decimal = Decimal(0)
    is_literal: bool = False

    def __deepcopy__(self, memo: object) -> Kind:
        # Trees are copied with what stands on their nodes; what never changes need not be.
        return self

    @property
    def is_text(self) -> bool:
        """Whether it is text."""
        return self.name == TEXT

    @property
    def is_float(self) -> bool:
        """Whether its numbers are not exact."""
        return self.name in _FLOATS

    @property
    def is_integer(self) -> bool:
        """Whether it is a whole number by its type."""
        return self.name in _INTEGERS

    @property
    def is_decimal(self) -> bool:
        """Whether it is a decimal."""
        return _DECIMAL.fullmatch(self.name) is not None

    @property
    def is_numeric(self) -> bool:
        """Whether it is an exact number."""
        return self.is_integer or self.is_decimal

    @property
    def scale(self) -> int:
        """Digits after the point."""
        found = _DECIMAL.fullmatch(self.name)
        return int(found[2]) if found else 0

    @property
    def precision(self) -> int:
        """Digits in all; 38 for integers, which widen by themselves."""
        found = _DECIMAL.fullmatch(self.name)
        return int(found[1]) if found else 38

    @property
    def capacity(self) -> Decimal:
        """Every number below this fits the type; 0 if it is no number."""
        if self.is_integer:
            return Decimal(_INTEGERS[self.name])
        return Decimal(10) ** (self.precision - self.scale) if self.is_decimal else Decimal(0)

    @property
    def known(self) -> bool:
        """Whether a type was found; if not, the problem has been told already."""
        return self.name != UNKNOWN


# What every text that is a number becomes first.
NUMBER = Kind(NUMBER_TYPE, Decimal(10) ** WHOLE_DIGITS_MAX)


def is_time(kind: Kind) -> bool:
    """Whether it is a time or a length of time."""
    return kind.name in (TIMESTAMP, DATE, INTERVAL)


def kind_of(node: exp.Expr) -> Kind:
    """The kind that the typing pass has put on a node."""
    found = node.meta.get("kind")
    return found if isinstance(found, Kind) else Kind(UNKNOWN)


def with_kind(node: exp.Expr, kind: Kind) -> exp.Expr:
    """Puts a kind on a node."""
    node.meta["kind"] = kind
    return node


def integer_kind(value: int, *, is_literal: bool = False) -> Kind:
    """The kind of a whole number as written."""
    name = "INTEGER" if abs(value) < 2**31 else "BIGINT" if abs(value) < 2**63 else "HUGEINT"
    return Kind(name, Decimal(abs(value)), is_literal)


def ask(node: exp.Expr, describe: Describe) -> str:
    """The engine's type of an expression whose parts have kinds.

    The parts are replaced by columns of their types, and the query is run on no rows. Literals
    stay, because the engine treats them specially.

    Raises:
        EngineRefusal: The engine does not accept the expression.
    """
    columns: list[str] = []
    stand_in = _stand_in(node.copy(), node, columns, is_root=True)
    listed = ", ".join(f"cast(null as {t}) as c{i}" for i, t in enumerate(columns)) or "1 as c"
    query = f"select {stand_in.sql('duckdb')} as result from (select {listed}) as given"
    return describe(query)[0][1]


def _stand_in(
    copy: exp.Expr, node: exp.Expr, columns: list[str], *, is_root: bool = False
) -> exp.Expr:
    kind = node.meta.get("kind")
    if not is_root and isinstance(kind, Kind) and not kind.is_literal:
        columns.append(kind.name)
        return exp.column(f"c{len(columns) - 1}")
    for key, value in node.args.items():
        mirrored = copy.args.get(key)
        if isinstance(value, exp.Expr) and isinstance(mirrored, exp.Expr):
            copy.set(key, _stand_in(mirrored, value, columns))
        elif isinstance(value, list) and isinstance(mirrored, list):
            copy.set(
                key,
                [
                    _stand_in(m, v, columns) if isinstance(v, exp.Expr) else m
                    for m, v in zip(mirrored, value, strict=True)
                ],
            )
    return copy
