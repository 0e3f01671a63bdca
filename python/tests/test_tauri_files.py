"""Files through the plugin fs: written, open, read line by line, watched."""

from __future__ import annotations

import asyncio
import gc
import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hosts import LIMIT_S, Endpoint, Run

from sidecar_bridge import (
    AsyncHost,
    CommandError,
    Host,
    NotFoundError,
    PermissionDeniedError,
    ResourceClosedError,
    UnauthenticatedError,
    UnexpectedTypeError,
)
from sidecar_bridge.tauri.fs import Change, ChangeType
from sidecar_bridge.tauri.path import BaseDirectory
from sidecar_bridge.testing import Call, FakeHost

RID = 3377250011


def close_of(rid: int = RID) -> Call:
    return Call("plugin:resources|close", {"rid": rid}, "main")


@pytest.mark.parametrize("data", ["hé\n", ""])
def test_text_goes_as_raw_bytes_with_path_and_options_in_headers(data: str, run: Run, fake: FakeHost) -> None:
    fake.answers("plugin:fs|write_text_file")
    run(lambda host: host.fs.write_text("/dir/w é%.txt", data, create_new=True, base_dir=BaseDirectory.HOME))
    (call,) = fake.calls
    assert call.args == data.encode()
    assert call.headers == {"path": "%2Fdir%2Fw%20%C3%A9%25.txt", "options": '{"createNew":true,"baseDir":21}'}


@pytest.mark.parametrize("data", [b"\xff\0", bytearray(b"\xff\0"), memoryview(b"\xff.\0.")[::2]])
def test_bytes_of_every_kind_go_as_they_are(data: Any, run: Run, fake: FakeHost) -> None:
    fake.answers("plugin:fs|write_file")
    run(lambda host: host.fs.write_bytes(Path("/dir/w4.bin"), data))
    (call,) = fake.calls
    assert (call.args, call.headers) == (b"\xff\0", {"path": "%2Fdir%2Fw4.bin"})


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda fs: fs.write_text("a", b"x"), "`data` must be a str, not bytes"),
        (lambda fs: fs.write_bytes("a", "x"), "`data` must be bytes, not str"),
        (lambda fs: fs.write_bytes("a", b"", append=1), "`append` must be a bool, not int"),
        (lambda fs: fs.write_bytes(1, b""), "`path` must be a path or a str, not int"),
        (lambda fs: fs.open("a", mode="rb"), "`mode` must be an int, not str"),
        (lambda fs: fs.create("a", base_dir=1), "`base_dir` must be a BaseDirectory, not int"),
        (lambda fs: watching(fs, "a", delay=2), "`delay` must be a timedelta, not int"),
        (lambda fs: watching(fs, 1), "`paths` must be a list, not int"),
        (lambda fs: watching(fs, ["a", 1]), r"`paths\[1\]` must be a path or a str, not int"),
    ],
)
def test_a_wrong_argument_is_refused_before_it_leaves(
    use: Callable[[Any], Any], message: str, run: Run, fake: FakeHost
) -> None:
    with pytest.raises(TypeError, match=message):
        run(lambda host: use(host.fs))
    with pytest.raises(ValueError, match="`delay in milliseconds` must be 0 or more, not -1"):
        run(lambda host: watching(host.fs, "a", delay=timedelta(milliseconds=-1)))
    assert not fake.calls


def watching(fs: Any, paths: Any, **options: Any) -> Any:
    """Enter and leave a watch."""
    if type(fs).__name__ == "Fs":
        with fs.watch(paths, **options):
            return None

    async def enter() -> None:
        async with fs.watch(paths, **options):
            pass

    return enter()


