"""Answers that the host saves, and files that it sends, in a real window; the page has nothing of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge_page import ask, bridge_page, run, until_loaded
from desktop import Page, until
from dialogs import SAVING, cancel, save_as

PIECE = bytes(range(256)) * 1024


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with bridge_page() as page:
        yield page


@pytest.fixture
def folder(page: Page, tmp_path: Path) -> Path:
    """A folder whose files the page may name."""
    run(page, "await invoke('open_folder', { folder: args[0] })", str(tmp_path))
    return tmp_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


CODE = "try {{ await {} }} catch (error) {{ return error.code ?? error.name; }}"


def refused(page: Page, call: str, *arguments: object) -> object:
    """The code with which a call of the page is refused."""
    return run(page, CODE.format(call), *arguments)


def test_the_person_chooses_where_to_save_and_the_dialog_suggests_the_sidecars_name(page: Page, tmp_path: Path) -> None:
    run(page, "window.saving = bridge.download('/files/export/1'); window.saving.catch(() => {})")
    save_as(page.desktop, tmp_path / "orders.csv")
    assert run(page, "return window.saving") == str(tmp_path / "orders.csv")
    assert (tmp_path / "orders.csv").read_bytes() == PIECE * 4
    assert names(tmp_path) == ["orders.csv"]
    # Chosen once, the file may be named; its neighbour may not.
    save = "bridge.download('/files/export/1', { to: args[0] })"
    assert run(page, f"return {save}", str(tmp_path / "orders.csv")) == str(tmp_path / "orders.csv")
    assert refused(page, save, str(tmp_path / "other.csv")) == "permission_denied"
    run(page, "window.saving = bridge.download('/files/export/1'); window.saving.catch(() => {})")
    save_as(page.desktop, None)
    suggested = Path(run(page, "return window.saving"))
    assert suggested.name == "grüße.csv"
    suggested.unlink()
    run(page, "window.saving = bridge.download('/files/export/1'); window.saving.catch(() => {})")
    cancel(page.desktop, SAVING)
    assert run(page, "return window.saving") is None


def test_fifty_megabytes_come_with_their_progress(page: Page, folder: Path) -> None:
    target = folder / "export.csv"
    target.write_text("before")
    told = run(
        page,
        """
        const told = [];
        const onProgress = ({ bytes, totalBytes }) => told.push([bytes, totalBytes]);
        const path = await bridge.download("/files/export/50", { to: args[0], onProgress });
        return { path, told };
        """,
        str(target),
    )
    total = 50 * 4 * len(PIECE)
    assert told["path"] == str(target)
    assert target.stat().st_size == total
    assert hashlib.sha256(target.read_bytes()).digest() == hashlib.sha256(PIECE * 200).digest()
    assert names(folder) == ["export.csv"]
    assert told["told"][-1] == [total, total]
    assert told["told"] == sorted(told["told"])
    assert {of for _, of in told["told"]} == {total}


BEGUN = """
  window.controller = new AbortController();
  await new Promise((resolve, reject) => {
    const init = { to: args[0], signal: controller.signal, onProgress: ({ bytes }) => bytes > 0 && resolve() };
    window.saving = bridge.download("/endless?what=download", init);
    window.saving.catch(reject);
  });
