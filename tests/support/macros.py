"""Renders the package's macros outside dbt, to try what they make on the bare engine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2

MACROS = Path(__file__).parents[2] / "macros"


def load_macros() -> Any:
    """The package's macros by name, as dbt's `bursar` namespace has them, dispatched to DuckDB."""
    bursar = SimpleNamespace()
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    environment.globals.update(bursar=bursar, adapter=SimpleNamespace(dispatch=_dispatch(bursar)))
    environment.globals["return"] = lambda value: value
    for path in sorted(MACROS.glob("*.sql")):
        # How a table is made, and no expression: only dbt knows the tag.
        if "{% materialization" in path.read_text():
            continue
        module = environment.from_string(path.read_text()).module
        for name, macro in vars(module).items():
            if not name.startswith("_"):
                setattr(bursar, name, macro)
    return bursar


def _dispatch(bursar: Any) -> Any:
    def dispatch(name: str, package: str) -> Any:
        del package
        return getattr(bursar, f"duckdb__{name}", None) or getattr(bursar, f"default__{name}")

    return dispatch
