"""Which scope a row is of: the key of joined rows, and where the scope's bounds stand.

Owns the aliases of the scopes in a lifted query, unlike any other's so that none is captured.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.relations import SCOPE_KEY, ResolvedQuery, resolved_column

SCOPES = "scopes"
_BOUNDS = "bounds"


def scope_key(table: str) -> exp.Column:
    """The scope key of a relation."""
    return resolved_column(table, SCOPE_KEY)


class Aliases:
    """Names that the lift gives: plain the first time, numbered after."""

    def __init__(self, query: ResolvedQuery) -> None:
        self._query = query
        self._used = set(query.relations)

    def new(self, name: str) -> str:
        """The name if nobody has it yet, or one like it."""
        found = name if name not in self._used else self._query.unique(name)
        self._used.add(found)
        return found

    def scopes(self) -> exp.Table:
        """The scopes, under an alias of their own."""
        return table_as(SCOPES, self.new(SCOPES))


def table_as(name: str, alias: str) -> exp.Table:
    """A table under an alias."""
    table = exp.to_table(name)
    if alias != name:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    return table


class Rows:
    """The rows of a SELECT's FROM, as its expressions and the queries in them see them.

    Args:
        key: The rows' own scope; None if they are of the scope around the query.
        aliases: For new ones.
        around: Where the query stands, if it is in an expression.
        scopes: The alias under which the SELECT reads each row's scope already, or empty.
    """

    def __init__(
        self, key: exp.Expr | None, aliases: Aliases, around: Rows | None, scopes: str = ""
    ) -> None:
        self.own_key = key
        self._aliases = aliases
        self.around = around
        self.scopes = scopes
        self._is_joined = True

    def key(self) -> exp.Expr:
        """The scope of a row, to put into a tree."""
        if self.own_key is not None:
            return self.own_key.copy()
        if self.around is None:
            raise ValueError("Rows of no scope.")
        return self.around.key()

    def bound(self, name: str) -> exp.Expr:
        """The column with window_start or window_end."""
        if self.around is not None:
            return self.around.bound(name)
        if not self.scopes:
            self.scopes = self._aliases.new(_BOUNDS)
            self._is_joined = False
        return resolved_column(self.scopes, name)

    def beside_bounds(self) -> exp.Join:
        """A join of the scopes, for what is joined next."""
        self.scopes = self.scopes or self._aliases.new(_BOUNDS)
        self._is_joined = True
        on = exp.EQ(this=scope_key(self.scopes), expression=self.key())
        return exp.Join(this=table_as(SCOPES, self.scopes), kind="INNER", on=on)

    def join_bounds(self, select: exp.Select) -> None:
        """Joins the scopes to a SELECT if a bound was asked for."""
        if not self._is_joined:
            select.append("joins", self.beside_bounds())
