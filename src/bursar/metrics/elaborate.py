"""The typing pass, with the exact and total rewrites that types decide.

Owns what each expression becomes: text cast to number, exact division, sums that cannot overflow, casts and
arithmetic that give null instead of an error. After it no expression can fail at run time, and none is a float.
It leaves the SQL of exact arithmetic to ``bursar.metrics.exact`` and types to the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import sqlglot
from sqlglot import exp

from bursar.errors import Severity
from bursar.metrics import exact
from bursar.metrics.functions import EARLIEST, LATEST, WINDOW_END, WINDOW_START
from bursar.metrics.parsing import DIALECT, span_of
from bursar.metrics.problems import Problems
from bursar.metrics.relations import (
    EVENT_COLUMNS,
    Relation,
    ResolvedQuery,
    column_of,
    is_aggregate,
    number_column_of,
)
from bursar.metrics.types import (
    BOOLEAN,
    DATE,
    NOTHING,
    ROWS_MAX,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    Describe,
    EngineRefusal,
    Kind,
    ask,
    integer_kind,
    kind_of,
    with_kind,
)

NUMBER = Kind(exact.NUMBER_TYPE, Decimal(10) ** exact.WHOLE_DIGITS_MAX)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Abs)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_TEXT_FUNCTIONS = (
    exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Substring, exp.Left, exp.Right, exp.Replace,
    exp.SplitPart, exp.StartsWith, exp.EndsWith, exp.Contains, exp.StrPosition, exp.Concat, exp.DPipe,
    exp.Like, exp.ILike,
)  # fmt: skip
_INTEGER_NAMES = {
    "TINYINT": "TINYINT", "SMALLINT": "SMALLINT", "INT": "INTEGER", "BIGINT": "BIGINT", "INT128": "HUGEINT",
    "UTINYINT": "UTINYINT", "USMALLINT": "USMALLINT", "UINT": "UINTEGER", "UBIGINT": "UBIGINT",
    "UINT128": "UHUGEINT",
}  # fmt: skip
_FLOAT_NAMES = frozenset({"FLOAT", "DOUBLE", "REAL"})
_PLACES_MAX = exact.PLACES


def elaborate(query: ResolvedQuery, text: str, describe: Describe, problems: Problems) -> None:
    """Types and rewrites every expression of a resolved query, in place.

    Args:
        query: Every projection has a kind afterwards.
        text: The file's text, for the places.
        describe: Asks the engine.
        problems: Where to add.
    """
    _Elaborator(query, text, describe, problems).select(query.select)


def snippet(sql: str, **parts: exp.Expression) -> exp.Expression:
    """A template's tree, with the columns named like the parts replaced by them."""
    tree = sqlglot.parse_one(sql, dialect=DIALECT)

    def replace(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column) and not node.table and node.name in parts:
            return parts[node.name].copy()
        return node

    return tree.transform(replace)


