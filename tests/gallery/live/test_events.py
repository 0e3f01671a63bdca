"""Every event of the gallery, emitted by Rust and by Python, and heard by both twins."""

from __future__ import annotations

import pytest
from sidecar_bridge import Host, TransportError
from sidecar_bridge._serve.hello import Hello

import bindings
from app import Twin, description, names, samples
from hosts import LIMIT_S

EMITTERS = {
    "counted": "emit_counted",
    "file_changed": "emit_file_changed",
    "finished": "emit_finished",
    "message_received": "emit_message",
    "pointer_moved_now": "emit_pointer",
    "progress": "emit_progress",
    "theme_changed": "emit_theme",
}
"""The commands that emit them."""

EVENTS = [*EMITTERS, "class_"]


def test_no_event_is_left_out() -> None:
    assert set(names(bindings.Events)) == set(names(bindings.AsyncEvents)) == set(EVENTS)


@pytest.mark.parametrize(("event", "command"), EMITTERS.items())
def test_an_event_of_rust_is_heard(twin: Twin, other: Twin, event: str, command: str) -> None:
    payloads = samples(description(event)._payload)

    def tell() -> None:
        for payload in payloads:
            other.call(command, *([] if payload is None else [payload]))

    assert payloads
    assert twin.heard(event, len(payloads), tell) == payloads


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_of_python_is_heard(twin: Twin, other: Twin, event: str) -> None:
    payloads = samples(description(event)._payload)

    def emit(by: Twin) -> None:
        for payload in payloads:
            by.emit(event, payload)

    assert payloads
    assert twin.heard(event, len(payloads), lambda: emit(other)) == payloads
    assert other.heard(event, len(payloads), lambda: emit(twin)) == payloads


def test_a_payload_of_another_type_is_not_sent(twin: Twin) -> None:
    with pytest.raises(ValueError, match="Expected `int`"):
        twin.emit("counted", "many")


def test_a_payload_that_is_not_what_the_bindings_say(twin: Twin, hello: Hello) -> None:
    with Host(hello.host_path, hello.token) as host:
        tell = lambda: host.emit("counted", "many", timeout_s=LIMIT_S)  # noqa: E731 - it is one call
        with pytest.raises(TransportError, match="payload of event `counted` is not what these bindings say"):
            twin.heard("counted", 1, tell)
