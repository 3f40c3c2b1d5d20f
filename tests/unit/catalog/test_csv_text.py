"""CSV text becomes fields that know their place."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.catalog.csv_text import Cell, CsvText, read_csv


def texts(source: CsvText) -> list[list[str]]:
    return [[cell.text for cell in record] for record in source.records]


def test_a_field_knows_its_line_column_and_width() -> None:
    assert read_csv("x.csv", "a,b\nlong,short\n").records[1] == (
        Cell("long", 2, 1, 4),
        Cell("short", 2, 6, 5),
    )


def test_a_quoted_field_is_as_wide_as_it_is_written() -> None:
    assert read_csv("x.csv", '"a,""b""",c\n').records[0] == (
        Cell('a,"b"', 1, 1, 9),
        Cell("c", 1, 11, 1),
    )


def test_a_field_over_two_lines_moves_the_lines_after_it() -> None:
    first, second = read_csv("x.csv", 'a,"b\nc",d\ne,f,g\n').records
    assert [cell.line for cell in first] == [1, 1, 2]
    assert first[2].column == 4
    assert [cell.line for cell in second] == [3, 3, 3]


def test_the_last_field_may_be_blank() -> None:
    assert texts(read_csv("x.csv", "a,b,\n,,")) == [["a", "b", ""], ["", "", ""]]


def test_blank_lines_are_no_records() -> None:
    assert texts(read_csv("x.csv", "\na,b\n\nc,d\n\n")) == [["a", "b"], ["c", "d"]]


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert texts(read_csv("x.csv", "\ufeffa,b\n")) == [["a", "b"]]


def test_windows_line_endings_are_line_endings() -> None:
    source = read_csv("x.csv", "a,b\r\nc,d\r\n")
    assert texts(source) == [["a", "b"], ["c", "d"]]
    assert source.problems == ()
    assert source.lines[:2] == ("a,b", "c,d")


def test_two_kinds_of_line_ending_are_told_once() -> None:
    (problem,) = read_csv("x.csv", "a,b\r\nc,d\ne,f\n").problems
    assert problem.render() == (
        "x.csv:2: error: mixed-line-endings\n"
        "  2 | c,d\n"
        "  This line ends in another way than the first one (LF, not CRLF)."
        " Save the file with one kind of line ending."
    )


def test_an_unclosed_quote_is_told_where_it_opens() -> None:
    (problem,) = read_csv("x.csv", 'a,b\nc,"d\ne,f\n').problems
    assert (problem.line, problem.column, problem.name) == (2, 3, "unclosed-quote")


def test_lines_after_a_misquoted_one_are_still_read() -> None:
    source = read_csv("x.csv", 'a,b\n"c"d,e\nf,g\n')
    assert texts(source) == [["a", "b"], ["f", "g"]]
    assert [problem.name for problem in source.problems] == ["text-after-quote"]


FIELDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff'"))


@given(st.lists(st.lists(FIELDS, min_size=2, max_size=4), min_size=1))
def test_what_the_standard_library_writes_reads_the_same(records: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(records)
    source = read_csv("x.csv", out.getvalue())
    assert texts(source) == records


@given(st.text(alphabet='ab,"\r\n'))
def test_any_text_is_read_to_its_end(text: str) -> None:
    source = read_csv("x.csv", text)
    for record in source.records:
        for cell in record:
            assert len(source.lines[cell.line - 1]) >= cell.column - 1 + cell.width


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_a_line_without_quotes_reads_as_it_does_beside_a_quote(line_break: str) -> None:
    lines = ["id,amount,,note", "c1,,12.50,", "", "äöü, ,x,y"]
    plain = read_csv("seeds/x.csv", line_break.join(lines)).records
    beside = read_csv("seeds/x.csv", line_break.join(f'{line},"q"' for line in lines)).records
    quoted = [cells[:-1] for cells in beside if len(cells) > 2]
    assert list(plain) == quoted
    assert [cell.line for cell, *_ in plain] == [1, 2, 4]
    assert [cell.column for cell in plain[1]] == [1, 4, 5, 11]
