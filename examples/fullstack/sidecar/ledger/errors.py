"""How errors look on the wire: always `{"detail": "one sentence"}`."""

import logging
from http import HTTPStatus
from reprlib import repr as shorten
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sidecar_bridge import BridgeError, ProblemError, TransportError
from sidecar_bridge.jobs import JobsError
from starlette.exceptions import HTTPException as StarletteHTTPException

from ledger.faults import DatabaseUnusableError

_SECRET = {"password"}
_STARLETTE_S_OWN = {HTTPStatus.NOT_FOUND.phrase, HTTPStatus.METHOD_NOT_ALLOWED.phrase}

_logger = logging.getLogger(__name__)


class Failure(BaseModel):
    """What went wrong, and what to do about it."""

    detail: str


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document that a route answers with these statuses when it fails."""
    return {status: {"model": Failure} for status in (*statuses, 422)}


def refusal(status: int, detail: str, headers: dict[str, str] | None = None) -> HTTPException:
    """Make the error to raise in a route."""
    return HTTPException(status, detail, headers)


def install_handlers(app: FastAPI) -> None:
    """Turn what may come up from below into sentences."""
    app.add_exception_handler(StarletteHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DatabaseUnusableError, _database_unusable)
    app.add_exception_handler(BridgeError, _desktop_failed)
    app.add_exception_handler(Exception, _mistake)


def _answer(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - registered for this class
    detail = error.detail
    if detail in _STARLETTE_S_OWN:
        detail = f"this app does not answer {request.method} {request.url.path}; see /openapi.json"
    return JSONResponse({"detail": detail}, error.status_code, error.headers)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return _answer(422, f"the body is not JSON: {first['ctx']['error']}; send an object")
    field = first["loc"][-1]
    message = first["msg"][:1].lower() + first["msg"][1:]
    # `missing` and the like have all of the object as their input.
    given = "" if field in _SECRET or isinstance(first["input"], dict | list) else f", not {shorten(first['input'])}"
    return _answer(422, f"`{field}`: {message}{given}")


async def _mistake(_request: Request, _error: Exception) -> JSONResponse:
    # Starlette raises it again, so that the server logs it.
    return _answer(500, "an error of the app; see its log")


async def _database_unusable(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DatabaseUnusableError)  # noqa: S101 - registered for this class
    _logger.warning("the database is %s: %s", error.fault.condition, error.__cause__)
    return _answer(error.fault.status, error.fault.detail)


async def _desktop_failed(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, JobsError):
        return _answer(503, str(error))
    _logger.warning("the desktop refused: %s", error)
    if isinstance(error, ProblemError):
        return _answer(error.problem.status, error.problem.detail)
    if isinstance(error, TransportError):
        return _answer(503, "the desktop app does not answer; start it again")
    return _answer(503, "this needs the desktop app, and the server runs without it; start the app")
