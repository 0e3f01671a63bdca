"""An update is found, fetched, checked against the app's key and put into the place of the AppImage, in a real app."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sidecar_bridge import CommandError, Host, TransportError
from sidecar_bridge.tauri.updater import Progress

from desktop import until
from hosts import LIMIT_S
from place import Place, place
from twins import Twin
from web import serving

TAURI = Path(__file__).parents[2] / "examples/fullstack/node_modules/@tauri-apps/cli/tauri.js"
NEWER = b"\x7fELF" + bytes(range(256)) * 1000
"""What comes in the place of the app: the updater looks at no more than how it begins."""


class Files(SimpleHTTPRequestHandler):
    """Gives the files of a directory."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Nobody reads it."""


class Release(NamedTuple):
    """The app that runs, and the server of its updates."""

    host: Host
    appimage: Path
    """The file that the app was started from, as it believes."""
    served: Path
    url: str

    def announce(self, signature: str, version: str = "9.9.9") -> None:
        """Say that there is a newer version."""
        newer = {"version": version, "url": f"{self.url}/newer", "signature": signature, "notes": "new"}
        (self.served / "updates").write_text(json.dumps({**newer, "pub_date": "2026-01-02T03:04:05Z"}))


def tauri(*words: str | Path) -> None:
    """Run the command line of Tauri."""
    command = ["node", TAURI, *words]
    done = subprocess.run(command, timeout=LIMIT_S, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class Signed(NamedTuple):
    """What an app's developer has made of a newer version."""

    key: str
    """The public half, which is in the configuration of the app."""
    signature: str


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    directory = tmp_path_factory.mktemp("signed")
    tauri("signer", "generate", "--ci", "--password", "", "--write-keys", directory / "key")
    newer = directory / "newer"
    newer.write_bytes(NEWER)
    tauri("signer", "sign", "--private-key-path", directory / "key", "--password", "", "--app-version", "9.9.9", newer)
    return Signed((directory / "key.pub").read_text(), (directory / "newer.sig").read_text())


@pytest.fixture
def release(signed: Signed, twin: Twin, tmp_path: Path) -> Iterator[Release]:
    appimage, served = tmp_path / "app.AppImage", tmp_path / "served"
    appimage.write_bytes(b"\x7fELF older")
    appimage.chmod(0o750)
    served.mkdir()
    (served / "newer").write_bytes(NEWER)
    with serving(partial(Files, directory=served)) as url:
        # What is no https takes a permission of its own.
        updater = {
            "pubkey": signed.key, "endpoints": [f"{url}/updates"], "dangerousInsecureTransportProtocol": True,
        }  # fmt: skip
        env = {"DESKTOP_TEST_UPDATER": json.dumps(updater), "APPIMAGE": str(appimage)}
        with place(**env) as at, twin(at.join()) as host:
            yield Release(host, appimage, served, url)
            ended(at, host)


def ended(at: Place, host: Host) -> None:
    with suppress(TransportError):
        host.app.using(timeout_s=LIMIT_S).exit()
    until("the app's end", lambda: at.process.poll() is not None)


def test_an_update_is_downloaded_and_then_installed(release: Release, signed: Signed) -> None:
    release.announce(signed.signature)
    told: list[Progress] = []
    update = release.host.updater.check()
    assert update is not None
    assert (update.version, update.current_version, update.body) == ("9.9.9", "0.3.0", "new")
    assert update.date is not None
    assert update.date.isoformat() == "2026-01-02T03:04:05+00:00"
    update.download(on_progress=told.append)
    assert told[-1] == Progress(len(NEWER), len(NEWER))
    assert [each.downloaded for each in told] == sorted(each.downloaded for each in told)
    assert update.is_downloaded
    assert release.appimage.read_bytes() == b"\x7fELF older"
    update.install()
    with pytest.raises(ValueError, match="nothing was downloaded"):
        update.install()
    assert release.appimage.read_bytes() == NEWER
    assert release.appimage.stat().st_mode & 0o777 == 0o750
    update.close()


def test_an_update_is_downloaded_and_installed_in_one_call(release: Release, signed: Signed) -> None:
    release.announce(signed.signature)
    told: list[Progress] = []
    update = release.host.updater.check()
    assert update is not None
    update.download_and_install(on_progress=told.append, restart_after_install=False)
    assert told[-1] == Progress(len(NEWER), len(NEWER))
    assert release.appimage.read_bytes() == NEWER
    update.close()


def test_no_update_is_there_when_the_server_has_no_newer_version(release: Release, signed: Signed) -> None:
    release.announce(signed.signature, version="0.3.0")
    assert release.host.updater.check() is None


def test_what_its_developer_has_not_signed_is_neither_kept_nor_installed(release: Release, signed: Signed) -> None:
    release.announce(signed.signature)
    (release.served / "newer").write_bytes(NEWER + b"\x00")
    with_other_bytes = release.host.updater.check()
    assert with_other_bytes is not None
    with pytest.raises(CommandError, match="signature"):
        with_other_bytes.download()
    assert not with_other_bytes.is_downloaded
    with pytest.raises(CommandError, match="signature"):
        with_other_bytes.download_and_install()
    release.announce(signed.signature, version="10.0.0")
    (release.served / "newer").write_bytes(NEWER)
    of_another_version = release.host.updater.check()
    assert of_another_version is not None
    with pytest.raises(CommandError, match=r"10\.0\.0"):
        of_another_version.download()
    release.announce("")
    without = release.host.updater.check()
    assert without is not None
    with pytest.raises(CommandError):
        without.download()
    assert release.appimage.read_bytes() == b"\x7fELF older"
