"""What generated bindings are made of; `pydantic` and `msgspec` beside this module add what their types need.

Applications use the classes of the generated module, not these.
"""

from __future__ import annotations

from sidecar_bridge._serve.contract import contract
from sidecar_bridge.bindings._async_bound import AsyncBoundCommands, AsyncBoundEvents, AsyncEvent
from sidecar_bridge.bindings._bound import BoundCommands, BoundEvents, Event
from sidecar_bridge.bindings._descriptions import Codec, Command, EventType, Messages, TypedCommandError

__all__ = [
    "AsyncBoundCommands",
    "AsyncBoundEvents",
    "AsyncEvent",
    "BoundCommands",
    "BoundEvents",
    "Codec",
    "Command",
    "Event",
    "EventType",
    "Messages",
    "TypedCommandError",
    "contract",
]
