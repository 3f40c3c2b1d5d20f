"""What `bursar events land PATH...` names: files, globs and standard input, plain or compressed.

Owns finding and opening them, and the name by which rejects refer to each. It leaves their content
to the readers.
"""

from __future__ import annotations

import glob
import gzip
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from bursar.errors import BursarError, ExitCode
from bursar.project import Project

STANDARD_INPUT = "-"
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True)
class Source:
    """One input.

    Args:
        name: How manifests and rejects name it: relative to the project where it lies in it; ``-``
            is standard input.
        path: The file; none for standard input.
        format: What it holds, a name of `bursar.landing.readers.formats.InputFormat`.
    """

    name: str
    path: Path | None
    format: str = "ndjson"


def find_sources(project: Project, inputs: Sequence[str]) -> list[Source]:
    """The inputs in the order given, a glob's files in the order of their names, each file once.

    Raises:
        BursarError: Some name nothing; all of them are told.
    """
    found: dict[str, Source] = {}
    missing = []
    for given in inputs:
        if given == STANDARD_INPUT:
            found.setdefault(given, Source(given, None))
            continue
        paths = [Path(given)] if Path(given).exists() else _globbed(given)
        files = [path for path in paths if not path.is_dir()]
        if not files:
            missing.append(given)
        for path in files:
            name = project.relative(path.resolve())
            found.setdefault(name, Source(name, path.resolve()))
    if missing:
        raise BursarError(
            f"No such file to land: {', '.join(missing)}.",
            remedy="Name files, globs (in quotes) or - for standard input.",
            exit_code=ExitCode.BAD_USAGE,
        )
    return list(found.values())


def _globbed(pattern: str) -> list[Path]:
    return sorted(Path(name) for name in glob.glob(pattern, recursive=True))  # noqa: PTH207 - any pattern


@contextmanager
def open_source(source: Source) -> Iterator[BinaryIO]:
    """The source's bytes, decompressed; compression is told by the first bytes, not by the name.

    Raises:
        BursarError: It cannot be read to its end, here or while the body reads on.
    """
    try:
        with ExitStack() as stack:
            plain: io.BufferedReader
            if source.path is None:
                plain = cast(io.BufferedReader, sys.stdin.buffer)
            else:
                plain = stack.enter_context(source.path.open("rb"))
            yield _decompressed(plain, stack)
    except (OSError, EOFError) as error:
        raise BursarError(
            f"{source.name} cannot be read to its end: {error}. Nothing of this batch was landed.",
            remedy="Mend or leave out that file and land again.",
        ) from error


def _decompressed(plain: io.BufferedReader, stack: ExitStack) -> BinaryIO:
    import pyarrow as pa

    magic = plain.peek(4)[:4]
    if magic.startswith(_GZIP_MAGIC):
        return cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=plain)))
    if magic == _ZSTD_MAGIC:
        stream = pa.CompressedInputStream(pa.PythonFile(plain, "r"), "zstd")
        return cast(BinaryIO, stack.enter_context(stream))
    return plain
