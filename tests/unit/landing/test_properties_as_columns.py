from __future__ import annotations

from pathlib import Path

from bursar.landing.manifests import Promoted, observed_properties
from bursar.project import Project
from bursar.properties import property_column
from tests.support.landing import land_lines, line, one_event


def test_a_plain_key_is_its_own_column() -> None:
    assert property_column("input_tokens") == "p_input_tokens"
    assert property_column("a" * 60) == "p_" + "a" * 60


def test_keys_that_an_engine_could_confuse_have_columns_of_their_own() -> None:
    keys = ["model", "Model", "MODEL", "mo-del", "mo_del", "mo del", "é", "1st", "_x", "a" * 61]
    keys += ["a" * 128, "p'); drop table x; --", '"', "mo_del_0123abcd", ""]
    columns = [property_column(key) for key in keys]
    assert len({column.lower() for column in columns}) == len(keys)
    assert all(column.replace("_", "a").isalnum() and column.isascii() for column in columns)


def test_a_key_cannot_be_made_to_look_like_anothers_column() -> None:
    disguised = property_column("Model").removeprefix("p_")
    assert property_column(disguised) != property_column("Model")


def test_promoted_properties_leave_the_map(tmp_path: Path) -> None:
    properties = {"model": "opus", "Model": "x", "it's": 1.50, "rest": "r"}
    promoted = ("model", "it's", "absent")
    report = land_lines(tmp_path, [line(properties=properties)], promoted=promoted)
    row = one_event(tmp_path)
    assert row["p_model"] == "opus"
    assert row[property_column("it's")] == "1.5"
    assert row["p_absent"] is None
    assert row["properties"] == {"Model": "x", "rest": "r"}
    [file] = report.manifest.event_files
    assert file.promoted == tuple(Promoted(key, property_column(key)) for key in sorted(promoted))


def test_the_properties_seen_are_those_of_accepted_events_by_type(tmp_path: Path) -> None:
    lines = [
        line("a", event_type="x", properties={"p": 1, "q": None}),
        line("b", event_type="x", properties={"r": 1}),
        line("c", event_type="bare", properties={}),
        line("d", event_type="bad", properties={"s": 1}, timestamp="never"),
    ]
    land_lines(tmp_path, lines)
    land_lines(tmp_path, [line("e", event_type="x", properties={"t": "1"})], promoted=("t",))
    assert observed_properties(Project(tmp_path)) == {
        "bare": frozenset(),
        "x": frozenset({"p", "r", "t"}),
    }


def test_nothing_is_observed_before_anything_landed(tmp_path: Path) -> None:
    assert observed_properties(Project(tmp_path)) == {}
