"""The HTTP edge: requests to the intake, outcomes to answers.

Owns the routes, the status codes and the words of every refusal. A request is refused as early as
it can be: before its body is read by its path, method, token, type and announced length.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bursar.landing.instants import format_instant
from bursar.listener.access import is_allowed
from bursar.listener.intake import Intake
from bursar.listener.journal import Closed, SpoolFull
from bursar.listener.outcomes import Outcome, Verdict
from bursar.listener.splitting import NotABatch, split_array

INGEST_PATH = "/v1/ingest"
HEALTH_PATH = "/healthz"
BODY_BYTES_MAX = 4 * 1024 * 1024
BODY_SECONDS_MAX = 30.0
RETRY_SECONDS = 5
_MEDIA_TYPE = "application/json"


def make_app(intake: Intake, token: str | None) -> Starlette:
    """The ASGI application that feeds the intake; senders must show the token, if there is one."""

    async def ingest(request: Request) -> Response:
        _refuse_by_headers(request, token)
        try:
            events = split_array(await _read_body(request))
        except NotABatch as error:
            raise HTTPException(400, f"The body is {error}") from None
        return await _taken(intake, events)

    async def health(request: Request) -> Response:
        state = intake.health()
        status = "stopping" if not state.is_taking else "landing waits" if state.problem else "ok"
        content = {
            "status": status,
            "spooled_bytes": state.spooled_bytes,
            "segments_waiting": state.segments_waiting,
        }
        return _json(200 if state.is_taking else 503, content)

    return Starlette(
        routes=[
            Route(INGEST_PATH, ingest, methods=["POST"]),
            Route(HEALTH_PATH, health, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _refusal},
    )


def _refuse_by_headers(request: Request, token: str | None) -> None:
    authorization = request.headers.get("authorization")
    if not is_allowed(authorization.encode("latin-1") if authorization else None, token):
        raise HTTPException(
            401,
            "Show the token as `Authorization: Bearer TOKEN`",
            {"WWW-Authenticate": "Bearer"},
        )
    # Not only for order's sake: a page in a browser on this machine may send text or a form to
    # 127.0.0.1 without asking, but not this type.
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _MEDIA_TYPE:
        raise HTTPException(415, f"Send `Content-Type: {_MEDIA_TYPE}`")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "Send the body as it is, without Content-Encoding")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > BODY_BYTES_MAX:
        raise _too_large()


def _too_large() -> HTTPException:
    # The rest of the body is not read, so the connection is of no more use.
    return HTTPException(
        413, f"The body has more than {BODY_BYTES_MAX:,} bytes", {"Connection": "close"}
    )


async def _read_body(request: Request) -> bytes:
    parts = []
    size_bytes = 0
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            async for part in request.stream():
                size_bytes += len(part)
                if size_bytes > BODY_BYTES_MAX:
                    raise _too_large()
                parts.append(part)
    except TimeoutError:
        raise HTTPException(
            408, f"The body did not come within {BODY_SECONDS_MAX:.0f} s", {"Connection": "close"}
        ) from None
    except ClientDisconnect:
        raise HTTPException(400, "The body did not come to its end") from None
    return b"".join(parts)


async def _taken(intake: Intake, events: list[bytes]) -> Response:
    """The answer to events: 200 when they are durable."""
    later = {"Retry-After": str(RETRY_SECONDS)}
    try:
        received_at = await asyncio.wrap_future(intake.submit(events))
    except SpoolFull:
        raise HTTPException(
            429, "Too many events wait to be landed; send these again", later
        ) from None
    except Closed:
        raise HTTPException(503, "The listener is stopping; send these again", later) from None
    except OSError as error:
        reason = error.strerror or "the disk failed"
        raise HTTPException(
            503, f"The events could not be written ({reason}); send these again", later
        ) from None
    return _json(200, _answer(intake.outcomes(events, received_at), received_at))


def _answer(found: list[Outcome], received_at: int) -> dict[str, Any]:
    verdicts = [outcome.verdict for outcome in found]
    return {
        "received_at": format_instant(received_at),
        **{verdict.value: verdicts.count(verdict) for verdict in Verdict},
        "events": [outcome.to_json(index) for index, outcome in enumerate(found)],
    }


async def _refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    words = {
        404: f"There is nothing here; send events to POST {INGEST_PATH}",
        405: f"Not with {request.method}; events are sent with POST {INGEST_PATH}",
    }.get(error.status_code, error.detail)
    return _json(error.status_code, {"error": f"{words}."}, dict(error.headers or {}))


def _json(status: int, content: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(content), status, headers, _MEDIA_TYPE)
