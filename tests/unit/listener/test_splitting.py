"""A body is split where its elements end, and not a character of them is changed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.listener.splitting import EVENTS_MAX, NotABatch, split_array

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, width=32),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
).filter(lambda value: "Infinity" not in json.dumps(value))


@given(st.lists(VALUES, min_size=1, max_size=8), st.sampled_from([None, 2]))
def test_elements_keep_their_meaning_and_are_one_line_each(
    values: list[object], indent: int | None
) -> None:
    lines = split_array(json.dumps(values, indent=indent).encode())
    assert [json.loads(line) for line in lines] == values
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_the_text_of_numbers_and_strings_is_kept() -> None:
    texts = [b'{"n":0.10}', b'{"n": 12345678901234567890.50e+3}', b'{"s":"\\u00e9, ]"}', b"1.0"]
    assert split_array(b" [ " + b" ,\n ".join(texts) + b" ]\n") == texts


def test_a_number_of_any_length_is_only_text() -> None:
    digits = b"7" * 100_000
    assert split_array(b"[" + digits + b"]") == [digits]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON: Expecting value at character 1"),
        (b"\xff", "not UTF-8 at byte 1"),
        (b"[1,]", "not JSON: Expecting value at character 4"),
        (b"[1 2]", "not JSON: Expecting ',' or ']' at character 4"),
        (b"[1", "not JSON: Expecting ',' or ']' at character 3"),
        (b"[", "not JSON: Expecting value at character 2"),
        (b"[1] []", "not JSON: More text after the array at character 5"),
        (b"[NaN]", "not JSON: NaN"),
        (b'["\n"]', "not JSON: Invalid control character at at character 3"),
        (b"[" * 200_000, "not JSON that can be read: nested too deep"),
        (b'{"transaction_id":"a"}', "not a JSON array; send one event as an array of one"),
        (b"nonsense", "not JSON: Expecting value at character 1"),
        (b" [ ] ", "an empty array: there is nothing to take"),
        (b"[" + b"1," * EVENTS_MAX + b"1]", "an array of 101, and 100 at most are taken at once"),
    ],
)
def test_anything_else_is_refused_with_the_place(body: bytes, words: str) -> None:
    with pytest.raises(NotABatch) as refused:
        split_array(body)
    assert str(refused.value) == words


def test_a_hundred_events_are_a_batch() -> None:
    assert len(split_array(b"[" + b"1," * (EVENTS_MAX - 1) + b"1]")) == EVENTS_MAX
