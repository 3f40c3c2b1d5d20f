"""Which properties get a column of their own when events land.

Owns that question for every command that lands: those that metrics read, which is quick to read
then. It leaves the columns to `bursar.landing`.
"""

from __future__ import annotations

from bursar.project import Project


def promoted_properties(project: Project) -> tuple[str, ...]:
    """The property keys that the project's metrics read; a broken metric stops no landing."""
    from bursar.metrics.project import read_definitions

    definitions = read_definitions(project)
    return tuple(sorted({key for definition in definitions for key in definition.properties}))
