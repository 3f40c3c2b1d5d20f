"""Which format an input has, and the reader of each.

Owns the names of the formats and how a file's name tells its own. It leaves reading to one module a
format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import groupby
from pathlib import PurePath

from bursar.errors import BursarError, ExitCode
from bursar.landing.readers.chunk import Chunk
from bursar.landing.readers.csv_records import read_csv
from bursar.landing.readers.json_array import read_json
from bursar.landing.readers.ndjson import read_ndjson
from bursar.landing.readers.parquet_rows import read_parquet
from bursar.landing.readers.sources import Source


class InputFormat(StrEnum):
    """What an input holds."""

    NDJSON = "ndjson"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


_READERS: Mapping[InputFormat, Callable[[Sequence[Source]], Iterator[Chunk]]] = {
    InputFormat.NDJSON: read_ndjson,
    InputFormat.JSON: read_json,
    InputFormat.CSV: read_csv,
    InputFormat.PARQUET: read_parquet,
}

_BY_SUFFIX = {
    ".ndjson": InputFormat.NDJSON,
    ".jsonl": InputFormat.NDJSON,
    ".json": InputFormat.JSON,
    ".csv": InputFormat.CSV,
    ".parquet": InputFormat.PARQUET,
}
_COMPRESSED = (".gz", ".zst")


def with_formats(sources: Sequence[Source], given: InputFormat | None) -> list[Source]:
    """The sources, each with its format: the one given, or what its name says, or NDJSON.

    Raises:
        BursarError: Other formats are among them, and the names of some say nothing.
    """
    if given is not None:
        return [replace(source, format=given.value) for source in sources]
    told = [_told_by_name(source.name) for source in sources]
    untold = [source.name for source, tells in zip(sources, told, strict=True) if tells is None]
    if untold and any(tells not in (None, InputFormat.NDJSON) for tells in told):
        raise BursarError(
            f"The names of some inputs do not say what they hold: {', '.join(untold)}.",
            remedy="Land them by themselves with --format, or name them .ndjson, .json, .csv or "
            ".parquet.",
            exit_code=ExitCode.BAD_USAGE,
        )
    return [
        replace(source, format=(tells or InputFormat.NDJSON).value)
        for source, tells in zip(sources, told, strict=True)
    ]


def _told_by_name(name: str) -> InputFormat | None:
    path = PurePath(name.lower())
    if path.suffix in _COMPRESSED:
        path = path.with_suffix("")
    return _BY_SUFFIX.get(path.suffix)


def read_sources(sources: Sequence[Source]) -> Iterator[Chunk]:
    """Chunks of all sources' lines, in order; memory holds one.

    Raises:
        BursarError: A source cannot be read to its end, or is not of its format.
    """
    for name, of_one_format in groupby(sources, key=lambda source: source.format):
        yield from _READERS[InputFormat(name)](list(of_one_format))
