"""Who may send: the token, and the addresses on which none is needed.

Owns where the token comes from, how one is compared, and the refusal to listen without one where
strangers can reach. It leaves the request to ``bursar.listener.api``.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from bursar.errors import BursarError, ExitCode

TOKEN_VARIABLE = "BURSAR_INGEST_TOKEN"  # noqa: S105 - the variable's name, not a token
TOKEN_CHARACTERS_MIN = 16
_SCHEME = b"bearer "


def read_token(token_file: Path | None, environment: Mapping[str, str]) -> str | None:
    """The token that senders must show: the file's, else the environment's, else none.

    Raises:
        BursarError: The file cannot be read, or the token is too short or not plain text.
    """
    if token_file is not None:
        try:
            token = token_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BursarError(
                f"The token file {token_file} cannot be read: {error}.",
                remedy="Name a text file that holds the token and nothing else.",
                exit_code=ExitCode.BAD_USAGE,
            ) from error
        place = f"the file {token_file}"
    elif TOKEN_VARIABLE in environment:
        token, place = environment[TOKEN_VARIABLE].strip(), TOKEN_VARIABLE
    else:
        return None
    is_plain = token.isascii() and token.isprintable() and " " not in token
    if len(token) < TOKEN_CHARACTERS_MIN or not is_plain:
        raise BursarError(
            f"The token in {place} is not one: it needs at least {TOKEN_CHARACTERS_MIN} letters, "
            "digits or signs, without blanks.",
            remedy="Make one with `openssl rand -hex 32`.",
            exit_code=ExitCode.BAD_USAGE,
        )
    return token


def is_allowed(header: bytes | None, token: str | None) -> bool:
    """Whether an Authorization header shows the token; how long it takes tells nothing of it."""
    if token is None:
        return True
    if header is None or header[: len(_SCHEME)].lower() != _SCHEME:
        return False
    shown = header[len(_SCHEME) :].strip()
    return hmac.compare_digest(sha256(shown).digest(), sha256(token.encode()).digest())


def refuse_open_door(host: str, token: str | None) -> None:
    """Refuses an address that other machines reach, if there is no token.

    Raises:
        BursarError: It is such an address, or none at all.
    """
    try:
        found = socket.getaddrinfo(host or None, 0, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise BursarError(
            f"--host {host} is no address: {error}.",
            remedy="Name an address of this machine, such as 127.0.0.1.",
            exit_code=ExitCode.BAD_USAGE,
        ) from error
    addresses = {str(entry[4][0]).partition("%")[0] for entry in found}
    is_open = not all(ipaddress.ip_address(address).is_loopback for address in addresses)
    if is_open and token is None:
        raise BursarError(
            f"{host or 'Every address'} can be reached from other machines, and there is no token: "
            "anyone could send usage.",
            remedy=f"Give --token-file FILE or set {TOKEN_VARIABLE}, or listen on 127.0.0.1.",
            exit_code=ExitCode.BAD_USAGE,
        )
