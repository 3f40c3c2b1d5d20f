"""Writes the reference pages: `python -m bursar.reference.write`.

Owns which pages there are. With `--check` it writes nothing, and fails if a page is not what it
would write. It works in a source checkout, where the marts' YAML and the error cases are.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from bursar.errors import ExitCode
from bursar.package_link import checkout
from bursar.reference.catalog_page import catalog_page
from bursar.reference.cli_page import cli_page
from bursar.reference.errors_page import errors_page
from bursar.reference.spark_page import spark_page
from bursar.reference.tables_page import tables_page


def pages(root: Path) -> Mapping[str, str]:
    """Every generated page: its path below the root, and its text."""
    from bursar.cli.main import app

    return {
        "docs/reference/catalog.md": catalog_page(),
        "docs/reference/cli.md": cli_page(app),
        "docs/reference/errors.md": errors_page(root),
        "docs/reference/spark.md": spark_page(root),
        "docs/reference/tables.md": tables_page(root),
    }


def stale(root: Path) -> list[str]:
    """The pages whose text is not what would be written."""
    return [name for name, text in pages(root).items() if _text(root / name) != text]


def main(arguments: list[str]) -> int:
    """Writes the pages that are stale, or with `--check` only names them; returns the exit code."""
    root = checkout()
    if root is None or arguments not in ([], ["--check"]):
        sys.stderr.write("In a checkout: python -m bursar.reference.write [--check]\n")
        return ExitCode.BAD_USAGE
    wanted = pages(root)
    names = stale(root)
    for name in names:
        sys.stdout.write(f"{name}\n")
        if not arguments:
            (root / name).write_text(wanted[name], encoding="utf-8", newline="\n")
    return ExitCode.WRONG_INPUT if arguments and names else ExitCode.OK


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
