"""A landing from beginning to end: inputs to one committed batch.

Owns the order of the steps and the batch's report. Each step is a module of its own: readers,
judging, deduplication, files, commit.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from bursar.errors import BursarError
from bursar.landing import faults
from bursar.landing.commit import commit, recover, staging_folder
from bursar.landing.deduplication import (
    WINDOW_DAYS,
    Deduplicated,
    deduplicate,
    history_key_files,
)
from bursar.landing.engine import open_engine
from bursar.landing.failures import is_disk_full, reason, remedy
from bursar.landing.files import StagedBatch, promote, stage_chunk
from bursar.landing.instants import (
    EARLIEST_MICROSECONDS,
    LATEST_MICROSECONDS,
    MICROSECONDS_PER_DAY,
    datetime_to_instant,
    format_instant,
    instant_to_name,
)
from bursar.landing.integrity import damage_error
from bursar.landing.judging import JudgedChunk, judge_chunk
from bursar.landing.lines import Bounds
from bursar.landing.lock import WAIT_SECONDS, landing_lock
from bursar.landing.manifests import (
    VERSION,
    Counts,
    Manifest,
    SeenProperties,
    SourceLines,
    manifest_path,
)
from bursar.landing.readers.formats import InputFormat, read_sources, with_formats
from bursar.landing.readers.sources import Source, find_sources
from bursar.project import Project

AHEAD_DAYS = 1
# For keys alone; as much again and a little more is for the lines of two chunks.
_ENGINE_MEMORY = "800MB"


@dataclass(frozen=True)
class LandOptions:
    """How to land.

    Args:
        received_at: The batch's instant of receipt, in UTC if it has no zone; the clock's if not
            given.
        is_backfill: Whether events older than the window are taken.
        promoted: The property keys that get a column of their own.
        input_format: What the input files hold; what their names say if not given.
        wait_seconds: How long to wait for another lander.
        on_wait: Told who the other lander is, if there is one to wait for.
        on_progress: Told the lines and bytes of each chunk that is staged.
    """

    received_at: datetime | None = None
    is_backfill: bool = False
    promoted: tuple[str, ...] = ()
    input_format: InputFormat | None = None
    wait_seconds: float = WAIT_SECONDS
    on_wait: Callable[[str], None] | None = None
    on_progress: Callable[[int, int], None] | None = None


@dataclass(frozen=True)
class BatchReport:
    """What became of a batch's lines.

    Args:
        manifest: The committed manifest.
        conflicting: How many of the duplicates differ from the first event with their id.
    """

    manifest: Manifest
    conflicting: int


def land(project: Project, inputs: Sequence[str], options: LandOptions) -> BatchReport:
    """Lands the inputs as one batch: all of it is visible afterwards, or none if this raises.

    Args:
        project: The billing project.
        inputs: Files, globs or ``-`` for standard input.
        options: How to land.

    Raises:
        BursarError: An input is missing or torn, another landing is running, or the disk is full.
    """
    sources = with_formats(find_sources(project, inputs), options.input_format)
    with landing_lock(project.landing, wait_seconds=options.wait_seconds, on_wait=options.on_wait):
        faults.reach("locked")
        recover(project)
        received_at = datetime_to_instant(options.received_at or datetime.now(UTC))
        batch_id = f"{instant_to_name(received_at)}-{secrets.token_hex(4)}"
        folder = staging_folder(project, batch_id)
        batch = StagedBatch(batch_id, received_at, folder, promote(options.promoted))
        try:
            return _land_batch(project, sources, options, batch)
        except (OSError, MemoryError, duckdb.Error) as error:
            raise _failed(project, batch, error) from error
        finally:
            # An error or interrupt leaves a staging folder; recovery knows whether it came before
            # the commit.
            recover(project)


def _failed(project: Project, batch: StagedBatch, error: Exception) -> BursarError:
    if manifest_path(project, batch.batch_id).exists():
        return BursarError(
            f"Batch {batch.batch_id} has landed, whole, but its staging folder stays: {error}.",
            remedy="Mend what it names; the next landing clears up. Do not land the files again.",
        )
    if not is_disk_full(error):
        damaged = damage_error(project, "Nothing of this batch was landed.")
        if damaged:
            return damaged
    return BursarError(
        f"The events could not be landed: {reason(project.landing, error)}. "
        "Nothing of this batch was landed.",
        remedy=remedy(project.landing, error),
    )


@dataclass
class _Tally:
    """What the chunks so far came to."""

    source_lines: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    properties: dict[str, set[str]] = field(default_factory=dict)
    accepted: int = 0
    duplicate: int = 0
    conflicting: int = 0


def _land_batch(
    project: Project, sources: Sequence[Source], options: LandOptions, batch: StagedBatch
) -> BatchReport:
    history = history_key_files(project, batch.received_at)
    tally = _Tally()
    # Arrow's own allocator gives every chunk's memory back to the system, which then clears it anew
    # for the next: a tenth of a landing's time.
    pa.set_memory_pool(pa.system_memory_pool())
    with (
        open_engine(batch.folder / "spill", _ENGINE_MEMORY) as connection,
        ThreadPoolExecutor() as writers,
        closing(_judged_chunks(sources, options, batch)) as chunks,
    ):
        for judged in chunks:
            own_keys = [batch.folder / file.path for file in batch.key_files]
            events = deduplicate(
                connection,
                judged.events,
                history,
                own_keys,
                batch.received_at,
                batch.batch_id,
            )
            _count(judged, events, tally)
            stage_chunk(connection, writers, batch, judged, events)
            faults.reach("chunk-staged")
            if options.on_progress:
                options.on_progress(len(judged.chunk), judged.chunk.bytes_received)
    manifest = _manifest(batch, sources, options, tally)
    commit(project, batch.folder, manifest)
    return BatchReport(manifest, tally.conflicting)


def _judged_chunks(
    sources: Sequence[Source], options: LandOptions, batch: StagedBatch
) -> Generator[JudgedChunk]:
    """The chunks in order; while one is written, the next is read and judged."""
    bounds = bounds_at(batch.received_at, options.is_backfill)
    promoted = [pair.property for pair in batch.promoted]
    chunks = read_sources(sources)

    def judge_next() -> JudgedChunk | None:
        chunk = next(chunks, None)
        return None if chunk is None else judge_chunk(chunk, promoted, bounds)

    with ThreadPoolExecutor(max_workers=1) as reader:
        upcoming = reader.submit(judge_next)
        while judged := upcoming.result():
            upcoming = reader.submit(judge_next)
            yield judged


def bounds_at(received_at: int, is_backfill: bool) -> Bounds:
    """The instants that a batch received then takes events from."""
    earliest = received_at - WINDOW_DAYS * MICROSECONDS_PER_DAY
    return Bounds(
        EARLIEST_MICROSECONDS if is_backfill else max(earliest, EARLIEST_MICROSECONDS),
        min(received_at + AHEAD_DAYS * MICROSECONDS_PER_DAY, LATEST_MICROSECONDS),
    )


def _count(judged: JudgedChunk, events: Deduplicated, tally: _Tally) -> None:
    """Adds the chunk to the tally, and checks that each line has one outcome.

    Raises:
        BursarError: A line has none, or two.
    """
    accepted, duplicate = len(events.accepted_rows), events.duplicates.num_rows
    outcomes = accepted + duplicate + judged.rejects.num_rows
    if len(judged.chunk) != outcomes:
        raise BursarError(
            f"{len(judged.chunk)} lines were read and {outcomes} have an outcome. "
            "Nothing was landed.",
            remedy="This is a fault of Bursar: please report it with the input file.",
        )
    tally.source_lines.update(judged.chunk.source_lines)
    tally.reasons.update(judged.rejects["reason"].to_pylist())
    tally.accepted += accepted
    tally.duplicate += duplicate
    tally.conflicting += pc.sum(events.duplicates["is_conflicting"]).as_py() or 0
    for number in pc.unique(events.accepted("shape")["shape"]).to_pylist():
        event_type, names = judged.shapes[number]
        tally.properties.setdefault(event_type, set()).update(names)


def _manifest(
    batch: StagedBatch, sources: Sequence[Source], options: LandOptions, tally: _Tally
) -> Manifest:
    return Manifest(
        version=VERSION,
        batch_id=batch.batch_id,
        received_at=format_instant(batch.received_at),
        is_backfill=options.is_backfill,
        sources=tuple(
            SourceLines(source.name, source.format, tally.source_lines[source.name])
            for source in sources
        ),
        counts=Counts(
            read=tally.source_lines.total(),
            accepted=tally.accepted,
            duplicate=tally.duplicate,
            rejected=tally.reasons.total(),
        ),
        rejected_by_reason=dict(sorted(tally.reasons.items())),
        event_files=tuple(batch.event_files),
        duplicate_files=tuple(file.path for file in batch.duplicate_files),
        rejected_files=tuple(file.path for file in batch.rejected_files),
        key_files=tuple(file.path for file in batch.key_files),
        properties_seen=tuple(
            SeenProperties(event_type, tuple(sorted(keys)))
            for event_type, keys in sorted(tally.properties.items())
        ),
    )