def test_a_file_is_opened_as_its_options_say_and_closed_by_its_block(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:fs|open", RID)
    fake_host.answers("plugin:fs|create", RID + 1)
    fs = fake_host.host.fs
    with fs.open("/dir/n.txt", read=True, write=True, create=True) as file:
        assert (file.rid, file.window) == (RID, "main")
    with fs.open("a.txt"):
        pass
    fs.using(window="main").create(Path("e.txt"), base_dir=BaseDirectory.APP_DATA).close()
    assert fake_host.args_of("plugin:fs|open") == [
        {"path": "/dir/n.txt", "options": {"read": True, "write": True, "create": True}},
        {"path": "a.txt"},
    ]
    assert fake_host.args_of("plugin:fs|create") == [{"path": "e.txt", "options": {"baseDir": 14}}]
    assert fake_host.undone == [close_of(), close_of(), close_of(RID + 1)]


class Disk:
    """What stands for an open file at a fake host: gives and takes no more than so many bytes in a call."""

    def __init__(self, fake: FakeHost, content: bytes, most: int) -> None:
        self.file, self.most = io.BytesIO(content), most
        fake.answers("plugin:fs|open", RID)
        fake.answers("plugin:fs|read", lambda call: self.read(call.args["len"]))
        fake.answers("plugin:fs|write", lambda call: self.file.write(bytes(call.args["data"][: self.most])))
        fake.answers("plugin:fs|seek", lambda call: self.file.seek(call.args["offset"], call.args["whence"]))
        fake.answers("plugin:fs|ftruncate")

    def read(self, size: int) -> bytes:
        data = self.file.read(min(size, self.most))
        return data + len(data).to_bytes(8)


async def test_a_file_is_read_in_pieces_or_to_its_end(fake_host: FakeHost) -> None:
    Disk(fake_host, b"hello", 2)
    async with await fake_host.async_host.fs.open("a") as file:
        assert [await file.read(1), await file.read(9), await file.read(), await file.read(), await file.read(0)] == [
            b"h",
            b"el",
            b"lo",
            b"",
            b"",
        ]
        with pytest.raises(ValueError, match="`size` must be 0 or more, not -1"):
            await file.read(-1)


async def test_what_the_buffer_has_behind_the_count_is_no_part_of_the_file(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:fs|open", RID)
    file = await fake_host.async_host.fs.open("a")
    fake_host.answers("plugin:fs|read", bytes([104, 195, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]))
    assert await file.read(4) == b"h\xc3"
    fake_host.answers("plugin:fs|read", bytes([104, 0, 0, 0, 0, 0, 0, 0, 2]))
    with pytest.raises(UnexpectedTypeError, match=r"`plugin:fs\|read` has the count 2 behind 1 bytes"):
        await file.read(4)


def test_all_is_written_however_little_the_system_takes_at_once(fake_host: FakeHost) -> None:
    disk = Disk(fake_host, b"", 3)
    with fake_host.host.fs.open("a", write=True) as file:
        assert file.write(bytearray(b"0123456789")) == 10
        assert file.write(b"") == 0
        assert file.seek(-2, io.SEEK_END) == 8
        assert file.read() == b"89"
        file.truncate()
        with pytest.raises(ValueError, match="`whence` must be one of 0, 1, 2, not 7"):
            file.seek(0, 7)
    assert disk.file.getvalue() == b"0123456789"
    assert fake_host.args_of("plugin:fs|ftruncate") == [{"rid": RID, "len": 0}]


def test_a_system_that_takes_nothing_does_not_hold_the_writer_for_ever(fake_host: FakeHost) -> None:
    Disk(fake_host, b"", 0)
    with (
        fake_host.host.fs.open("a", write=True) as file,
        pytest.raises(UnexpectedTypeError, match="in place of a number above 0"),
    ):
        file.write(b"x")


async def test_a_handle_after_its_end_is_a_typed_error(fake_host: FakeHost) -> None:
    Disk(fake_host, b"hello", 9)
    fs = fake_host.async_host.fs
    file = await fs.open("a")
    await file.close()
    for use in (file.read, lambda: file.write(b"x"), file.stat, file.truncate, lambda: file.seek(0)):
        with pytest.raises(ResourceClosedError, match=rf"<AsyncFile {RID} \(closed, window 'main'\)> has ended"):
            await use()
    assert fake_host.args_of("plugin:fs|read") == []


@pytest.mark.parametrize(
    ("refuse", "how"),
    [
        (lambda fake: fake.fails("plugin:fs|read", f"The resource id {RID} is invalid."), "closed by the app"),
        (lambda fake: fake.refuses("plugin:fs|read", "unauthenticated"), "gone with an earlier generation"),
        (
            lambda fake: fake.refuses("plugin:fs|read", "not_found", "no window `main`; open: `settings`"),
            "gone with its window",
        ),
    ],
)
async def test_a_handle_that_ended_elsewhere_is_a_typed_error_too(
    refuse: Callable[[FakeHost], None], how: str, fake_host: FakeHost
) -> None:
    Disk(fake_host, b"", 9)
    refuse(fake_host)
    file = await fake_host.async_host.fs.open("a")
    for _ in range(2):
        with pytest.raises(ResourceClosedError, match=how):
            await file.read(1)
    await file.close()
    assert fake_host.undone == []


async def test_other_errors_of_a_handle_are_what_they_are(fake_host: FakeHost) -> None:
    Disk(fake_host, b"", 9)
    file = await fake_host.async_host.fs.open("a")
    fake_host.fails("plugin:fs|read", "failed to read bytes from file with error: Bad file descriptor (os error 9)")
    with pytest.raises(CommandError, match="Bad file descriptor"):
        await file.read(1)
    fake_host.refuses("plugin:fs|read", "not_found", "command `plugin:fs|read` is not there")
    with pytest.raises(NotFoundError, match="is not there"):
        await file.read(1)
    assert not file.is_closed


async def test_a_file_that_nobody_holds_is_closed(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:fs|open", RID)
    held = [await fake_host.async_host.fs.open("a")]
    held.clear()
    gc.collect()
    await asyncio.to_thread(fake_host.wait_until, lambda: fake_host.undone == [close_of()])


@pytest.fixture
def lines(fake_host: FakeHost) -> Iterator[None]:
    left = iter([b"h\xc3\xa9llo\0", b"\0", b"last\0", b"\1"])
    fake_host.answers("plugin:fs|read_text_file_lines", RID)
    fake_host.answers("plugin:fs|read_text_file_lines_next", lambda _call: next(left))
    return iter(())


@pytest.mark.usefixtures("lines")
async def test_lines_come_until_the_file_ends_which_closes_it(fake_host: FakeHost) -> None:
    lines = await fake_host.async_host.fs.read_lines("a.txt")
    assert [line async for line in lines] == ["héllo", "", "last"]
    assert [line async for line in lines] == []
    assert lines.is_closed
    await lines.close()
    assert fake_host.undone == []


@pytest.mark.usefixtures("lines")
def test_lines_that_are_not_read_to_the_end_are_closed_by_the_block(fake_host: FakeHost) -> None:
    with fake_host.host.fs.read_lines("a.txt") as lines:
        assert next(iter(lines)) == "héllo"
    assert fake_host.undone == [close_of()]
    with pytest.raises(ResourceClosedError):
        next(lines)


SEEN = [
    (
        {"type": {"create": {"kind": "file"}}, "paths": ["/dir/watch/a"], "attrs": {}},
        Change(ChangeType.CREATE, (Path("/dir/watch/a"),), "file"),
    ),
    (
        {"type": {"modify": {"kind": "data", "mode": "any"}}, "paths": ["/dir/watch/a"], "attrs": {}},
        Change(ChangeType.MODIFY, (Path("/dir/watch/a"),), "data", "any"),
    ),
    (
        {"type": {"modify": {"kind": "rename", "mode": "both"}}, "paths": ["/a", "/b"], "attrs": {"tracker": 7}},
        Change(ChangeType.MODIFY, (Path("/a"), Path("/b")), "rename", "both", 7),
    ),
    (
        {"type": {"remove": {"kind": "file"}}, "paths": ["/dir/watch/a"], "attrs": {}},
        Change(ChangeType.REMOVE, (Path("/dir/watch/a"),), "file"),
    ),
    (
        {"type": {"access": {"kind": "close", "mode": "write"}}, "paths": ["/dir/watch/a"], "attrs": {}},
        Change(ChangeType.ACCESS, (Path("/dir/watch/a"),), "close", "write"),
    ),
    ({"type": "any", "paths": [], "attrs": {}}, Change(ChangeType.ANY, ())),
    ({"type": "other", "paths": [], "attrs": {}}, Change(ChangeType.OTHER, ())),
]


async def test_changes_are_records_of_what_the_system_tells(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:fs|watch", RID)
    fs = fake_host.async_host.fs
    async with fs.watch(["/dir/watch", Path("b")], delay=timedelta(seconds=0.3), recursive=True) as changes:
        (args,) = fake_host.args_of("plugin:fs|watch")
        for sent, _ in SEEN:
            fake_host.send(args["onEvent"], sent)
        assert [await changes.receive(LIMIT_S) for _ in SEEN] == [change for _, change in SEEN]
        fake_host.send(args["onEvent"], {"type": "exploded", "paths": []})
        with pytest.raises(UnexpectedTypeError, match=r"plugin:fs\|watch` has 'exploded' is not a valid ChangeType"):
            await changes.receive(LIMIT_S)
    assert {**args, "onEvent": ""} == {
        "paths": ["/dir/watch", "b"],
        "options": {"delayMs": 300, "recursive": True},
        "onEvent": "",
    }
    assert fake_host.undone == [close_of()]


def test_one_path_may_stand_alone_and_options_are_sent_though_empty(run: Run, fake: FakeHost) -> None:
    fake.answers("plugin:fs|watch", RID)
    run(lambda host: watching(host.fs, Path("/dir")))
    (args,) = fake.args_of("plugin:fs|watch")
    assert (args["paths"], args["options"]) == (["/dir"], {})


def test_a_watch_that_is_refused_leaves_nothing(run: Run, fake: FakeHost) -> None:
    fake.fails("plugin:fs|watch", 'No path was found. about ["/gone"]')
    with pytest.raises(CommandError, match="No path was found"):
        run(lambda host: watching(host.fs, "/gone"))
    assert fake.undone == []


# The real plugin.


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory in the scope of the plugin."""
    assert str(tmp_path).startswith("/tmp/")
    return tmp_path


def test_tauri_writes_what_is_sent(host: Host, directory: Path) -> None:
    path = directory / "w é%.txt"
    host.fs.write_text(path, "hé\n")
    host.fs.write_bytes(path, b"\xff", append=True)
    assert path.read_bytes() == "hé\n".encode() + b"\xff"
    host.fs.write_bytes(path, b"")
    assert path.read_bytes() == b""
    with pytest.raises(CommandError, match="File exists"):
        host.fs.write_text(path, "", create_new=True)
    with pytest.raises(CommandError, match="No such file"):
        host.fs.write_text(directory / "gone", "", create=False)
    with pytest.raises(CommandError, match="forbidden path: /var/x"):
        host.fs.write_text("/var/x", "")


def test_tauri_writes_many_bytes(host: Host, directory: Path) -> None:
    data = bytes(range(256)) * 16 * 1024
    host.fs.write_bytes(directory / "large", data)
    assert (directory / "large").read_bytes() == data
    with host.fs.open(directory / "large") as file:
        assert file.read() == data


async def test_tauri_opens_reads_writes_and_closes(endpoint: Endpoint, directory: Path) -> None:
    path = directory / "n.txt"
    async with AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host:
        async with await host.fs.open(path, read=True, write=True, create=True) as file:
            assert await file.write("héllo\nx".encode() * 20_000) == 160_000
            assert await file.seek(-1, io.SEEK_CUR) == 159_999
            assert await file.read(5) == b"x"
            assert await file.read(5) == b""
            await file.truncate(3)
            assert (await file.stat()).size == 3
            assert await file.seek(0) == 0
            assert await file.read() == "hé".encode()
        with pytest.raises(ResourceClosedError):
            await file.read(1)
        async with await host.fs.create(path) as file:
            assert (await file.stat()).size == 0
            with pytest.raises(CommandError, match="Bad file descriptor"):
                await file.read(1)
        with pytest.raises(CommandError, match="requires write or append access"):
            await host.fs.open(directory / "new", create=True)


def test_tauri_reads_line_by_line_and_closes_at_the_end(host: Host, directory: Path) -> None:
    path = directory / "a.txt"
    path.write_bytes("héllo\nline2\r\n\nlast".encode())
    assert list(host.fs.read_lines(path)) == ["héllo", "line2", "", "last"]
    with host.fs.read_lines(path) as lines:
        assert next(lines) == "héllo"
    path.write_bytes(b"\xff\n")
    with host.fs.read_lines(path) as lines, pytest.raises(UnexpectedTypeError, match="utf-8"):
        next(lines)


def test_tauri_says_of_a_handle_that_somebody_closed_that_it_is_gone(host: Host, directory: Path) -> None:
    (directory / "a").write_bytes(b"x")
    file = host.fs.open(directory / "a")
    host.invoke("plugin:resources|close", {"rid": file})
    with pytest.raises(ResourceClosedError, match="closed by the app"):
        file.read()


async def test_tauri_tells_what_happens_to_files(endpoint: Endpoint, directory: Path) -> None:
    async with (
        AsyncHost(endpoint.hello.host_path, endpoint.hello.token) as host,
        host.fs.watch(directory, recursive=True, delay=timedelta(milliseconds=20)) as changes,
    ):
        (directory / "a").write_text("x")
        change = await changes.receive(LIMIT_S)
        while change.type is not ChangeType.CREATE:
            change = await changes.receive(LIMIT_S)
        assert (change.kind, change.paths) == ("file", (directory / "a",))
        (directory / "a").rename(directory / "b")
        while change.kind != "rename":
            change = await changes.receive(LIMIT_S)
        (directory / "b").unlink()
        while change.type is not ChangeType.REMOVE:
            change = await changes.receive(LIMIT_S)


def watches_of(pid: int, directory: Path) -> int:
    """How often the process watches the directory with inotify."""
    watched = f" ino:{directory.stat().st_ino:x} "
    found = 0
    for info in Path(f"/proc/{pid}/fdinfo").iterdir():
        try:
            found += info.read_text().count(watched)
        except OSError:  # closed meanwhile
            continue
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc")
def test_the_block_ends_the_watch_in_the_app(endpoint: Endpoint, host: Host, directory: Path) -> None:
    with host.fs.watch(directory):
        assert watches_of(endpoint.host.process.pid, directory) == 1
    for _ in range(1000):
        # The thread of the watcher ends soon.
        if watches_of(endpoint.host.process.pid, directory) == 0:
            return
    pytest.fail("it is watched still")


@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc")
def test_a_restart_leaves_no_file_open_and_no_watch(start_endpoint: Callable[..., Endpoint], directory: Path) -> None:
    (directory / "a").write_bytes(b"x")
    endpoint = start_endpoint()
    pid = endpoint.host.process.pid
    with (
        Host(endpoint.hello.host_path, endpoint.hello.token) as host,
        host.fs.open(directory / "a") as file,
        host.fs.read_lines(directory / "a"),
        host.fs.watch(directory),
    ):
        assert (watches_of(pid, directory), open_below(pid, directory)) == (1, 2)
        stdin = endpoint.host.process.stdin
        assert stdin is not None
        stdin.write('"restart"\n')
        stdin.flush()
        for _ in range(100_000):
            if (watches_of(pid, directory), open_below(pid, directory)) == (0, 0):
                break
        else:
            pytest.fail("something was left")
        # The connections of that generation end with it, and this request may be sent once more.
        with pytest.raises(UnauthenticatedError):
            host.health()
        with pytest.raises(ResourceClosedError, match="gone with an earlier generation"):
            file.read()
    endpoint.host.kill()


def open_below(pid: int, directory: Path) -> int:
    """How many files below a directory the process has open."""
    found = 0
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found += str(fd.readlink()).startswith(str(directory))
        except OSError:  # closed meanwhile
            continue
    return found


def test_what_is_not_granted_names_the_permission(host: Host) -> None:
    with pytest.raises(PermissionDeniedError, match="fs"):
        host.fs.read_text("/tmp/x")


def test_handles_are_loaded_with_their_plugin_alone() -> None:
    code = """
import sys, sidecar_bridge
host = sidecar_bridge.Host("/nowhere", "token")
host.dialog
print(sorted(name for name in sys.modules if "file" in name and "sidecar" in name))
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
