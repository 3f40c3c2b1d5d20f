"""One JSON object out of bytes, exactly: every value beside its own text, every name once.

Owns what JSON is to the landing: stricter than most readers, and no number passes through floating
point. It leaves what the names mean to ``bursar.landing.lines``.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # - public, but not in the stubs
from typing import Any, NamedTuple, NoReturn

NESTING_MAX = 200
_NAME_CHARACTERS_SHOWN_MAX = 128

_SPACE = re.compile(r"[ \t\n\r]*")
# Possessive, so that a string of megabytes costs no memory for backtracking.
_BRACKETS_OUTSIDE_STRINGS = re.compile(r'"(?:[^"\\]++|\\.)*+"|([\[{])|([\]}])')


class NotAnObject(ValueError):  # noqa: N818 - it reads as a finding where it is caught
    """Bytes that are not one JSON object with one meaning; its words say why."""


class Number(str):
    """A JSON number as written."""

    __slots__ = ()


class Value(NamedTuple):
    """A decoded value, and its text as written; the nested object's value is its members."""

    value: Any
    text: str


def decode_object(line: bytes, *, nested: str) -> dict[str, Value]:
    """The members of the JSON object that the bytes are.

    Args:
        line: UTF-8 text of one object, with spaces around it at most.
        nested: The name whose value, if an object, is decoded to members as well.

    Raises:
        NotAnObject: It is anything else, or a name stands twice in either object.
    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotAnObject(f"not UTF-8 at byte {error.start + 1}") from None
    _refuse_deep(text)
    simple = _decode_simple(text, nested)
    if simple is not None:
        return simple
    start = _skip_space(text, 0)
    if start < len(text) and text[start] != "{":
        _decode_value(text, start)
        raise NotAnObject("not a JSON object")
    members, end = _decode_members(text, start, nested)
    end = _skip_space(text, end)
    if end < len(text):
        raise NotAnObject(f"more text after the object, at character {end + 1}")
    return members


def _decode_simple(text: str, nested: str) -> dict[str, Value] | None:
    """The same in one go, for an object of nothing but texts, numbers and words.

    Returns:
        None if it is anything else, or is to be refused: the way below says where and why.
    """
    try:
        pairs = _PAIRS_DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    if type(pairs) is not tuple:
        return None
    if "\\u" in text and not _is_unicode(pairs):
        return None
    return _simple_members(pairs, nested)


def _simple_members(pairs: tuple[tuple[str, Any], ...], nested: str) -> dict[str, Value] | None:
    members = {}
    for name, value in pairs:
        if type(value) in _TEXTS:
            members[name] = Value(value, value)
        elif type(value) is tuple and nested and name == nested:
            inner = _simple_members(value, "")
            if inner is None:
                return None
            members[name] = Value(inner, "")
        elif value is None or value is True or value is False:
            members[name] = Value(value, _WORDS[value])
        else:
            return None
    return members if len(members) == len(pairs) else None


def _decode_members(text: str, start: int, nested: str) -> tuple[dict[str, Value], int]:
    """An object's members, and where it ends; without `nested`, it is the inner one."""
    members: dict[str, Value] = {}
    position = _skip_space(text, _expect(text, start, "{"))
    if text[position : position + 1] == "}":
        return members, position + 1
    kind = "name" if nested else "property name"
    while True:
        name, position = _decode_name(text, position, kind)
        if name in members:
            raise NotAnObject(f"the {kind} {name[:_NAME_CHARACTERS_SHOWN_MAX]} stands twice")
        start = _skip_space(text, _expect(text, _skip_space(text, position), ":"))
        if nested and name == nested and text[start : start + 1] == "{":
            value, end = _decode_members(text, start, nested="")
        else:
            value, end = _decode_value(text, start)
        members[name] = Value(value, text[start:end])
        position = _skip_space(text, end)
        if text[position : position + 1] == "}":
            return members, position + 1
        position = _skip_space(text, _expect(text, position, ","))


def _decode_name(text: str, position: int, kind: str) -> tuple[str, int]:
    _expect(text, position, '"')
    try:
        name, end = scanstring(text, position + 1, True)
    except json.JSONDecodeError as error:
        _not_json(error)
    if not _is_unicode(name):
        raise NotAnObject(f"a lone surrogate in a {kind}")
    return name, end


def _constant(name: str) -> NoReturn:
    raise NotAnObject(f"not JSON: {name}")


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_constant)
_PAIRS_DECODER = json.JSONDecoder(
    parse_float=Number, parse_int=Number, parse_constant=_constant, object_pairs_hook=tuple
)
_TEXTS = (str, Number)
_WORDS = {None: "null", True: "true", False: "false"}


def _decode_value(text: str, position: int) -> tuple[Any, int]:
    try:
        value, end = _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        _not_json(error)
    if not _is_unicode(value):
        raise NotAnObject("a lone surrogate in a value")
    return value, end


def _not_json(error: json.JSONDecodeError) -> NoReturn:
    raise NotAnObject(f"not JSON: {error.msg} at character {error.pos + 1}") from None


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _expect(text: str, position: int, character: str) -> int:
    if text[position : position + 1] != character:
        raise NotAnObject(f"not JSON: expecting {character} at character {position + 1}")
    return position + 1


def _refuse_deep(text: str) -> None:
    """Refuses nesting that decoders cannot follow."""
    if text.count("[") + text.count("{") <= NESTING_MAX:
        return
    depth = 0
    for match in _BRACKETS_OUTSIDE_STRINGS.finditer(text):
        depth += bool(match[1]) - bool(match[2])
        if depth > NESTING_MAX:
            raise NotAnObject(f"nested more than {NESTING_MAX} deep")


def _is_unicode(value: Any) -> bool:
    """Whether every text in a decoded value can be written as UTF-8."""
    if value is None or isinstance(value, bool) or (isinstance(value, str) and value.isascii()):
        return True
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
