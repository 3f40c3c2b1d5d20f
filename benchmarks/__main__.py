"""`python -m benchmarks NAME [--scale small|medium|large]`: one JSON object a figure, on stdout.

Owns the arguments and the printing. It leaves measuring to one module a benchmark.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks import landing

_BENCHMARKS = {"landing": landing.measure}


def main() -> None:
    """Runs one benchmark in a folder that is removed at the end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("name", choices=sorted(_BENCHMARKS))
    parser.add_argument("--scale", choices=sorted(landing.EVENTS), default="small")
    parser.add_argument("--folder", type=Path, help="where to work; the system's if not given")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for figure in _BENCHMARKS[given.name](Path(folder), given.scale):
            sys.stdout.write(json.dumps(figure) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
