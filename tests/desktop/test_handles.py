"""Files, programs, stores, secrets and transfers that stay open, in a real window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from io import SEEK_END
from typing import Any

import pytest
from sidecar_bridge import CommandError, Host, TransportError
from sidecar_bridge.tauri.shell import Stderr, Stdout, Terminated
from sidecar_bridge.tauri.upload import Progress

from hosts import LIMIT_S
from place import Place, place
from twins import Twin
from web import serving

DATA = bytes(range(256)) * 1000


@pytest.fixture(autouse=True)
def files(at: Place) -> None:
    """Files are as they were at first, whatever the test before has done."""
    at.files()


class Server(BaseHTTPRequestHandler):
    """Gives data, and what it was given."""

    def do_GET(self) -> None:
        self._answer(DATA)

    def do_PUT(self) -> None:
        # Without an announced length, the pieces are told one by one.
        body = b""
        if length := self.headers["Content-Length"]:
            body = self.rfile.read(int(length))
        else:
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        self._answer(b"got " + body)

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Nobody reads it."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving(Server) as url:
        yield url


def test_files_are_written_whole(at: Place, host: Host) -> None:
    host.fs.write_text(at.directory / "w é.txt", "né")
    host.fs.write_text(at.directory / "w é.txt", "!", append=True)
    assert (at.directory / "w é.txt").read_text() == "né!"
    host.fs.write_bytes(at.directory / "w.bin", b"\xff\x00")
    assert (at.directory / "w.bin").read_bytes() == b"\xff\x00"
    with pytest.raises(CommandError, match="File exists"):
        host.fs.write_text(at.directory / "w.bin", "", create_new=True)
    with pytest.raises(CommandError, match="forbidden path"):
        host.fs.write_text(at.other / "w.txt", "")


def test_a_file_stays_open(at: Place, host: Host) -> None:
    with host.fs.create(at.directory / "e.txt") as made:
        assert made.write(b"hello world") == 11
        assert made.stat().size == 11
        made.truncate(5)
    assert (at.directory / "e.txt").read_text() == "hello"
    with host.fs.open(at.directory / "e.txt", read=True) as file:
        assert file.seek(-2, SEEK_END) == 3
        assert file.read() == b"lo"
    with host.fs.read_lines(at.directory / "a.txt") as lines:
        assert [*lines] == ["héllo", "line2", "last"]


def test_a_watch_tells_of_changes(at: Place, host: Host) -> None:
    with host.fs.watch(at.directory / "watch") as changes:
        (at.directory / "watch/new.txt").write_text("new")
        change = next(iter(changes))
    assert at.directory / "watch/new.txt" in change.paths


def test_a_program_is_read_written_to_and_ended(host: Host) -> None:
    with host.shell.spawn("sh", ["-c", 'echo out; echo err >&2; read x; echo "got $x"; exit 4']) as child:
        first = {type(event): event for event in (child.receive(LIMIT_S), child.receive(LIMIT_S))}
        assert first.keys() == {Stdout, Stderr}
        child.write("yo\n")
        assert child.receive(LIMIT_S) == Stdout("got yo\n")
        assert child.receive(LIMIT_S) == Terminated(code=4, signal=None)
    with host.shell.spawn("sh", ["-c", "exec sleep 60"]) as child:
        child.kill()
        assert child.wait().signal == 9
    with pytest.raises(CommandError, match="No such file or directory"), host.shell.spawn("gone"):
        pass


def test_a_store_has_values_and_tells_of_changes(host: Host) -> None:
    store = host.store.load("s.json", defaults={"d": 1})
    store.clear()
    with store.changes() as changes:
        store.set("k", {"a": [1, None]})
        change = changes.receive(LIMIT_S)
    assert (change.key, change.value, change.exists) == ("k", {"a": [1, None]}, True)
    store.set("n", None)
    assert (store.get("n", "default"), store.get("gone", "default")) == (None, "default")
    assert store.has("k")
    assert sorted(store.keys()) == ["k", "n"]
    assert len(store.values()) == store.length() == 2
    assert store.entries() == {"k": {"a": [1, None]}, "n": None}
    assert store.delete("n")
    store.save()
    store.set("k", 2)
    store.reload()
    store.reset()
    assert store.entries() == {"d": 1}
    assert host.store.get("s.json") is not None
    assert host.store.get("gone.json") is None
    store.close()


def test_a_store_is_there_after_a_restart(twin: Twin) -> None:
    with place() as at:
        with twin(at.join()) as host:
            store = host.store.load("kept.json")
            store.set("k", "né")
            store.save()
            with suppress(TransportError):
                host.process.using(timeout_s=LIMIT_S).restart()
        hello = at.join()
        at.screen.window()
        with twin(hello) as again:
            assert again.store.load("kept.json").get("k") == "né"
            with suppress(TransportError):
                again.process.using(timeout_s=LIMIT_S).exit()


def test_secrets_are_in_a_file_that_a_password_opens(at: Place, host: Host) -> None:
    path = at.directory / "vault.hold"
    snapshot = host.stronghold.using(timeout_s=60).load(path, "password")
    client = snapshot.create_client("me")
    assert client.insert("key", b"value") is None
    assert client.get("key") == b"value"
    assert client.remove("key") == b"value"
    client.insert("kept", b"k")
    vault = client.vault("vault")
    vault.insert("record", b"secret")
    vault.remove("record")
    vault.generate_slip10_seed("seed", 32)
    snapshot.save()
    snapshot.unload()
    assert path.stat().st_size
    again = host.stronghold.using(timeout_s=60).load(path, "password")
    assert again.load_client("me").get("kept") == b"k"
    again.unload()


def test_files_go_to_a_server_and_come_from_it(at: Place, host: Host, server: str) -> None:
    told: list[Progress] = []
    assert (
        host.upload.upload(f"{server}/up", at.directory / "up.txt", method="PUT", on_progress=told.append)
        == "got upload me"
    )
    assert told[-1].progress_total == 9
    host.upload.download(f"{server}/down", at.directory / "down.bin", on_progress=told.append)
    assert (at.directory / "down.bin").read_bytes() == DATA
    assert told[-1].progress_total == len(DATA)