class _Elaborator:
    """Works on SELECTs from the inside out, and on expressions from the leaves up."""

    def __init__(
        self, query: ResolvedQuery, text: str, describe: Describe, problems: Problems
    ) -> None:
        self._query = query
        self._text = text
        self._describe = describe
        self._problems = problems
        self._relation: Relation | None = None

    def select(self, select: exp.Select) -> None:
        """Elaborates a SELECT after those below it."""
        with_ = select.args.get("with_")
        for cte in with_.expressions if with_ is not None else ():
            self.select(cte.this)
        source = select.args["from_"].this
        if isinstance(source, exp.Subquery):
            self.select(source.this)
        self._relation = self._query.source(select)
        group = select.args.get("group")
        if group is not None:
            group.set("expressions", [self.settled(key) for key in group.expressions])
        for projection in select.expressions:
            done = self.settled(projection.this)
            projection.set("this", done)
            with_kind(projection, kind_of(done))
        for clause in ("where", "having"):
            condition = select.args.get(clause)
            if condition is not None:
                condition.set("this", self._condition(condition.this, clause.upper()))

    # -- the walk

    def settled(self, node: exp.Expression) -> exp.Expression:
        """An expression, elaborated, that cannot fail."""
        done = self.visit(node)
        if not done.meta.get("may_overflow"):
            return done
        kind = kind_of(done)
        wrapped = exp.Try(this=done)
        return with_kind(wrapped, Kind(kind.name, min(kind.bound, kind.capacity)))

    def visit(self, node: exp.Expression) -> exp.Expression:
        """An expression, elaborated; arithmetic may still overflow, and says so."""
        for kinds, handler in self._handlers():
            if isinstance(node, kinds):
                return handler(node)
        if is_aggregate(node):
            return self._aggregate(node, None)
        if isinstance(node, exp.Anonymous) and str(node.this).lower() in (WINDOW_START, WINDOW_END):
            return with_kind(exp.Anonymous(this=str(node.this).lower()), Kind(TIMESTAMP))
        return self._by_engine(node)

    def _handlers(
        self,
    ) -> tuple[
        tuple[type[exp.Expression] | tuple[type[exp.Expression], ...], Callable[..., exp.Expression]], ...
    ]:
        return (
            (exp.Column, self._column),
            (exp.Literal, self._literal),
            (exp.Null, lambda n: with_kind(n, Kind(NOTHING, is_literal=True))),
            (exp.Boolean, lambda n: with_kind(n, Kind(BOOLEAN, is_literal=True))),
            (exp.Paren, self._paren),
            ((exp.And, exp.Or, exp.Not), self._logic),
            (_COMPARISONS, self._comparison),
            ((exp.In, exp.Between), self._comparison),
            (exp.Is, self._is),
            (_ARITHMETIC, self._arithmetic),
            (exp.Div, self._division),
            ((exp.IntDiv, exp.Mod), self._whole_division),
            (exp.Case, self._case),
            ((exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least), self._choice),
            ((exp.Cast, exp.TryCast), self._cast),
            (exp.Filter, lambda n: self._aggregate(n.this, n.expression.this)),
            (_TEXT_FUNCTIONS, self._text_function),
            ((exp.Round, exp.Floor, exp.Ceil, exp.Sign), self._rounding),
        )

    def _add(self, code: str, message: str, node: exp.Expression, **how: Severity) -> None:
        current: exp.Expression | None = node
        span = None
        while current is not None and span is None:
            span = span_of(current, self._text)
            current = current.parent
        self._problems.add(code, message, span, **how)

    def _unknown(self, node: exp.Expression) -> exp.Expression:
        return with_kind(node, Kind(UNKNOWN))

    def _each(self, node: exp.Expression) -> list[exp.Expression]:
        """Elaborates the expressions below a node, in place; those that are values."""
        values: list[exp.Expression] = []
        for key, value in list(node.args.items()):
            items = value if isinstance(value, list) else [value]
            done = [
                self.settled(item)
                if isinstance(item, exp.Expression) and not isinstance(item, exp.Var | exp.DataType)
                else item
                for item in items
            ]
            values += [d for d in done if isinstance(d, exp.Expression) and "kind" in d.meta]
            node.set(key, done if isinstance(value, list) else done[0])
        return values

    def _ask(self, node: exp.Expression, bound: Decimal = Decimal(0)) -> exp.Expression:
        """Types a node whose parts are typed."""
        try:
            name = ask(node, self._describe)
        except EngineRefusal as refusal:
            self._add("M205", f"The engine does not accept this: {refusal}", node)
            return self._unknown(node)
        kind = Kind(name, bound)
        if kind.is_float:
            self._add("M401", "This is a floating-point number, which is not exact.", node)
            return self._unknown(node)
        return with_kind(node, kind)

    def _by_engine(self, node: exp.Expression) -> exp.Expression:
        values = self._each(node)
        return self._ask(node) if all(kind_of(v).known for v in values) else self._unknown(node)

    # -- leaves

    def _column(self, node: exp.Column) -> exp.Expression:
        relation = self._query.relations.get(node.table)
        if relation is None:
            return self._unknown(node)
        if relation.select is None:
            name = EVENT_COLUMNS.get(node.name, TEXT)
            is_number = node.name in relation.properties and node.name.startswith("n_")
            return with_kind(node, NUMBER if is_number else Kind(name))
        for projection in relation.select.expressions:
            if projection.alias_or_name == node.name:
                kind = kind_of(projection)
                return with_kind(node, Kind(kind.name, kind.bound))
        return self._unknown(node)

    def _literal(self, node: exp.Literal) -> exp.Expression:
        if node.is_string:
            return with_kind(node, Kind(TEXT, is_literal=True))
        written = node.name
        digits = sum(character.isdigit() for character in written)
        if "e" in written.lower() or digits > 38:
            message = "This number is read in floating point: write it without exponent, in 38 digits."
            self._add("M401", message, node)
            return self._unknown(node)
        if "." not in written:
            return with_kind(node, integer_kind(int(written), is_literal=True))
        scale = len(written.partition(".")[2])
        return with_kind(
            node, Kind(f"DECIMAL({max(digits, scale)},{scale})", Decimal(written), is_literal=True)
        )

    def _paren(self, node: exp.Paren) -> exp.Expression:
        inner = self.visit(node.this)
        node.set("this", inner)
        node.meta["may_overflow"] = inner.meta.get("may_overflow")
        return with_kind(node, kind_of(inner))

    # -- conditions

    def _condition(self, node: exp.Expression, where: str) -> exp.Expression:
        done = self.settled(node)
        kind = kind_of(done)
        if kind.known and kind.name not in (BOOLEAN, NOTHING):
            self._add("M205", f"{where} takes a condition; this is {kind.name}.", node)
        return done

    def _logic(self, node: exp.Expression) -> exp.Expression:
        for key in ("this", "expression"):
            part = node.args.get(key)
            if part is not None:
                node.set(key, self._condition(part, type(node).__name__.upper()))
        return with_kind(node, Kind(BOOLEAN))

    def _is(self, node: exp.Is) -> exp.Expression:
        node.set("this", self.settled(node.this))
        return with_kind(node, Kind(BOOLEAN))

    def _comparison(self, node: exp.Expression) -> exp.Expression:
        keys = [key for key in ("this", "expression", "low", "high") if node.args.get(key)]
        items = [node.args[key] for key in keys] + list(node.args.get("expressions") or [])
        done = [self.settled(item) for item in items]
        if any(kind_of(d).is_text for d in done) and any(kind_of(d).is_numeric for d in done):
            text_side = next(d for d in done if kind_of(d).is_text)
            self._add("M404", _compared_with_number(text_side), node)
            return self._unknown(node)
        if any(kind_of(d).name in (TIMESTAMP, DATE) for d in done):
            done = [self._time_literal(d) for d in done]
        done = self._unified(done, node)
        for key, value in zip(keys, done, strict=False):
            node.set(key, value)
        if node.args.get("expressions"):
            node.set("expressions", done[len(keys) :])
        if not all(kind_of(d).known for d in done):
            return with_kind(node, Kind(BOOLEAN))
        return self._ask(node)

    def _time_literal(self, node: exp.Expression) -> exp.Expression:
        """A text literal beside a time, as the time that it means."""
        if not isinstance(node, exp.Literal) or not node.is_string:
            return node
        return self._cast_literal(node, TIMESTAMP, node)

    def _unified(self, items: list[exp.Expression], node: exp.Expression) -> list[exp.Expression]:
        """Numbers of one type, so that the engine neither cuts digits nor fails where it would unify them."""
        kinds = [kind_of(item) for item in items]
        if not any(k.is_decimal for k in kinds) or not all(k.is_numeric or k.name == NOTHING for k in kinds):
            return items
        decimals = {k.name for k in kinds if k.is_decimal}
        if len(decimals) == 1 and all(
            k.is_decimal or k.name == NOTHING or (k.is_literal and k.bound < 10**9) for k in kinds
        ):
            return items
        scale = max(k.scale for k in kinds)
        if scale > _PLACES_MAX:
            message = f"Numbers with {scale} places cannot be compared or chosen between: cast to at most 12."
            self._add("M410", message, node)
            return items
        target = Kind(f"DECIMAL(38,{scale})")
        return [self._fitted(item, target) for item in items]

    def _fitted(self, node: exp.Expression, target: Kind) -> exp.Expression:
        kind = kind_of(node)
        if kind.name in (target.name, NOTHING):
            return node
        fits = kind.bound < target.capacity
        cast = (exp.Cast if fits else exp.TryCast)(this=node, to=exp.DataType.build(target.name, DIALECT))
        return with_kind(cast, Kind(target.name, min(kind.bound, target.capacity)))

    # -- numbers

    def _numbers(self, items: list[exp.Expression], node: exp.Expression, what: str) -> bool:
        """Whether all are numbers; a problem for each that is not."""
        good = True
        for item in items:
            kind = kind_of(item)
            if kind.is_text:
                message = f"{what} of text: cast it, {_cast_example(item, self._text)}."
                self._add("M406", message, item if span_of(item, self._text) else node)
            elif kind.known and not kind.is_numeric and kind.name != NOTHING:
                self._add("M205", f"{what} takes numbers; this is {kind.name}.", item)
            good = good and (kind.is_numeric or kind.name == NOTHING)
        return good

    def _arithmetic(self, node: exp.Expression) -> exp.Expression:
        keys = [key for key in ("this", "expression") if node.args.get(key) is not None]
        parts = [self.visit(node.args[key]) for key in keys]
        for key, part in zip(keys, parts, strict=True):
            node.set(key, part)
        if not self._numbers(parts, node, "Arithmetic"):
            return self._unknown(node)
        kinds = [kind_of(part) for part in parts]
        if isinstance(node, exp.Neg) and kinds[0].is_literal:
            return with_kind(node, kinds[0])
        bounds = [kind.bound for kind in kinds]
        bound = bounds[0] * bounds[1] if isinstance(node, exp.Mul) else sum(bounds, Decimal(0))
        done = self._ask(node, bound)
        kind = kind_of(done)
        if kind.known and kind.scale > _PLACES_MAX and isinstance(node, exp.Mul):
            message = (
                f"This product has {kind.scale} places, so it is null from {kind.capacity:.0e} on.\n"
                "Cast the factors to fewer places, at most 12 in all, such as decimal(38, 6)."
            )
            self._add("M410", message, node, severity=Severity.WARNING)
        narrow = min((k.capacity for k in (kind, *_narrowest(kinds))), default=kind.capacity)
        done.meta["may_overflow"] = bound >= narrow or any(
            part.meta.get("may_overflow") for part in parts
        )
        return done

    def _division(self, node: exp.Div) -> exp.Expression:
        parts = [self.settled(node.this), self.settled(node.expression)]
        if not self._numbers(parts, node, "Division") or not self._narrow(parts, node):
            return self._unknown(node)
        self._add(
            "M403", "`/` divides exactly at 12 places here.", node, severity=Severity.NOTE
        )
        return _divided(*parts)

    def _narrow(self, parts: list[exp.Expression], node: exp.Expression) -> bool:
        wide = [part for part in parts if kind_of(part).scale > _PLACES_MAX]
        if wide:
            message = "A number with more than 12 places cannot be divided: cast it to at most 12 first."
            self._add("M410", message, node)
        return not wide

    def _whole_division(self, node: exp.Expression) -> exp.Expression:
        """`//` and `%`, null where the divisor is 0."""
        parts = [self.settled(node.this), self.settled(node.expression)]
        what = "// " if isinstance(node, exp.IntDiv) else "% "
        if not self._numbers(parts, node, what.strip()) or not self._narrow(parts, node):
            return self._unknown(node)
        kinds = [kind_of(part) for part in parts]
        if isinstance(node, exp.IntDiv) and any(kind.is_decimal for kind in kinds):
            done = snippet(exact.whole_quotient("a_", "b_"), a_=parts[0], b_=parts[1])
            return with_kind(done, Kind("DECIMAL(38,0)", Decimal(10) ** 38))
        parts = self._unified(parts, node)
        node.set("this", _bracketed(parts[0]))
        guarded = with_kind(
            exp.Nullif(this=parts[1], expression=exp.Literal.number(0)), _unliteral(kind_of(parts[1]))
        )
        node.set("expression", guarded)
        done = self._ask(node, kinds[0].bound)
        done.meta["may_overflow"] = True
        return done

    def _rounding(self, node: exp.Expression) -> exp.Expression:
        node.set("this", self.settled(node.this))
        if not self._numbers([node.this], node, "Rounding"):
            return self._unknown(node)
        places = node.args.get("decimals")
        if places is not None:
            number = places.this if isinstance(places, exp.Neg) else places
            if not isinstance(number, exp.Literal) or number.is_string or not number.name.isdigit():
                self._add("M205", "round takes a plain number of places.", node)
                return self._unknown(node)
            with_kind(number, integer_kind(int(number.name), is_literal=True))
            with_kind(places, integer_kind(int(number.name), is_literal=True))
        done = self._ask(node, kind_of(node.this).bound + 1)
        done.meta["may_overflow"] = isinstance(places, exp.Neg)
        return done

    # -- choices

    def _case(self, node: exp.Case) -> exp.Expression:
        operand = node.this
        branches = node.args["ifs"]
        if operand is not None:
            compared = [self.settled(operand), *(self.settled(b.this) for b in branches)]
            if any(kind_of(c).is_text for c in compared) and any(kind_of(c).is_numeric for c in compared):
                self._add("M404", _compared_with_number(compared[0]), node)
                return self._unknown(node)
            compared = self._unified(compared, node)
            node.set("this", compared[0])
            for branch, condition in zip(branches, compared[1:], strict=True):
                branch.set("this", condition)
        else:
            for branch in branches:
                branch.set("this", self._condition(branch.this, "WHEN"))
        default = node.args.get("default")
        results = [self.settled(branch.args["true"]) for branch in branches]
        results += [self.settled(default)] if default is not None else []
        results = self._chosen(results, node)
        for branch, result in zip(branches, results, strict=False):
            branch.set("true", result)
        if default is not None:
            node.set("default", results[-1])
        return self._typed_choice(node, results)

    def _choice(self, node: exp.Expression) -> exp.Expression:
        rest_key = "expression" if isinstance(node, exp.Nullif) else "expressions"
        rest = node.args.get(rest_key)
        items = [node.this, *(rest if isinstance(rest, list) else [rest])]
        done = self._chosen([self.settled(item) for item in items], node)
        node.set("this", done[0])
        node.set(rest_key, done[1:] if isinstance(rest, list) else done[1])
        return self._typed_choice(node, done)

    def _chosen(self, items: list[exp.Expression], node: exp.Expression) -> list[exp.Expression]:
        """The values that one is chosen of, checked to be of one sort and made of one type."""
        kinds = [kind_of(item) for item in items]
        if any(k.is_text for k in kinds) and any(k.is_numeric for k in kinds):
            text_side = next(item for item in items if kind_of(item).is_text)
            message = f"Text and number cannot stand for each other: cast the text, {_cast_example(text_side, self._text)}."
            self._add("M404", message, node)
            return [self._unknown(item) for item in items]
        if any(k.name in (TIMESTAMP, DATE) for k in kinds):
            items = [self._time_literal(item) for item in items]
        return self._unified(items, node)

    def _typed_choice(self, node: exp.Expression, items: list[exp.Expression]) -> exp.Expression:
        kinds = [kind_of(item) for item in items]
        if not all(kind.known for kind in kinds):
            return self._unknown(node)
        return self._ask(node, max(kind.bound for kind in kinds))

    # -- text

    def _text_function(self, node: exp.Expression) -> exp.Expression:
        values = self._each(node)
        texts = [v for v in values if not (kind_of(v).is_literal and kind_of(v).is_integer)]
        for value in texts:
            kind = kind_of(value)
            if kind.known and not kind.is_text and kind.name != NOTHING and not kind.is_integer:
                message = f"This takes text and is given {kind.name}: cast it, ::varchar."
                self._add("M205", message, value if span_of(value, self._text) else node)
                return self._unknown(node)
        if not all(kind_of(v).known for v in values):
            return self._unknown(node)
        return self._ask(node, Decimal(2) ** 31)

    # -- casts

    def _cast(self, node: exp.Cast) -> exp.Expression:
        target = self._target(node)
        inner = self.settled(node.this)
        kind = kind_of(inner)
        if target is None or not kind.known:
            return self._unknown(node)
        if kind.name == NOTHING or target.name == kind.name:
            cast = exp.Cast(this=inner, to=exp.DataType.build(target.name, DIALECT))
            return with_kind(cast if kind.name == NOTHING else inner, target if kind.name == NOTHING else kind)
        if kind.is_text:
            return self._cast_text(node, inner, target)
        if target.is_numeric and kind.is_numeric:
            return self._fitted(inner, target)
        cast = exp.TryCast(this=inner, to=exp.DataType.build(target.name, DIALECT))
        done = self._ask(with_kind(cast, Kind(UNKNOWN)))
        return with_kind(done, Kind(kind_of(done).name, target.capacity))

    def _target(self, node: exp.Cast) -> Kind | None:
        """The type of a cast; None, with a problem, if it may not be cast to."""
        to = node.to
        name = to.this.name if hasattr(to.this, "name") else str(to.this)
        if name == "DECIMAL":
            params = [param.this for param in to.expressions]
            is_written = len(params) == 2 and all("start" in p.meta for p in params)
            if not is_written:
                message = "A decimal needs its places: decimal(38, 12), or decimal(38, 0) for whole numbers."
                self._add("M402", message, node)
                return None
            precision, scale = (int(p.name) for p in params)
            if not (1 <= precision <= 38 and 0 <= scale <= min(precision, _PLACES_MAX)):
                self._add("M402", "A decimal has at most 38 digits, at most 12 of them places.", node)
                return None
            return Kind(f"DECIMAL({precision},{scale})")
        if name in _FLOAT_NAMES:
            message = "A floating-point number is not exact: cast to decimal(38, 12)."
            self._add("M401", message, node)
            return None
        if name in _INTEGER_NAMES:
            return Kind(_INTEGER_NAMES[name])
        plain = {"TEXT": TEXT, "VARCHAR": TEXT, "BOOLEAN": BOOLEAN, "DATE": DATE, "TIMESTAMP": TIMESTAMP}
        if name in plain and not to.expressions:
            return Kind(plain[name])
        self._add("M205", f"A metric cannot cast to {to.sql(DIALECT).lower()}.", node)
        return None

    def _cast_text(
        self, node: exp.Cast, inner: exp.Expression, target: Kind
    ) -> exp.Expression:
        if isinstance(inner, exp.Literal):
            return self._cast_literal(inner, target.name, node)
        if not target.is_numeric:
            message = f"Text cannot be cast to {target.name} yet: compare it as text."
            self._add("M501", message, node)
            return self._unknown(node)
        found = number_column_of(self._query, inner) if isinstance(inner, exp.Column) else None
        if found is None:
            template = f"list_transform([t_], lambda t: {exact.text_to_number('t')})[1]"
            number = with_kind(snippet(template, t_=inner), NUMBER)
        else:
            number = with_kind(column_of(found[1], found[0]), NUMBER)
            self._type_carried()
        return self._fitted(number, target)

    def _type_carried(self) -> None:
        """Types the columns that SELECTs below were just made to pass on."""
        for relation in self._query.relations.values():
            select = relation.select
            for name in select.meta.get("carried", {}).values() if select is not None else ():
                for projection in select.expressions if select is not None else ():
                    if projection.alias_or_name == name and "kind" not in projection.meta:
                        with_kind(projection.this, NUMBER if name.startswith("n_") else Kind(TEXT))
                        with_kind(projection, kind_of(projection.this))

    def _cast_literal(self, literal: exp.Literal, target: str, node: exp.Expression) -> exp.Expression:
        """A text literal as what it means, decided now."""
        kind = Kind(target)
        to = exp.DataType.build(target, DIALECT)
        if target in (TIMESTAMP, DATE):
            if not _is_time(literal.name):
                message = f"{literal.name!r} is not a time: write 2026-01-31 or 2026-01-31 12:00:00, in UTC."
                self._add("M404", message, node)
                return self._unknown(node)
            return with_kind(exp.Cast(this=literal, to=to), kind)
        if kind.is_numeric:
            self._add("M404", "Write the number itself, without quotes.", node)
            return self._unknown(node)
        return self._ask(exp.TryCast(this=literal, to=to))

    # -- aggregates

    def _aggregate(self, node: exp.Expression, condition: exp.Expression | None) -> exp.Expression:
        guard = self._condition(condition, "FILTER") if condition is not None else None
        if isinstance(node, exp.Anonymous):
            return self._latest(node, guard)
        argument = node.this
        if isinstance(argument, exp.Star):
            done = with_kind(_filtered(node, guard), Kind("BIGINT", ROWS_MAX))
            return done
        if isinstance(argument, exp.Distinct):
            argument.set("expressions", [self.settled(e) for e in argument.expressions])
            return with_kind(_filtered(node, guard), Kind("BIGINT", ROWS_MAX))
        value = self.settled(argument)
        node.set("this", value)
        kind = kind_of(value)
        if isinstance(node, exp.Count):
            return with_kind(_filtered(node, guard), Kind("BIGINT", ROWS_MAX))
        if isinstance(node, exp.Min | exp.Max):
            if kind.is_text:
                message = (
                    "The extreme of text goes letter by letter, where '9' is above '10': cast it, "
                    f"{_cast_example(value, self._text)}."
                )
                self._add("M405", message, node)
                return self._unknown(node)
            return with_kind(_filtered(node, guard), Kind(kind.name, kind.bound))
        what = "sum" if isinstance(node, exp.Sum) else "avg"
        if not self._numbers([value], node, what):
            return self._unknown(node)
        return self._sum(value, guard) if isinstance(node, exp.Sum) else self._average(value, node, guard)

    def _sum(self, value: exp.Expression, guard: exp.Expression | None) -> exp.Expression:
        kind = kind_of(value)
        name = f"DECIMAL(38,{kind.scale})" if kind.is_decimal else "HUGEINT"
        total = Kind(name, kind.bound * ROWS_MAX)
        if total.bound < total.capacity:
            return _part(with_kind(_filtered(exp.Sum(this=value), guard), total), "sum_")
        names = ("ordinary_", "huge_", "huge_fraction_")
        parts = [
            _part(with_kind(_filtered(snippet(sql, value_=value), guard), Kind(name)), part)
            for sql, part in zip(exact.sum_parts("value_"), names, strict=True)
        ]
        done = snippet(exact.sum_of_parts(*names), **dict(zip(names, parts, strict=True)))
        return with_kind(done, Kind(name, total.capacity))

    def _average(
        self, value: exp.Expression, node: exp.Expression, guard: exp.Expression | None
    ) -> exp.Expression:
        if not self._narrow([value], node):
            return self._unknown(node)
        count = _filtered(exp.Count(this=value.copy(), big_int=True), guard)
        counted = _part(with_kind(count, Kind("BIGINT", ROWS_MAX)), "count_")
        self._add("M403", "avg divides exactly at 12 places here.", node, severity=Severity.NOTE)
        return _divided(self._sum(value, guard), counted)

    def _latest(self, node: exp.Anonymous, guard: exp.Expression | None) -> exp.Expression:
        """`latest` and `earliest`: by time, then id, then the value itself, so that the result is one."""
        name = str(node.this).lower()
        relation = self._relation
        assert relation is not None  # noqa: S101 - set before any expression is visited
        missing = [c for c in ("timestamp", "transaction_id") if c not in relation.columns]
        if missing:
            message = f"{name} orders by timestamp and transaction_id: the table here lacks {' and '.join(missing)}."
            self._add("M303", message, node)
            return self._unknown(node)
        value = self.settled(node.expressions[0])
        order = [column_of(relation, relation.columns[c]) for c in ("timestamp", "transaction_id")]
        key = exp.Anonymous(this="row", expressions=[*order, value.copy()])
        call = {LATEST: exp.ArgMax, EARLIEST: exp.ArgMin}[name](this=value, expression=key)
        present = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
        both = present if guard is None else exp.and_(present, guard)
        kind = kind_of(value)
        return with_kind(_filtered(call, both), Kind(kind.name, kind.bound))


