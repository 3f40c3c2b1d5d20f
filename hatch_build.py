"""Builds the compiled part of the landing with the wheel, where there is a C compiler.

Without one the wheel is built all the same, and landing reads its lines in Python: slower, with the
same result. ``python hatch_build.py`` builds it in place, as an editable installation does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # run by itself
    BuildHookInterface = object

SCANNER = Path("src/bursar/landing/scanner")
LIBRARY = SCANNER / "_scan.so"
_FLAGS = ("-std=c11", "-Wall", "-Wextra", "-shared", "-fPIC")
_FAST = ("-O3",)
# Stops at the first read or write out of bounds, and at the first undefined operation.
_SANITIZED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def build_library(root: Path, flags: tuple[str, ...] = _FAST) -> Path | None:
    """Compiles the library in its folder; none where there is no compiler or it fails."""
    library = root / LIBRARY
    sources = [*(root / SCANNER).glob("*.[ch]"), Path(__file__)]
    newest = max(source.stat().st_mtime for source in sources)
    if flags == _FAST and library.exists() and library.stat().st_mtime >= newest:
        return library
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        print("no C compiler: bursar will read events in Python, more slowly", file=sys.stderr)
        return None
    # Aside first: a running process may have the old one open.
    built = library.with_suffix(".new")
    units = [str(source) for source in sources if source.suffix == ".c"]
    command = [*compiler.split(), *_FLAGS, *flags, *units, "-o", str(built)]
    done = subprocess.run(command, check=False)
    if done.returncode:
        print("the C compiler failed: bursar will read events in Python", file=sys.stderr)
        return None
    built.replace(library)
    return library


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc]  # - untyped outside a build
    """Adds the library to the wheel and says for which platform it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects files."""
        del version
        if build_library(Path(self.root)):
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform}"
            build_data["artifacts"].append(f"/{LIBRARY}")


if __name__ == "__main__":
    chosen = _SANITIZED if "--sanitize" in sys.argv else _FAST
    sys.exit(0 if build_library(Path(__file__).parent, chosen) else 1)
