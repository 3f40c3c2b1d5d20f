"""The typing pass at work: its state, and the walk that its parts share.

Owns what every part of the pass needs: asking the engine, adding a problem at a node's place, and
elaborating what stands below a node. What becomes of which node is in the modules beside it;
``bursar.metrics.elaborate`` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import sqlglot
from sqlglot import exp

from bursar.errors import Severity
from bursar.metrics.kinds import UNKNOWN, Describe, EngineRefusal, Kind, ask, kind_of, with_kind
from bursar.metrics.parsing import DIALECT, span_of
from bursar.metrics.problems import Problems
from bursar.metrics.relations import ResolvedQuery


@dataclass(eq=False)
class Work:
    """What the parts of the pass share.

    Args:
        query: The resolved query; changed in place.
        text: The file's text, for the places.
        describe: Asks the engine.
        problems: Where to add.
        handlers: What elaborates a node, by its class.
        series_rows: The product of the lengths of all series so far.
    """

    query: ResolvedQuery
    text: str
    describe: Describe
    problems: Problems
    handlers: Sequence[Handler]
    series_rows: int = 1

    def settled(self, node: exp.Expr) -> exp.Expr:
        """An expression, elaborated, that cannot fail."""
        done = self.visit(node)
        if not done.meta.get("may_overflow"):
            return done
        kind = kind_of(done)
        wrapped = exp.Try(this=done)
        return with_kind(wrapped, Kind(kind.name, min(kind.bound, kind.capacity)))

    def add(
        self, code: str, message: str, node: exp.Expr, *, severity: Severity = Severity.ERROR
    ) -> None:
        """Adds a problem at a node's place, or that of the nearest node above that has one."""
        current: exp.Expr | None = node
        span = None
        while current is not None and span is None:
            span = span_of(current, self.text)
            current = current.parent
        self.problems.add(code, message, span, severity=severity)

    def unknown(self, node: exp.Expr) -> exp.Expr:
        """A node whose problem has been told."""
        return with_kind(node, Kind(UNKNOWN))

    def each(self, node: exp.Expr) -> list[exp.Expr]:
        """Elaborates the expressions below a node, in place; those that are values."""
        values: list[exp.Expr] = []
        for key, value in list(node.args.items()):
            items = value if isinstance(value, list) else [value]
            done = [
                self.settled(item)
                if isinstance(item, exp.Expr) and not isinstance(item, exp.Var | exp.DataType)
                else item
                for item in items
            ]
            values += [d for d in done if isinstance(d, exp.Expr) and "kind" in d.meta]
            node.set(key, done if isinstance(value, list) else done[0])
        return values

    def ask(self, node: exp.Expr, bound: Decimal = Decimal(0)) -> exp.Expr:
        """Types a node whose parts are typed."""
        try:
            name = ask(node, self.describe)
        except EngineRefusal as refusal:
            self.add("M205", f"The engine does not accept this: {refusal}", node)
            return self.unknown(node)
        kind = Kind(name, bound)
        if kind.is_float:
            self.add("M401", "This is a floating-point number, which is not exact.", node)
            return self.unknown(node)
        return with_kind(node, kind)

    def visit(self, node: exp.Expr) -> exp.Expr:
        """An expression, elaborated; arithmetic may still overflow, and says so."""
        for is_mine, handler in self.handlers:
            if is_mine(node):
                return handler(self, node)
        return self.by_engine(node)

    def by_engine(self, node: exp.Expr) -> exp.Expr:
        """What only needs its parts elaborated and its type asked for."""
        values = self.each(node)
        return self.ask(node) if all(kind_of(v).known for v in values) else self.unknown(node)


# Which nodes it is for, and what it makes of one.
Handler = tuple[Callable[[exp.Expr], bool], Callable[[Work, exp.Expr], exp.Expr]]


def snippet(sql: str, **parts: exp.Expr) -> exp.Expr:
    """A template's tree, with the columns named like the parts replaced by them."""
    tree = _template(sql)

    def replace(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and not node.table and node.name in parts:
            return parts[node.name].copy()
        return node

    return tree.transform(replace)


@lru_cache(maxsize=64)
def _template(sql: str) -> exp.Expr:
    # Parsed once: the templates of exact arithmetic are long, and metrics are many.
    tree = sqlglot.parse_one(sql, dialect=DIALECT)
    for node in tree.walk():
        # Places in the template are none in the author's text.
        node.meta.clear()
    return tree
