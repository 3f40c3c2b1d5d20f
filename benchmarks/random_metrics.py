"""Random SQL metrics over the whole language, each with one result whatever the order of its rows.

Owns the generator. Every number is a decimal(38, 12), so that the engine's own unifying of types
changes nothing, and every order that decides a result is complete.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

NUMBER, TEXT, TIME = "number", "text", "time"
_DEPTH_MAX = 3
_SOURCES_MAX = 3
_TEXTS = ("'a'", "'b'", "'x'", "'eu'", "'none'")
_EVENT_COLUMNS = {
    NUMBER: ("properties.n::decimal(38, 12)", "properties.m::decimal(38, 12)"),
    TEXT: ("event_type", "properties.model", "properties.region"),
    TIME: ("timestamp",),
}


@dataclass
class Source:
    """What stands in a FROM: an alias, its columns by type, and what tells its rows apart."""

    alias: str
    columns: dict[str, list[str]]
    keys: list[str]


@dataclass
class Scope:
    """What an expression sees."""

    sources: list[Source]
    outer: list[Source] = field(default_factory=list)
    depth: int = 0


class Generator:
    """Makes queries from one seed.

    Args:
        seed: The same seed gives the same queries.
    """

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._aliases = 0
        self._ctes: list[tuple[str, list[str]]] = []

    def metric(self) -> str:
        """A metric: a number called value, and none to two group keys."""
        # What reads no events is no metric.
        return next(text for text in iter(self._text, None) if "events as" in text)

    def _text(self) -> str:
        self._aliases = 0
        self._ctes = []
        keys = self._chance.choice((0, 0, 1, 1, 2))
        names = ["value", *(f"k{n}" for n in range(1, keys + 1))]
        ctes: list[str] = []
        for _ in range(self._chance.choice((0, 0, 1, 2))):
            types = [NUMBER, *self._chance.choices((NUMBER, TEXT), k=self._chance.randint(0, 2))]
            columns = [f"c{n}" for n in range(len(types))]
            body = self._query(types, columns, _DEPTH_MAX - 2, [])
            name = f"t{len(ctes)}"
            ctes.append(f"{name} as ({body})")
            self._ctes.append((name, types))
        lead = f"with {', '.join(ctes)} " if ctes else ""
        return lead + self._query([NUMBER, *[TEXT] * keys], names, _DEPTH_MAX, [])

    def _alias(self) -> str:
        self._aliases += 1
        return self._chance.choice(("a", "e", "x", "s")) + str(self._aliases)

    def _query(
        self,
        types: list[str],
        names: list[str],
        depth: int,
        outer: list[Source],
        *,
        plain: bool = False,
    ) -> str:
        """A query with columns of these types and names."""
        forms = [self._rows, self._grouped, self._grouped, self._windowed]
        if all(kind == NUMBER for kind in types):
            forms += [self._totals, self._totals]
        if depth > 1 and not plain:
            forms += [self._set_operation, self._limited, self._distinct]
        return self._chance.choice(forms)(types, names, depth, outer)

    def _listed(self, expressions: list[str], names: list[str]) -> str:
        pairs = zip(expressions, names, strict=True)
        return ", ".join(f"{expression} as {name}" for expression, name in pairs)

    def _rows(self, types: list[str], names: list[str], depth: int, outer: list[Source]) -> str:
        text, scope = self._from(depth, outer)
        columns = [self._value(kind, scope) for kind in types]
        return f"select {self._listed(columns, names)} from {text}{self._where(scope)}"

    def _distinct(self, types: list[str], names: list[str], depth: int, outer: list[Source]) -> str:
        rows = self._rows(types, names, depth - 1, outer)
        if self._chance.random() < 0.5:
            return rows.replace("select ", "select distinct ", 1)
        inner = self._alias()
        on = self._chance.choice(names)
        return (
            f"select distinct on ({inner}.{on}) {', '.join(f'{inner}.{n}' for n in names)}"
            f" from ({rows}) as {inner} order by {', '.join(f'{inner}.{n}' for n in names)}"
        )

    def _limited(self, types: list[str], names: list[str], depth: int, outer: list[Source]) -> str:
        inner = self._query(types, names, depth - 1, outer)
        alias = self._alias()
        direction = self._chance.choice(("", " desc", " desc nulls first", " nulls first"))
        order = ", ".join(f"{n}{direction}" for n in names)
        offset = self._chance.choice(("", "", " offset 1", " offset 2"))
        return (
            f"select {', '.join(names)} from ({inner}) as {alias} order by {order}"
            f" limit {self._chance.randint(0, 4)}{offset}"
        )

    def _set_operation(
        self, types: list[str], names: list[str], depth: int, outer: list[Source]
    ) -> str:
        word = self._chance.choice(
            (
                "union all",
                "union all",
                "union",
                "intersect",
                "except",
                "except all",
                "intersect all",
            )
        )
        sides = [f"({self._query(types, names, depth - 1, outer)})" for _ in range(2)]
        return f"{sides[0]} {word} {sides[1]}"

    def _grouped(self, types: list[str], names: list[str], depth: int, outer: list[Source]) -> str:
        text, scope = self._from(depth, outer)
        columns, keys = [], []
        for kind in types:
            if kind == NUMBER and self._chance.random() < 0.8:
                columns.append(self._aggregate(scope))
            else:
                key = self._atom(kind, scope)
                columns.append(key)
                keys.append(key)
        if not keys:
            keys = [self._atom(TEXT, scope)]
        having = ""
        if self._chance.random() < 0.3:
            having = f" having {self._aggregate(scope)} {self._operator()} {self._number()}"
        by = ", ".join(dict.fromkeys(keys))
        where = self._where(scope)
        return f"select {self._listed(columns, names)} from {text}{where} group by {by}{having}"

    def _totals(self, types: list[str], names: list[str], depth: int, outer: list[Source]) -> str:
        text, scope = self._from(depth, outer)
        columns = [self._aggregate(scope) for _ in types]
        having = ""
        if self._chance.random() < 0.2:
            having = f" having count(*) {self._operator()} {self._chance.randint(0, 9)}"
        return f"select {self._listed(columns, names)} from {text}{self._where(scope)}{having}"

    def _windowed(self, types: list[str], names: list[str], depth: int, outer: list[Source]) -> str:
        # Of equal rows it is anybody's choice which comes first, in each window anew.
        text, scope = self._from(depth, outer, has_equal_rows=False)
        columns = [
            self._window(scope) if kind == NUMBER else self._value(kind, scope) for kind in types
        ]
        qualify = ""
        if self._chance.random() < 0.3:
            qualify = f" qualify {self._number_of_row(scope)} <= {self._chance.randint(1, 3)}"
        return f"select {self._listed(columns, names)} from {text}{self._where(scope)}{qualify}"

    def _order(self, scope: Scope) -> str:
        first = self._atom(self._chance.choice((NUMBER, TEXT, TIME)), scope)
        keys = [key for source in scope.sources for key in source.keys]
        return ", ".join([first + self._chance.choice(("", " desc")), *keys])

    def _partition(self, scope: Scope) -> str:
        chosen = self._chance.random() < 0.5
        return f"partition by {self._atom(TEXT, scope)} " if chosen else ""

    def _number_of_row(self, scope: Scope) -> str:
        return f"row_number() over ({self._partition(scope)}order by {self._order(scope)})"

    def _window(self, scope: Scope) -> str:
        value, order = self._atom(NUMBER, scope), self._order(scope)
        partition = self._partition(scope)
        frame = self._chance.choice(
            (
                "",
                " rows between 1 preceding and 1 following",
                " rows between unbounded preceding and current row",
                " rows between current row and unbounded following exclude current row",
                " groups between 1 preceding and current row",
            )
        )
        call = self._chance.choice(
            (
                f"sum({value})", f"count({value})", f"max({value})", f"avg({value})",
                f"min({value})", "count(*)",
            )
        )  # fmt: skip
        ranked = self._chance.choice(
            (
                f"lag({value}) over ({partition}order by {order})",
                f"lead({value}, 2) over ({partition}order by {order})",
                f"first_value({value}) over ({partition}order by {order})",
                f"cast(rank() over ({partition}order by {self._atom(NUMBER, scope)})"
                " as decimal(38, 12))",
                f"cast({self._number_of_row(scope)} as decimal(38, 12))",
            )
        )
        over = f"{call} over ({partition}order by {order}{frame})"
        return self._chance.choice((f"cast({over} as decimal(38, 12))", ranked))

    def _aggregate(self, scope: Scope) -> str:
        # An aggregate of columns of a query around it would be that query's.
        full, scope = scope, Scope(scope.sources, [], 0)
        inner = full if full.depth > 1 and self._chance.random() < 0.15 else scope
        value = (
            self._value(NUMBER, inner) if any(s.columns.get(NUMBER) for s in scope.sources) else "1"
        )
        value = self._atom(NUMBER, scope) if inner is full and full.outer else value
        call = self._chance.choice(
            (
                f"sum({value})", f"sum({value})", f"count({value})", "count(*)", f"max({value})",
                f"min({value})", f"avg({value})", f"count(distinct {self._atom(TEXT, scope)})",
                f"median({self._atom(NUMBER, scope)})",
                f"quantile_disc({self._atom(NUMBER, scope)}, 0.75)",
            )
        )  # fmt: skip
        if self._chance.random() < 0.25:
            call += f" filter (where {self._simple_condition(scope)})"
        return f"cast({call} as decimal(38, 12))"

    def _from(
        self, depth: int, outer: list[Source], *, has_equal_rows: bool = True
    ) -> tuple[str, Scope]:
        sources = [self._source(depth, has_equal_rows=has_equal_rows)]
        text = sources[0][0]
        scope = Scope([sources[0][1]], outer, depth)
        for _ in range(self._chance.choice((0, 0, 0, 1, 1, _SOURCES_MAX - 1))):
            joined, source = self._source(depth, has_equal_rows=has_equal_rows)
            kind = self._chance.choice(
                ("inner", "inner", "left", "left", "right", "full", "semi", "anti", "cross")
            )
            if kind == "cross" and "values" in joined:
                text += f" cross join {joined}"
            else:
                kind = "inner" if kind == "cross" else kind
                both = self._equality(scope, source)
                if kind in ("inner", "left") and self._chance.random() < 0.3:
                    inner = Scope([*scope.sources, source], outer, 0)
                    both += f" and {self._simple_condition(inner)}"
                text += f" {kind} join {joined} on {both}"
            if kind not in ("semi", "anti"):
                scope.sources.append(source)
        return text, scope

    def _equality(self, scope: Scope, source: Source) -> str:
        kinds = [k for k in (TEXT, NUMBER) if source.columns.get(k)]
        kind = self._chance.choice([k for k in kinds if self._can(k, scope)] or kinds)
        right = self._chance.choice(source.columns[kind])
        if not self._can(kind, scope):
            return f"{right} = {self._literal(kind)}"
        left = self._chance.choice([c for s in scope.sources for c in s.columns.get(kind, [])])
        return f"{left} = {right}"

    def _can(self, kind: str, scope: Scope) -> bool:
        return any(source.columns.get(kind) for source in scope.sources)

    def _source(self, depth: int, *, has_equal_rows: bool) -> tuple[str, Source]:
        alias = self._alias()
        choice = self._chance.random()
        if choice < 0.15 and self._aliases > 1:
            rows = "(1, 'a'), (2.5, 'x'), (null, 'eu')"
            columns = {NUMBER: [f"{alias}.w"], TEXT: [f"{alias}.k"]}
            return f"(values {rows}) as {alias}(w, k)", Source(alias, columns, [f"{alias}.k"])
        if choice < 0.3 and self._ctes:
            name, types = self._chance.choice(self._ctes)
            table = name if has_equal_rows else f"(select distinct * from {name})"
            return f"{table} as {alias}", self._derived(alias, types)
        if choice < 0.5 and depth > 1:
            types = [NUMBER, *self._chance.choices((NUMBER, TEXT, TIME), k=2)]
            body = self._query(types, ["c0", "c1", "c2"], depth - 1, [])
            if not has_equal_rows:
                body = f"select distinct * from ({body}) as {self._alias()}"
            return f"({body}) as {alias}", self._derived(alias, types)
        columns = {
            kind: [f"{alias}.{column}" for column in found]
            for kind, found in _EVENT_COLUMNS.items()
        }
        return f"events as {alias}", Source(alias, columns, [f"{alias}.transaction_id"])

    def _derived(self, alias: str, types: list[str]) -> Source:
        columns: dict[str, list[str]] = {}
        for number, kind in enumerate(types):
            columns.setdefault(kind, []).append(f"{alias}.c{number}")
        return Source(alias, columns, [f"{alias}.c{number}" for number in range(len(types))])

    def _where(self, scope: Scope) -> str:
        if self._chance.random() < 0.4:
            return ""
        conditions = [self._condition(scope) for _ in range(self._chance.choice((1, 1, 2)))]
        return " where " + self._chance.choice((" and ", " or ")).join(conditions)

    def _condition(self, scope: Scope) -> str:
        if scope.depth > 1 and self._chance.random() < 0.5:
            return self._query_condition(scope)
        return self._simple_condition(scope)

    def _query_condition(self, scope: Scope) -> str:
        below = scope.depth - 1
        outer = [*scope.outer, *scope.sources]
        negation = self._chance.choice(("", "", "not "))
        choice = self._chance.random()
        if choice < 0.4:
            inner = self._query([NUMBER], ["c0"], below, outer, plain=True)
            return f"{negation}exists ({inner})"
        kind = self._chance.choice((NUMBER, TEXT))
        if choice < 0.75:
            inner = self._query([kind], ["c0"], below, outer)
            return f"{self._atom(kind, scope)} {negation}in ({inner})"
        return f"{self._atom(NUMBER, scope)} {self._operator()} {self._scalar(below, outer)}"

    def _scalar(self, depth: int, outer: list[Source]) -> str:
        return f"({self._totals([NUMBER], ['c0'], depth, outer)})"

    def _simple_condition(self, scope: Scope) -> str:
        choice = self._chance.random()
        if choice < 0.3:
            return f"{self._atom(NUMBER, scope)} {self._operator()} {self._atom(NUMBER, scope)}"
        if choice < 0.5:
            return f"{self._atom(TEXT, scope)} {self._operator()} {self._chance.choice(_TEXTS)}"
        if choice < 0.6:
            return f"{self._atom(TEXT, scope)} in ('a', 'eu', 'x')"
        if choice < 0.7:
            return f"{self._atom(NUMBER, scope)} is not null"
        if choice < 0.8:
            bound = self._chance.choice(("window_start()", "window_end()"))
            return f"{self._atom(TIME, scope)} > {bound} - interval '5 hours'"
        return f"{self._atom(TEXT, scope)} is not distinct from {self._atom(TEXT, scope)}"

    def _operator(self) -> str:
        return self._chance.choice(("=", "<>", "<", ">", "<=", ">="))

    def _number(self) -> str:
        return self._chance.choice(("0", "1", "2.5", "-1", "4"))

    def _literal(self, kind: str) -> str:
        if kind == NUMBER:
            return f"cast({self._number()} as decimal(38, 12))"
        return self._chance.choice(_TEXTS) if kind == TEXT else "timestamp '2026-01-02 00:00:00'"

    def _atom(self, kind: str, scope: Scope) -> str:
        """A column, mostly of the SELECT's own, now and then of one around it."""
        own = [column for source in scope.sources for column in source.columns.get(kind, [])]
        outer = [column for source in scope.outer for column in source.columns.get(kind, [])]
        if own and outer and self._is_below_where(scope):
            own = own if self._chance.random() < 0.6 else outer
        return self._chance.choice(own) if own else self._literal(kind)

    def _is_below_where(self, scope: Scope) -> bool:
        return bool(scope.outer) and scope.depth >= 0

    def _value(self, kind: str, scope: Scope) -> str:
        atom = self._atom(kind, scope)
        choice = self._chance.random()
        if kind == NUMBER and choice < 0.15:
            return f"cast({atom} + {self._atom(NUMBER, scope)} as decimal(38, 12))"
        if kind == NUMBER and choice < 0.25:
            condition = self._simple_condition(scope)
            return f"cast(case when {condition} then {atom} else 0 end as decimal(38, 12))"
        if kind == NUMBER and choice < 0.35 and scope.depth > 1:
            return self._scalar(scope.depth - 1, [*scope.outer, *scope.sources])
        if kind == NUMBER and choice < 0.4:
            return f"({atom} / {self._atom(NUMBER, scope)})"
        if kind == TEXT and choice < 0.2:
            return f"coalesce({atom}, 'none')"
        return atom
