"""A request's body to the texts of its events.

Owns where each element of the JSON array begins and ends. The texts are passed on as they were
written, so that no digit of a number is lost here; what each of them says is for
``bursar.landing.lines``.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

EVENTS_MAX = 100

_SPACE = re.compile(r"[ \t\n\r]*")
# Within a JSON text these stand between tokens only, where a space says the same.
_LINE_BREAKS = bytes.maketrans(b"\r\n", b"  ")


class NotABatch(ValueError):  # noqa: N818 - it reads as a finding where it is caught
    """A body that is not a JSON array of 1 to 100 elements; its words say why."""


def split_array(body: bytes) -> list[bytes]:
    """The elements of a JSON array, each as one line of JSON in the words of its sender.

    Raises:
        NotABatch: The body is not JSON, no array, empty or has too many elements.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotABatch(f"not UTF-8 at byte {error.start + 1}") from None
    try:
        spans = _elements(text)
    except json.JSONDecodeError as error:
        raise NotABatch(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise NotABatch("not JSON that can be read: nested too deep") from None
    if not spans:
        raise NotABatch("an empty array: there is nothing to take")
    if len(spans) > EVENTS_MAX:
        raise NotABatch(f"an array of {len(spans):,}, and {EVENTS_MAX} at most are taken at once")
    return [text[start:end].encode("utf-8").translate(_LINE_BREAKS) for start, end in spans]


def _constant(name: str) -> NoReturn:
    raise NotABatch(f"not JSON: {name}")


# Only the ends of values matter; text instead of numbers costs least and has no limit of digits.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_constant)


def _elements(text: str) -> list[tuple[int, int]]:
    position = _skip_space(text, 0)
    if text[position : position + 1] != "[":
        _DECODER.raw_decode(text, position)
        raise NotABatch("not a JSON array; send one event as an array of one")
    position = _skip_space(text, position + 1)
    spans: list[tuple[int, int]] = []
    is_first = True
    while not (is_first and text[position : position + 1] == "]"):
        is_first = False
        _, end = _DECODER.raw_decode(text, position)
        spans.append((position, end))
        position = _skip_space(text, end)
        if text[position : position + 1] == "]":
            break
        if text[position : position + 1] != ",":
            raise json.JSONDecodeError("Expecting ',' or ']'", text, position)
        position = _skip_space(text, position + 1)
    end = _skip_space(text, position + 1)
    if end < len(text):
        raise json.JSONDecodeError("More text after the array", text, end)
    return spans


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