"""


@pytest.mark.parametrize("how", ["abort", "reload"])
def test_of_a_download_that_is_given_up_nothing_is_left(page: Page, folder: Path, how: str) -> None:
    target = folder / "export.csv"
    target.write_text("before")
    ended = ask(page, "/seen/download ended")
    run(page, BEGUN, str(target))
    assert len(names(folder)) == 2, "it is written beside the file"
    assert target.read_text() == "before"
    if how == "abort":
        reason = "controller.abort(new RangeError('enough')); return window.saving.catch(({ name }) => name)"
        assert run(page, reason) == "RangeError"
    else:
        page.driver.refresh()
        until_loaded(page)
    until("a folder as before", lambda: names(folder) == ["export.csv"])
    until("the sidecar's disconnect", lambda: ask(page, "/seen/download ended") == ended + 1)
    assert target.read_text() == "before"


def test_of_a_download_that_the_apps_end_breaks_off_nothing_is_left(tmp_path: Path) -> None:
    with bridge_page() as page:
        run(page, "await invoke('open_folder', { folder: args[0] })", str(tmp_path))
        run(page, BEGUN, str(tmp_path / "export.csv"))
        assert len(names(tmp_path)) == 1
    assert names(tmp_path) == []


def test_an_answer_that_is_no_whole_file_is_not_saved(page: Page, folder: Path) -> None:
    target = str(folder / "export.csv")
    save = "bridge.download(args[0], { to: args[1] })"
    assert refused(page, save, "/breaks", target) == "unavailable"
    assert refused(page, save, "/files/zipped", target) == "failed_precondition"
    data = run(
        page,
        "try { await bridge.download('/files/refused', { to: args[0] }) }"
        " catch ({ code, problem }) { return [code, problem.data]; }",
        target,
    )
    assert data == ["failed_precondition", {"detail": "no orders"}]
    # It leads nowhere, and has nothing.
    assert refused(page, save, "/status/304", target) == "internal"
    assert names(folder) == []
    assert run(page, f"return {save}", "/redirect/302?to=/text", target) == target
    assert (folder / "export.csv").read_text() == "grüße"
    assert names(folder) == ["export.csv"]


def test_an_answer_without_a_body_is_an_empty_file(page: Page, folder: Path) -> None:
    target = folder / "export.csv"
    target.write_text("before")
    for status in (200, 204, 205):
        path = "/bytes/0" if status == 200 else f"/status/{status}"
        assert run(page, "return bridge.download(args[0], { to: args[1] })", path, str(target)) == str(target)
        assert target.read_bytes() == b""
        target.write_text("before")


def test_a_page_names_no_file_that_nobody_chose_and_nothing_is_sent(page: Page, folder: Path) -> None:
    asked = [ask(page, f"/files/asked/{what}") for what in ("export", "import")]
    (folder / "link").symlink_to("/etc")
    save, send = (
        "bridge.download('/files/export/1', { to: args[0] })",
        "bridge.upload('/files/import', { files: { file: args[0] }, fields: { year: '2026' } })",
    )
    for path in ["/etc/passwd", "/etc/new", "new", "", str(folder / "../new"), str(folder / "link/passwd")]:
        for call in (save, send):
            assert refused(page, call, path) == "permission_denied", (call, path)
    assert [ask(page, f"/files/asked/{what}") for what in ("export", "import")] == asked


def test_the_scope_of_fetch_is_that_of_downloads_and_uploads(page: Page, folder: Path) -> None:
    (folder / "file").write_text("x")
    before = ask(page, "/seen/secret")
    denied = "permission_denied"
    for path in ("/forbidden/secret", "/redirect/302?to=/forbidden/secret"):
        assert refused(page, f"bridge.download('{path}', {{ to: args[0] }})", str(folder / "new")) == denied
    assert refused(page, "bridge.upload('/readonly/value', { files: { a: args[0] } })", str(folder / "file")) == denied
    assert ask(page, "/seen/secret") == before
    assert names(folder) == ["file"]


def test_a_file_of_the_disk_is_an_upload_file_of_known_length(page: Page, folder: Path) -> None:
    file = folder / "orders 2026.csv"
    file.write_bytes(PIECE * 40)
    seen = run(
        page,
        """
        const told = [];
        const init = {
          files: { file: args[0] },
          fields: { year: "2026" },
          onProgress: ({ bytes, totalBytes }) => told.push([bytes, totalBytes]),
        };
        const response = await bridge.upload("/files/import", init);
        // What the host tells may come later than the answer.
        const isOver = () => told.length > 0 && told.at(-1)[0] === told.at(-1)[1];
        while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 5));
        return { status: response.status, form: await response.json(), told };
        """,
        str(file),
    )
    length = int(seen["form"].pop("length"))
    assert seen["form"] == {
        "name": "orders 2026.csv",
        "type": "text/csv",
        "bytes": 40 * len(PIECE),
        "sha256": hashlib.sha256(PIECE * 40).hexdigest(),
        "year": 2026,
    }
    assert length > 40 * len(PIECE)
    assert seen["told"] == sorted(seen["told"])
    assert {of for _, of in seen["told"]} == {length}


def test_a_file_that_is_not_there_is_named(page: Page, folder: Path) -> None:
    send = "bridge.upload('/files/import', { files: { file: args[0] } })"
    assert refused(page, send, str(folder / "nowhere")) == "not_found"
    assert refused(page, send, str(folder)) == "failed_precondition"
    os.mkfifo(folder / "pipe")
    assert refused(page, send, str(folder / "pipe")) == "failed_precondition"


def test_a_body_of_the_page_has_its_progress(page: Page) -> None:
    told = run(
        page,
        """
        const told = [];
        const onProgress = ({ bytes, totalBytes }) => told.push([bytes, totalBytes]);
        await bridge.fetch("/length", { method: "POST", body: new Uint8Array(2_000_000), onProgress });
        return told;
        """,
    )
    assert told == sorted(told)
    assert {of for _, of in told} == {2_000_000}
    assert told[0][0] < 2_000_000
