"""The catalog's files on disk.

Owns reading and writing ``seeds/``. It leaves what is in the files to ``bursar.catalog.relations``
and what may be wrong with it to ``bursar.catalog.check``.
"""

from __future__ import annotations

from pathlib import Path

from bursar.catalog.relations import RELATIONS, header, seeds_yaml

PROPERTIES_FILE = "_catalog.yml"


def write_empty_seeds(seeds: Path) -> tuple[Path, ...]:
    """Gives every relation its CSV, and dbt their types; files with rows stay as they are.

    Args:
        seeds: The project's ``seeds`` folder; made if it is not there.

    Returns:
        The files written: the CSVs that were missing, and the properties if out of date.
    """
    seeds.mkdir(parents=True, exist_ok=True)
    written = []
    for relation in RELATIONS:
        path = seeds / f"{relation.name}.csv"
        if not path.exists():
            path.write_text(header(relation) + "\n", encoding="utf-8", newline="\n")
            written.append(path)
    properties = seeds / PROPERTIES_FILE
    wanted = seeds_yaml()
    if not properties.exists() or properties.read_text(encoding="utf-8") != wanted:
        properties.write_text(wanted, encoding="utf-8", newline="\n")
        written.append(properties)
    return tuple(written)
