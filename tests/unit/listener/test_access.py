"""Who may send, and where nobody can be let in without a token."""

from __future__ import annotations

from pathlib import Path

import pytest

from bursar.errors import BursarError, ExitCode
from bursar.listener.access import TOKEN_VARIABLE, is_allowed, read_token, refuse_open_door

TOKEN = "0123456789abcdef"


def test_a_token_is_read_from_the_file_before_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}-of-file\n")
    environment = {TOKEN_VARIABLE: f"{TOKEN}-of-environment"}
    assert read_token(path, environment) == f"{TOKEN}-of-file"
    assert read_token(None, environment) == f"{TOKEN}-of-environment"
    assert read_token(None, {}) is None


@pytest.mark.parametrize(
    "token", ["", "short", "with a blank in between", "ümlaute-sind-nicht-gut"]
)
def test_what_is_no_token_is_refused(token: str, tmp_path: Path) -> None:
    with pytest.raises(BursarError, match=f"The token in {TOKEN_VARIABLE} is not one"):
        read_token(None, {TOKEN_VARIABLE: token})
    (tmp_path / "token").write_text(token)
    with pytest.raises(BursarError, match="at least 16 letters"):
        read_token(tmp_path / "token", {})


def test_a_token_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BursarError, match="cannot be read") as refused:
        read_token(tmp_path / "missing", {TOKEN_VARIABLE: TOKEN})
    assert refused.value.exit_code is ExitCode.BAD_USAGE


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer  {TOKEN}"])
def test_the_token_opens(header: str) -> None:
    assert is_allowed(header.encode(), TOKEN)


@pytest.mark.parametrize(
    "header", [None, b"", b"Bearer", b"Bearer ", TOKEN.encode(), b"Basic " + TOKEN.encode()]
)
def test_anything_else_does_not(header: bytes | None) -> None:
    assert not is_allowed(header, TOKEN)
    assert is_allowed(header, None)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    refuse_open_door(host, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.1.2.3", "192.0.2.1"])
def test_every_other_address_needs_one(host: str) -> None:
    with pytest.raises(BursarError, match="there is no token") as refused:
        refuse_open_door(host, None)
    assert refused.value.exit_code is ExitCode.BAD_USAGE
    refuse_open_door(host, TOKEN)


def test_what_is_no_address_is_told() -> None:
    with pytest.raises(BursarError, match="is no address"):
        refuse_open_door("no..address", None)
