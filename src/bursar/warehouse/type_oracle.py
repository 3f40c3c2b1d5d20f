"""Asks DuckDB for the types of a query, on no rows.

Owns an in-memory connection that can read nothing from outside. The compiler is given its
`describe` and knows no more of it.
"""

from __future__ import annotations

import duckdb

from bursar.metrics.kinds import EngineRefusal


class TypeOracle:
    """An empty DuckDB, locked, that describes queries and remembers what it said."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(
            ":memory:", config={"threads": 1, "memory_limit": "200MB"}
        )
        self._answers: dict[str, list[tuple[str, str]] | EngineRefusal] = {}
        for setting in (
            "set enable_external_access = false",
            "set python_enable_replacements = false",
            "set lock_configuration = true",
        ):
            self._connection.execute(setting)

    def describe(self, query: str, *, is_planned: bool = False) -> list[tuple[str, str]]:
        """The names and types of a query's columns.

        Args:
            query: The query, on no rows.
            is_planned: Whether it is to be planned, too: an engine that binds a query may still
                fail to plan it, by an error of its own.

        Raises:
            EngineRefusal: The engine does not accept the query; its own first line says why.
        """
        if query not in self._answers:
            self._answers[query] = self._ask(query, is_planned=is_planned)
        answer = self._answers[query]
        if isinstance(answer, EngineRefusal):
            raise answer
        return answer

    def _ask(self, query: str, *, is_planned: bool) -> list[tuple[str, str]] | EngineRefusal:
        try:
            rows = self._connection.execute(f"describe {query}").fetchall()
            if is_planned:
                self._connection.execute(f"explain {query}")
        except duckdb.Error as error:
            first_line = str(error).partition("\n")[0]
            return EngineRefusal(first_line.partition(": ")[2] or first_line)
        return [(str(row[0]), str(row[1])) for row in rows]

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()
