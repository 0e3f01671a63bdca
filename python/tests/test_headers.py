"""Headers of a call, which its command reads beside the arguments, for both twins against a real host."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hosts import Call

from sidecar_bridge import AsyncChannel, CommandError, Host


def header(name: str, headers: dict[str, Any]) -> Any:
    return lambda host: host.invoke("header", {"name": name}, returns=str | None, headers=headers)


def test_a_command_reads_the_headers_of_its_call(call: Call) -> None:
    assert call(header("path", {"Path": "/a%20b", "x-other": 'a "b"'})) == "/a%20b"
    assert call(header("x-other", {"Path": "/a", "x-other": 'a "b"'})) == 'a "b"'
    assert call(header("path", {})) is None


def test_nothing_of_the_connection_reaches_the_command(call: Call) -> None:
    for name in ("authorization", "host", "content-type", "bridge-window", "bridge-header-path"):
        assert call(header(name, {"path": "x"})) is None


def test_the_fs_plugin_writes_the_file_that_its_header_names(call: Call, tmp_path: Path) -> None:
    wanted = tmp_path / "söme file.txt"

    def write(host: Any) -> Any:
        return host.invoke("plugin:fs|write_text_file", "h\u00e9".encode(), headers={"path": quote(str(wanted))})

    assert call(write) is None
    assert wanted.read_text(encoding="utf-8") == "h\u00e9"
    with pytest.raises(CommandError, match="forbidden path"):
        call(lambda host: host.invoke("plugin:fs|write_text_file", b"x", headers={"path": "/etc/hosts"}))


def test_a_call_with_channels_has_headers_too(call: Call) -> None:
    def with_channels(host: Any) -> Any:
        channels: Any = {"onText": (lambda _: None) if isinstance(host, Host) else AsyncChannel()}
        return host.invoke("header", {"name": "path"}, channels=channels, headers={"path": "/a"})

    assert call(with_channels) == "/a"


OTHERS = (
    "Origin host Content-Type Content-Length Cookie Authorization Connection Keep-Alive TE Transfer-Encoding Upgrade "
    "Proxy-Connection Tauri-Invoke-Key Bridge-Window Sec-Fetch-Site"
)


@pytest.mark.parametrize("name", OTHERS.split())
def test_what_belongs_to_ipc_or_the_connection_is_refused_by_name(call: Call, name: str) -> None:
    with pytest.raises(ValueError, match=f"header `{name}` belongs to"):
        call(header("path", {name: "x"}))


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\nx", "ä"])
def test_what_is_no_name_is_refused(call: Call, name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a header"):
        call(header("path", {name: "x"}))


@pytest.mark.parametrize("value", ["ä", "a\r\nbridge-window: b", "a\tb", "a\0", " a", "a ", ""])
def test_a_value_that_is_not_visible_ascii_asks_for_percent_encoding(call: Call, value: str) -> None:
    with pytest.raises(ValueError, match=r"header `path` is not visible ASCII.*percent-encode"):
        call(header("path", {"path": value}))


def test_what_is_no_text_is_refused(call: Call) -> None:
    with pytest.raises(TypeError, match="header `path` is of type int"):
        call(header("path", {"path": 1}))
