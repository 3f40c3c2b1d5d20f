"""A side's `dbt_project.yml` and `profiles.yml`: the project's, but for two things.

A side writes its own DuckDB file, whatever the project's profile says; and a relation that a side
states as CSV is read there, though the project may have it elsewhere (`catalog_source`). Owns these
two texts.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from bursar.catalog.relations import BY_NAME
from bursar.catalog.source import read_source
from bursar.project import PROJECT_FILE, Project

_DATABASE = "warehouse/build.duckdb"
_OUTPUT: dict[str, Any] = {
    "type": "duckdb",
    "path": _DATABASE,
    "schema": "main",
    "threads": 1,
    "config_options": {"storage_compatibility_version": "v1.5.0"},
    "settings": {"TimeZone": "UTC"},
}


def project_text(project: Project, instead: Collection[str]) -> str:
    """`dbt_project.yml`, byte by byte where it can be: it is part of the code's fingerprint.

    Args:
        project: Whose.
        instead: The relations whose CSVs stand in place of what the project has.
    """
    import yaml

    text = (project.root / PROJECT_FILE).read_text(encoding="utf-8")
    source = read_source(project)
    if not source.relations.intersection(instead):
        return text
    document = yaml.safe_load(text)
    variables = document["vars"]
    place = variables.get("catalog_source") or variables["bursar"]["catalog_source"]
    left = sorted(source.relations.difference(instead) & BY_NAME.keys())
    if left:
        place["relations"] = left
    else:
        place["type"] = "seeds"
    return yaml.safe_dump(document, sort_keys=False)


def profiles_text(project: Project) -> str:
    """`profiles.yml` with the project's profile, writing a file of the side's own.

    The path is the usual one, relative to the side's folder; where the project's own says just
    that, its text is kept, since dbt parses everything anew for another one.
    """
    import yaml

    settings = yaml.safe_load((project.root / PROJECT_FILE).read_text(encoding="utf-8"))
    name = settings.get("profile") or settings["name"]
    profile = _written_profile(project.root / "profiles.yml", name)
    if profile and all(output.get("path") == _DATABASE for output in profile["outputs"].values()):
        return (project.root / "profiles.yml").read_text(encoding="utf-8")
    profile = profile or {"target": "local", "outputs": {"local": _OUTPUT}}
    for output in profile["outputs"].values():
        if output.get("type") == "duckdb":
            output["path"] = _DATABASE
    return yaml.safe_dump({name: profile}, sort_keys=False)


def _written_profile(path: Path, name: str) -> dict[str, Any] | None:
    """The project's own profile; none where it is elsewhere, or is no plain YAML."""
    import yaml

    if not path.is_file():
        return None
    try:
        profile: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))[name]
        outputs = profile["outputs"].values()
        return profile if any(output["type"] == "duckdb" for output in outputs) else None
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        return None
