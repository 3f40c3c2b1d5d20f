"""SQL as people read it: lower case, four spaces, names quoted only where they must be.

Owns the text form of generated SQL. It changes nothing that the engine sees.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.tokenizer_core import TokenType

from bursar.metrics.columns import quote_name
from bursar.metrics.parsing import DIALECT

_AS_WRITTEN = frozenset(
    {
        TokenType.STRING,
        TokenType.IDENTIFIER,
        TokenType.VAR,
        TokenType.NUMBER,
        TokenType.NATIONAL_STRING,
    }
)
_LINE_CHARACTERS_MAX = 92


class _Generator(DuckDBGenerator):
    """DuckDB's SQL with negations as people write them."""

    def not_sql(self, expression: exp.Not) -> str:
        inner = expression.this
        for kind, word in (
            (exp.Is, "IS"),
            (exp.In, "IN"),
            (exp.Like, "LIKE"),
            (exp.Between, "BETWEEN"),
        ):
            if type(inner) is kind:
                written = self.sql(inner)
                left = self.sql(inner.this)
                negated = f"{word} NOT" if kind is exp.Is else f"NOT {word}"
                if written.startswith(f"{left} {word} "):
                    return f"{left} {negated} {written[len(left) + len(word) + 2 :]}"
        return str(super().not_sql(expression))


def sql_text(node: exp.Expr) -> str:
    """A tree as laid out SQL, without a final line break."""
    copy = _bare(node)
    for identifier in copy.find_all(exp.Identifier):
        identifier.set("quoted", quote_name(identifier.name) != identifier.name)
    generator = _Generator(
        dialect=DuckDB(),
        pretty=True,
        indent=4,
        pad=4,
        max_text_width=_LINE_CHARACTERS_MAX,
        normalize_functions="lower",
        comments=False,
        # It warns of EXCLUDE in a window, and writes it.
        unsupported_level=ErrorLevel.IGNORE,
    )
    pretty = generator.generate(copy, copy=False)
    return _lower_keywords(pretty)


def _bare(node: exp.Expr) -> exp.Expr:
    """A copy of a tree without what the passes have put on its nodes, which costs most to copy."""
    bare = type(node)()
    for key, value in node.args.items():
        if isinstance(value, exp.Expr):
            bare.set(key, _bare(value))
        elif isinstance(value, list):
            bare.set(key, [_bare(v) if isinstance(v, exp.Expr) else v for v in value])
        else:
            bare.set(key, value)
    return bare


def _lower_keywords(sql: str) -> str:
    parts: list[str] = []
    end = 0
    for token in DuckDB().tokenize(sql):
        parts.append(sql[end : token.start])
        written = sql[token.start : token.end + 1]
        # A name in upper case is quoted, so what is bare and in upper case is the generator's own
        # word.
        is_own = token.token_type not in _AS_WRITTEN or (
            token.token_type is TokenType.VAR and written.isupper()
        )
        parts.append(written.lower() if is_own else written)
        end = token.end + 1
    parts.append(sql[end:])
    return "".join(parts)


def laid_out(sql: str) -> str:
    """SQL text laid out anew."""
    return sql_text(sqlglot.parse_one(sql, dialect=DIALECT))