def _filtered(aggregate: exp.Expression, guard: exp.Expression | None) -> exp.Expression:
    if guard is None:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=guard.copy()))


def _part(node: exp.Expression, name: str) -> exp.Expression:
    """Says what an aggregate is a part of, for the name of its column."""
    node.meta["part"] = name.rstrip("_")
    return node


def _divided(dividend: exp.Expression, divisor: exp.Expression) -> exp.Expression:
    done = snippet(exact.divide("a_", "b_"), a_=dividend, b_=divisor)
    return with_kind(done, NUMBER)


def _bracketed(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Binary | exp.Neg):
        return with_kind(exp.Paren(this=node), kind_of(node))
    return node


def _unliteral(kind: Kind) -> Kind:
    return Kind(kind.name, kind.bound)


def _narrowest(kinds: list[Kind]) -> list[Kind]:
    """The decimal that every engine version gives a sum of narrow decimals: the widest digits and places."""
    decimals = [kind for kind in kinds if kind.is_decimal and not kind.is_literal]
    if len(decimals) < 2 or max(kind.precision for kind in decimals) == 38:
        return []
    scale = max(kind.scale for kind in decimals)
    return [Kind(f"DECIMAL({max(max(k.precision for k in decimals), scale)},{scale})")]


def _compared_with_number(node: exp.Expression) -> str:
    if isinstance(node, exp.Literal):
        return "A number is compared with text: write the number without quotes."
    return "A property is text: cast it to compare it with a number, such as ::decimal(38, 12)."


def _cast_example(node: exp.Expression, text: str) -> str:
    span = span_of(node, text)
    written = text[span.start : span.end] if span is not None else "x"
    if not written.replace(".", "").replace("_", "").isalnum():
        return "such as x::decimal(38, 12)"
    return f"such as {written}::decimal(38, 12)"


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None and text[:1].isdigit() and "W" not in text
    except ValueError:
        return False
