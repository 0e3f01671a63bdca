"""What of uvicorn's own options `serve` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import os
    from collections.abc import Awaitable, Callable, Mapping
    from configparser import RawConfigParser
    from typing import IO, Any, Literal


class ServeOptions(TypedDict, total=False):
    """The options of uvicorn that `serve` and `serve_async` take as well; https://uvicorn.dev/settings describes them.

    Those that say where uvicorn listens, how many processes it starts and how long it waits are the host's.

    Attributes:
        factory: Whether `app` is a function that gives the app.
        interface: The version of ASGI; default: found out.
        lifespan: `"on"`: an app without lifespan does not start. `"off"`: the lifespan is not run. Default `"auto"`.
        root_path: Where the app lies below the root of its URLs.
        headers: Headers of every answer.
        server_header: Whether answers have uvicorn's `Server`. Default false.
        date_header: Whether answers have a `Date`, for which uvicorn wakes up ten times a second. Default false.
        log_config: How uvicorn sets up logging; `None`: not at all. Default: uvicorn's own.
        use_colors: Whether uvicorn's log has colours; default: on a terminal.
        env_file: A file with environment variables, for python-dotenv.
        limit_concurrency: How many connections and tasks there may be before answers are 503. The host keeps up to 64
            connections open.
        limit_max_requests: After how many requests the process ends, and the host starts it anew. Looked at ten times
            a second.
        limit_max_requests_jitter: How many more they are at most, by chance.
        timeout_notify: The seconds between two calls of `callback_notify`. Default 30.
        callback_notify: Called from time to time, in the event loop.
        ws_max_size: The most bytes that a message of a WebSocket may have. Default 16 MiB.
        ws_max_queue: The most messages that wait. Only some of uvicorn's WebSockets heed it.
        ws_ping_interval: The seconds between two pings. Default `None`: no pings, since the socket ends with the page.
        ws_ping_timeout: The seconds that an answer to a ping may take before the WebSocket is closed. Default `None`:
            a page that is slow is not gone.
        ws_per_message_deflate: Whether messages may be compressed. Default true.
        reset_contextvars: Whether each request begins with no context variables.
    """

    factory: bool
    interface: Literal["auto", "asgi2", "asgi3"]
    lifespan: Literal["auto", "on", "off"]
    root_path: str
    headers: list[tuple[str, str]]
    server_header: bool
    date_header: bool
    log_config: dict[str, Any] | str | os.PathLike[str] | RawConfigParser | IO[Any] | None
    use_colors: bool | None
    env_file: str | os.PathLike[str] | None
    limit_concurrency: int | None
    limit_max_requests: int | None
    limit_max_requests_jitter: int
    timeout_notify: int
    callback_notify: Callable[..., Awaitable[None]] | None
    ws_max_size: int
    ws_max_queue: int
    ws_ping_interval: float | None
    ws_ping_timeout: float | None
    ws_per_message_deflate: bool
    reset_contextvars: bool


_OWNED = {
    **dict.fromkeys(["host", "port", "uds", "fd", "backlog"], "the host opens the socket"),
    **dict.fromkeys(["workers", "timeout_worker_healthcheck"], "a sidecar serves in one process"),
    **dict.fromkeys(
        ["reload", "reload_dirs", "reload_delay", "reload_includes", "reload_excludes"],
        "`spawn.dev.reload` in tauri.conf.json says what to watch",
    ),
    **dict.fromkeys(["http", "http2", "ws", "h11_max_incomplete_event_size"], "the bridge says what the host speaks"),
    "timeout_keep_alive": "the host closes idle connections",
    "timeout_graceful_shutdown": "`stopTimeoutMs` in tauri.conf.json says it",
    **dict.fromkeys(["proxy_headers", "forwarded_allow_ips"], "no proxy stands before a private socket"),
}


_CHOICES = {"interface": ["auto", "asgi2", "asgi3"], "lifespan": ["auto", "on", "off"]}
_LEVELS = ["critical", "error", "warning", "info", "debug", "trace"]


def check_choices(options: Mapping[str, object]) -> None:
    """Refuse a word that an option cannot be, of which uvicorn says only `KeyError: 'warn'`: `ValueError`."""
    for name, choices in _CHOICES.items():
        if name in options:
            _choose(name, options[name], choices)
    level = options["log_level"]
    if isinstance(level, str):
        _choose("log_level", level.lower(), _LEVELS)


def _choose(name: str, value: object, choices: list[str]) -> None:
    if value not in choices:
        msg = f"`{name}` is {value!r}; use one of {', '.join(choices)}"
        raise ValueError(msg)


def check_options(options: Mapping[str, object]) -> None:
    """Refuse an option that `serve` does not take: `TypeError`."""
    for name in options:
        if name in ServeOptions.__annotations__:
            continue
        reason = _OWNED.get(name)
        if reason is None and name.startswith("ssl_"):
            reason = "a private socket needs no TLS"
        if reason is not None:
            msg = f"serve takes no `{name}`: {reason}; leave it out"
            raise TypeError(msg)
        msg = f"serve takes no `{name}`; `sidecar_bridge.ServeOptions` has the options of uvicorn that it takes"
        raise TypeError(msg)
    if options.get("interface") == "wsgi":
        raise TypeError("serve takes no `interface='wsgi'`; wrap the app: `serve(a2wsgi.WSGIMiddleware(app))`")
