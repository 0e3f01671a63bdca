"""What somebody may have given as an app."""

from __future__ import annotations

import inspect
import logging
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

STARTUP_FAILED = 3
"""uvicorn's exit code when the app does not start."""

_logger = logging.getLogger("uvicorn.error")


def check_app(app: object) -> None:
    """Refuse what is no ASGI app and will not give one: `TypeError`."""
    if not callable(app):
        msg = f"{_name(app)} is no ASGI app: it cannot be called; give the app, or where it is: `module:attribute`"
        raise TypeError(msg)
    if _takes(app, 2) and not any(_takes(app, count) for count in (0, 1, 3)):
        msg = (
            f"{_name(app)} is a WSGI app, and `serve` takes ASGI apps; install a2wsgi and wrap the app: "
            "`serve(a2wsgi.WSGIMiddleware(app))`"
        )
        raise TypeError(msg)


def load_app(app: Callable[..., Any] | str, *, factory: bool) -> Callable[..., Any]:
    """Import the app if it is a string, and make it if it is a function that gives one.

    Raises:
        SystemExit: With 3 when there is nothing of that name, as uvicorn has it.
        TypeError: It is no ASGI app.
    """
    found: Any = _imported(app) if isinstance(app, str) else app
    if factory or (callable(found) and _takes(found, 0) and not _takes(found, 3)):
        found = found()
        if inspect.iscoroutine(found):
            found.close()
            msg = f"{_name(app)} is a coroutine function; the function that gives the app cannot be one"
            raise TypeError(msg)
    check_app(found)
    return found  # type: ignore[no-any-return] # checked


def is_of_asgi2(app: Callable[..., Any]) -> bool:
    """Tell whether the app takes the scope alone, and gives what takes the rest."""
    return _takes(app, 1) and not _takes(app, 3)


def _imported(name: str) -> Any:
    from uvicorn.importer import ImportFromStringError, import_from_string  # noqa: PLC0415 - the refusals need none

    try:
        return import_from_string(name)
    except ImportFromStringError as error:
        _logger.error("Error loading ASGI app. %s", error)
        sys.exit(STARTUP_FAILED)


def _takes(app: Callable[..., Any], count: int) -> bool:
    """Tell whether the app can be called with so many arguments; a builtin that does not say is as in ASGI 3."""
    try:
        inspect.signature(app).bind(*range(count))
    except TypeError:
        return False
    except ValueError:
        return count == 3  # noqa: PLR2004 - scope, receive, send
    return True


def _name(app: object) -> str:
    if isinstance(app, str):
        return f"`{app}`"
    kind = app if inspect.isfunction(app) or inspect.isclass(app) else type(app)
    return f"`{kind.__module__}.{kind.__qualname__}`"
