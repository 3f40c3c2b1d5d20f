"""Any file at all lands with every line in one place, or is refused in words and leaves nothing."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bursar.errors import BursarError
from bursar.landing import InputFormat, LandOptions, land
from bursar.landing.manifests import Counts
from bursar.project import Project
from tests.properties.test_landing_any_bytes import event_lines, noise
from tests.support.books import Row, check_batches, rejected_lines
from tests.support.landing import RECEIVED_AT, landed

FEW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
COMPRESSIONS = {"": None, ".gz": "gzip", ".zst": "zstd"}
MARKS = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")

any_bytes = st.one_of(
    st.binary(max_size=300),
    st.lists(noise, max_size=12).map(b"\n".join),
    st.lists(noise, max_size=12).map(b"\r\n".join),
).filter(lambda data: not data.startswith(MARKS))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda values: st.one_of(
        st.lists(values, max_size=3), st.dictionaries(st.text(max_size=5), values, max_size=3)
    ),
    max_leaves=6,
)
COLUMNS = ("transaction_id", "customer_id", "event_type", "timestamp", "properties.n", "other")
parts_of_cells = ["", "a", "acme", "2026-02-01T12:00:00Z", '"', ",", "\n", "\r\n", "{}", "0.10"]
cells = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12), st.sampled_from(parts_of_cells)
)
rows_of_cells = st.lists(st.lists(cells, min_size=6, max_size=6), max_size=8)


def land_bytes(
    root: Path, data: bytes, form: InputFormat = InputFormat.NDJSON, ending: str = ""
) -> Counts:
    """Lands one file and checks the books against what stands on disk."""
    path = root / f"input{ending}"
    with pa.output_stream(str(path), compression=COMPRESSIONS[ending]) as stream:
        stream.write(data)
    land(Project(root), [str(path)], LandOptions(received_at=RECEIVED_AT, input_format=form))
    [manifest] = check_batches(root)
    return manifest.counts


def accepted(root: Path) -> list[Row]:
    columns = ("transaction_id", "customer_id", "event_type", "timestamp")
    return sorted(
        (*(row[name] for name in columns), json.dumps(sorted(row["properties"].items())))
        for row in landed(root).accepted
    )


@FEW
@given(data=any_bytes)
def test_any_bytes_land_the_same_plain_and_compressed(data: bytes) -> None:
    outcomes = []
    for ending in COMPRESSIONS:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            counts = land_bytes(root, data, ending=ending)
            outcomes.append((counts, accepted(root), rejected_lines(root)))
    assert outcomes[0] == outcomes[1] == outcomes[2]


@FEW
@given(mark=st.sampled_from(MARKS), data=st.binary(max_size=200), form=st.sampled_from(InputFormat))
def test_bytes_that_only_bear_the_mark_of_a_compression_are_refused_or_land(
    mark: bytes, data: bytes, form: InputFormat
) -> None:
    check_lands_or_is_refused(mark + data, form)


@FEW
@given(
    data=st.one_of(any_bytes, any_bytes.map(lambda data: b"[" + data + b"]")),
    form=st.sampled_from(InputFormat),
)
def test_any_bytes_in_any_format_land_or_are_refused(data: bytes, form: InputFormat) -> None:
    check_lands_or_is_refused(data, form)


def check_lands_or_is_refused(data: bytes, form: InputFormat) -> None:
    """A refusal is words, and leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "input").write_bytes(data)
        options = LandOptions(received_at=RECEIVED_AT, input_format=form)
        try:
            land(Project(root), [str(root / "input")], options)
            refusal = ""
        except BursarError as error:
            refusal = error.message
        assert not refusal or "input" in refusal
        assert len(check_batches(root)) == (0 if refusal else 1)
        assert not refusal or list((root / "landing").rglob("*.parquet")) == []


@FEW
@given(values=st.lists(json_values, max_size=8), lines=st.lists(event_lines, max_size=8))
def test_elements_of_an_array_have_the_outcomes_of_lines(
    values: list[object], lines: list[bytes]
) -> None:
    texts = [json.dumps(value, ensure_ascii=False).encode() for value in values]
    elements = texts + [text for text in lines if _is_one_value(text)]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        as_array = land_bytes(Path(folder), b"[" + b",".join(elements) + b"]", InputFormat.JSON)
        as_lines = land_bytes(Path(other), b"\n".join(elements))
        assert as_array == as_lines
        assert as_array.read == len(elements)
        assert accepted(Path(folder)) == accepted(Path(other))


def _is_one_value(text: bytes) -> bool:
    """Whether an array can have it as an element; a break within would be two lines."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return b"\r" not in text.strip() and b"NaN" not in text


@FEW
@given(rows=rows_of_cells)
def test_every_record_of_a_csv_has_one_outcome(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([COLUMNS, *rows])
    with tempfile.TemporaryDirectory() as folder:
        counts = land_bytes(Path(folder), text.getvalue().encode(), InputFormat.CSV)
        found = landed(Path(folder))
    assert counts.read == len(rows)
    ids = [row["transaction_id"] for row in found.accepted]
    assert len(ids) == len(set(ids))


@FEW
@given(rows=rows_of_cells)
def test_every_row_of_a_parquet_file_has_one_outcome(rows: list[list[str]]) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    arrays = [pa.array(values, pa.string()) for values in columns]
    sink = io.BytesIO()
    pq.write_table(pa.table(arrays, names=list(COLUMNS)), sink)
    with tempfile.TemporaryDirectory() as folder:
        counts = land_bytes(Path(folder), sink.getvalue(), InputFormat.PARQUET)
    assert counts.read == len(rows)
