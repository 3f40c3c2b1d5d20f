"""What sqlfluff sees where a model calls `bursar.<macro>(...)`.

Owns nothing but a stand-in of the same kind, a query or an expression, so that the layout around it
can be judged in seconds, without dbt and without a database. What macros really render is dbt's to
say, and the tests'.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_QUERIES = frozenset(
    {
        "derived_run_state",
        "landed_events",
        "landed_relation",
        "ledger_rows",
        "override_verdicts",
        "metric_events",
        "written_run_state",
    }
)

# Queries of the step that is named first, which is thereby used.
_QUERIES_OF_A_STEP = frozenset(
    {"amounts_left", "anchored_periods", "covered_pieces", "numbered_lines", "tiers_of_prices"}
)


def __getattr__(name: str) -> Callable[..., str]:
    """The stand-in for a macro."""
    if name.startswith("__"):
        raise AttributeError(name)
    rendered = "select 1 as stand_in" if name in _QUERIES else "stand_in"

    def macro(*args: Any, **_named: Any) -> str:
        return f"select * from {args[0]}" if name in _QUERIES_OF_A_STEP else rendered

    return macro
