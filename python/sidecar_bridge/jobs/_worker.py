"""What an executor runs: one attempt of a job. Nothing but plain data goes in or out.

An exception that does not unpickle breaks a whole process pool, and `SystemExit` of a job would end the sidecar. So
what a function raises comes back as text.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import signal
import sys
import threading
import traceback
from importlib import import_module
from multiprocessing import connection, parent_process
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pydantic_core import from_json, to_json

from sidecar_bridge.jobs._errors import Cancelled, InvalidArgumentsError, NotImportableError
from sidecar_bridge.jobs._job import Job, readable
from sidecar_bridge.jobs._memory import limited
from sidecar_bridge.jobs._shape import Shape, call, without_nan
from sidecar_bridge.jobs._ways import socket_to, way_to

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from sidecar_bridge.jobs._ways import Address, Message

NICENESS = 10
"""How much less priority a process of the sidecar's own has, as `nice` has it."""

Outcome: TypeAlias = "tuple[Message, bytes | None]"
"""What became of an attempt, and its result as JSON."""


class Order(NamedTuple):
    """An attempt.

    Attributes:
        id: The job's.
        attempt: How often the job was begun.
        token: Names this attempt, and no other one.
        name: The job's name.
        line: Where its function begins in its file; `None` of what has no source.
        module: Where the function is.
        qualname: Its name in there.
        by_value: The function and its arguments by cloudpickle, where no worker could import it.
        arguments: The arguments as JSON.
        checkpoint: What the attempt before kept, as JSON.
        address: The way to the sidecar.
        max_result_bytes: How large the result may be as JSON.
        max_memory_bytes: How much memory the process may have.
    """

    id: str
    attempt: int
    token: str
    name: str
    line: int | None
    module: str
    qualname: str
    by_value: bytes | None
    arguments: bytes
    checkpoint: str | None
    address: Address
    max_result_bytes: int
    max_memory_bytes: int | None


def run(order: Order, shape: Shape | None = None) -> Outcome:
    """Run an attempt; raises nothing at all. `shape` is the function, in a thread of the sidecar."""
    try:
        way = way_to(order.address, order.token)
    except Exception as error:  # whatever the network says
        detail = f"this worker cannot reach the sidecar: {error}; give remote workers work through Dask"
        return _failed("worker_lost", detail, error), None
    job = Job(
        order.id,
        order.attempt,
        restored=None if order.checkpoint is None else from_json(order.checkpoint),
        way=way,
    )
    try:
        if not way.claim():
            return {"end": "lost", "sent": 0}, None
        job._send({"kind": "started"})
        job._start()
        message, result = _attempt(job, order, shape)
    except BaseException as error:  # see above
        message, result = _failed("exception", str(error), error), None
    try:
        return {**message, **job._finish(is_done=message["end"] == "done")}, result
    finally:
        way.close()


def _attempt(job: Job, order: Order, shape: Shape | None) -> Outcome:  # noqa: PLR0911 - one for each end
    try:
        job.check()
        function, values, encode = _found(order, shape)
        with limited(order.max_memory_bytes):
            result = call(function, job, values)
    except Cancelled:
        return {"end": "cancelled"}, None
    except NotImportableError as error:
        return _failed("not_importable", str(error), error.__cause__ or error), None
    except InvalidArgumentsError as error:
        return _failed("invalid_arguments", str(error), error), None
    except BaseException as error:  # see above
        return _failed("exception", _text(error), error), None
    try:
        encoded = encode(result)
    except Exception as error:  # whatever serializers of models raise
        detail = f"the result is not what the function says it returns: {_text(error)}"
        return _failed("invalid_result", detail, error), None
    if len(encoded) > order.max_result_bytes:
        most = order.max_result_bytes
        detail = f"the result has {len(encoded)} bytes as JSON, and may have {most}; write a file, and return its path"
        return _failed("result_too_large", detail), None
    return {"end": "done"}, encoded


def _found(order: Order, shape: Shape | None) -> tuple[Callable[..., Any], dict[str, Any], Callable[[Any], bytes]]:
    if order.by_value is not None:
        function, values = pickle.loads(order.by_value)  # noqa: S301 - the sidecar made it
        return function, values, lambda result: without_nan(to_json(result))
    if shape is None:
        shape = _imported(order)
    return shape.function, shape.values(order.arguments), shape.encode


def _imported(order: Order) -> Shape:
    where = f"{order.module}.{order.qualname}"
    try:
        found: Any = import_module(order.module)
        for name in order.qualname.split("."):
            found = getattr(found, name)
    except BaseException as error:  # the module's top level may raise anything
        msg = f"the worker cannot import `{where}`: {_text(error)}; define jobs in a module that it finds"
        raise NotImportableError(msg) from error
    shape = getattr(found, "shape", None)
    if not isinstance(shape, Shape):
        msg = f"`{where}` is no job in the worker; decorate it where it is defined, whoever imports it"
        raise NotImportableError(msg)
    # One function may be two jobs; two functions of one name are mixed up.
    if shape.name != order.name and shape.line != order.line:
        msg = f"`{where}` is job `{shape.name}` in the worker, not `{order.name}`; give each function a name of its own"
        raise NotImportableError(msg)
    return shape


def _failed(code: str, detail: str, error: BaseException | None = None) -> Message:
    failure: Message = {"code": code, "detail": readable(detail)}
    if error is not None:
        kind = type(error)
        failure["type"] = (
            kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        )
        failure["traceback"] = readable("".join(traceback.format_exception(error)))
    return {"end": "failed", "failure": failure, "sent": 0}


def _text(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # an exception's own code
        text = ""
    if isinstance(error, SystemExit):
        return f"the function called sys.exit({error.code!r})"
    return text or type(error).__name__


def begin_process(address: str, key: bytes, errors: Connection[Any, Any] | None) -> None:
    """Begin a worker process of the sidecar's own: it ends with the sidecar, and the sidecar reads its last words.

    It has less priority than the sidecar, whose routes answer then also while jobs use all processors.
    """
    # Ctrl+C goes to all processes of a terminal. It ends the sidecar, which then tells its jobs to stop. Not
    # `SIG_IGN`, which programs that a job starts would have as well.
    signal.signal(signal.SIGINT, lambda *_: None)
    if sys.platform != "win32":
        os.nice(NICENESS)
    if errors is not None and sys.platform != "win32":
        os.dup2(errors.fileno(), 2)
        errors.close()
        # A crash in C says where.
        faulthandler.enable(2)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), name="sidecar-bridge-parent", daemon=True).start()
    socket_to(address, key)


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
