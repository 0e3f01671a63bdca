"""Long work: a file that Python lets people choose in the native dialog, imported, watched, cancelled and killed."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import until
from dialogs import save_as
from ledger import LEDGER, Ledger, fresh
from orders import (
    HEADER,
    MONTHS,
    answer_dialog,
    choose,
    importer_of,
    imports_of,
    orders_of,
    until_running,
    write_orders,
)

# Fast machines import some 200 000 rows in a second.
MANY = 3_000_000

WATCH_PROGRESS = """
  window.progressSeen = [];
  const look = () => {
    const value = document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow");
    if (value && value !== window.progressSeen.at(-1)) window.progressSeen.push(value);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
"""


@pytest.fixture
def imports(ledger: Ledger) -> Ledger:
    """The page of imports, without orders."""
    ledger.home.query("DELETE FROM orders")
    ledger.home.query("DELETE FROM imports")
    ledger.home.shell.notifications.clear()
    ledger.begin()
    ledger.go("Import")
    ledger.see("table", "Imports so far")
    return ledger


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file that takes many seconds."""
    path = write_orders(tmp_path_factory.mktemp("many") / "many.csv", MANY)
    yield path
    path.unlink()


def test_a_hundred_thousand_rows_are_imported_and_shown(imports: Ledger, tmp_path: Path) -> None:
    choose(imports, write_orders(tmp_path / "orders.csv", 100_000))
    imports.says("orders.csv: 100000 orders imported.")
    until("the row", lambda: newest(imports)[:3] == ["orders.csv", "Done", "100,000"])
    assert orders_of(imports) == 100_000
    notification = imports.home.shell.notified("Import done")
    assert notification.body == "orders.csv: 100000 orders imported"
    chart = imports.see("figure", "Revenue by month")
    bars = "return arguments[0].querySelectorAll('.recharts-bar-rectangle').length"
    until("bars", lambda: imports.driver.execute_script(bars, chart) == MONTHS)
    imports.go("Dashboard")
    imports.says("€2,100,000.00")
    expect_desktop_refused_nothing(imports)


def expect_desktop_refused_nothing(ledger: Ledger) -> None:
    """The taskbar's progress, the events and the notification: what fails is in the log, and only there."""
    ledger.go("Diagnostics")
    log = ledger.see("log", "Log lines")
    until("the log", lambda: "Application startup complete" in log.text)
    assert "the desktop refused" not in log.text


def test_all_orders_are_saved_to_a_file_that_the_person_chooses(imports: Ledger, tmp_path: Path) -> None:
    given, saved = write_orders(tmp_path / "orders.csv", 6000), tmp_path / "saved.csv"
    choose(imports, given)
    imports.says("orders.csv: 6000 orders imported.")
    imports.press("Export CSV")
    save_as(imports.desktop, saved)
    imports.says("The orders are saved.")
    assert sorted(saved.read_text().splitlines()) == sorted(given.read_text().splitlines())


def test_a_cancelled_dialog_imports_nothing(imports: Ledger) -> None:
    imports.press("Choose CSV file")
    answer_dialog(imports.desktop, None)
    imports.see("button", "Choose CSV file")
    assert imports_of(imports) == []


def until_begun(ledger: Ledger, name: str) -> None:
    """Waits until the process of an import has opened that file; it may be over already."""
    ledger.says(name)
    until(f"the end of {name}'s wait", lambda: newest(ledger)[1] not in {"Waiting", "Running"} or is_read(ledger))


def is_read(ledger: Ledger) -> bool:
    """Whether rows of a file are read."""
    bar = ledger.find("progressbar")
    return bar is not None and int(bar.get_attribute("aria-valuenow") or 0) > 0


def newest(ledger: Ledger) -> list[str]:
    """The cells of the newest import."""
    return ledger.rows("Imports so far")[0]


def test_a_running_import_is_watched_and_cancelled(imports: Ledger, many: Path) -> None:
    imports.driver.execute_script(WATCH_PROGRESS)
    choose(imports, many)
    until_running(imports, many.name)
    watched = "return window.progressSeen.map(Number)"
    until("progress", lambda: len(imports.driver.execute_script(watched)) >= 3)
    seen = imports.driver.execute_script(watched)
    assert seen == sorted(seen)
    assert not imports.see("button", "Choose CSV file").is_enabled()
    imports.press("Cancel import")
    imports.says("many.csv: Cancelled; nothing was imported.")
    imports.gone("progressbar")
    until("the row", lambda: newest(imports)[:2] == ["many.csv", "Cancelled"])
    assert (orders_of(imports), imports_of(imports)) == (0, [])


def test_a_killed_sidecar_leaves_nothing_half_written_and_a_page_that_works(imports: Ledger, many: Path) -> None:
    choose(imports, many)
    until_running(imports, many.name)
    first, importer = imports.desktop.sidecar(), importer_of(imports, many)
    os.kill(first, signal.SIGKILL)
    until("the importer's end", lambda: importer not in imports.desktop.processes())
    imports.says("many.csv: The app ended during the import, and it was rolled back; import the file again.")
    imports.gone("progressbar")
    until("the row", lambda: newest(imports)[:2] == ["many.csv", "Interrupted"])
    assert imports.desktop.sidecar() != first
    assert (orders_of(imports), imports_of(imports)) == (0, [])
    assert imports.home.query("PRAGMA integrity_check") == [("ok",)]
    imports.go("Users")
    imports.says("1 user")


def test_a_killed_importer_leaves_nothing_and_a_sidecar_that_works(imports: Ledger, many: Path, tmp_path: Path) -> None:
    choose(imports, many)
    until_running(imports, many.name)
    sidecar = imports.desktop.sidecar()
    os.kill(importer_of(imports, many), signal.SIGKILL)
    imports.says("many.csv: Its worker died, or was lost")
    until("the row", lambda: newest(imports)[:2] == ["many.csv", "Failed"])
    assert (orders_of(imports), imports_of(imports)) == (0, [])
    choose(imports, write_orders(tmp_path / "again.csv", 600))
    imports.says("again.csv: 600 orders imported.")
    assert imports.desktop.sidecar() == sidecar


def test_an_import_goes_on_when_the_page_is_loaded_anew(imports: Ledger, many: Path) -> None:
    choose(imports, many)
    until_running(imports, many.name)
    importer = importer_of(imports, many)
    imports.driver.refresh()
    until_running(imports, many.name)
    assert importer_of(imports, many) == importer
    imports.press("Cancel import")
    imports.says("many.csv: Cancelled; nothing was imported.")


@pytest.mark.parametrize("end", ["closed", "killed"])
def test_an_import_ends_with_the_app_and_leaves_no_process(tmp_path: Path, end: str) -> None:
    path = write_orders(tmp_path / "orders.csv", MANY)
    with fresh() as ledger:
        ledger.set_up()
        ledger.go("Import")
        ledger.says("Nothing was imported yet.")
        choose(ledger, path)
        until_running(ledger, path.name)
        importer_of(ledger, path)
        if end == "killed":
            os.kill(app_of(ledger), signal.SIGKILL)
        else:
            ledger.desktop.close_window()
        others = ("WebKitWebDriver", "")
        until("the end of all", lambda: {*map(program_name, ledger.desktop.processes().values())} <= {*others})
        assert (orders_of(ledger), imports_of(ledger)) == (0, [])
        # A killed app cannot remove its directory; the next one does.
        for left in ledger.desktop.run_directories() if end == "killed" else []:
            shutil.rmtree(left)


def program_name(words: str) -> str:
    """The name of the program of a command line; none of a process that has ended."""
    return Path(words.partition(" ")[0]).name


def app_of(ledger: Ledger) -> int:
    """The process of the app itself."""
    (app,) = [pid for pid, words in ledger.desktop.processes().items() if words == str(LEDGER.binary())]
    return app


def test_a_file_that_is_deleted_half_way_is_imported_all_the_same(imports: Ledger, tmp_path: Path) -> None:
    path = write_orders(tmp_path / "gone.csv", 300_000)
    choose(imports, path)
    until_begun(imports, path.name)
    path.unlink()
    imports.says("gone.csv: 300000 orders imported.", 60)
    assert orders_of(imports) == 300_000


def test_an_import_goes_on_while_the_page_is_elsewhere(imports: Ledger, tmp_path: Path) -> None:
    choose(imports, write_orders(tmp_path / "away.csv", 200_000))
    until_begun(imports, "away.csv")
    imports.go("Users")
    imports.driver.refresh()
    imports.see("heading", "Users")
    imports.home.shell.notified("Import done")
    imports.go("Dashboard")
    imports.says("200,000")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"day,who\n2026-01-01,Ada\n",
            f"line 1: the columns are `day,who`; they must be `{HEADER.strip()}`; nothing was imported.",
        ),
        (
            HEADER.encode() + b'2026-01-31,"Ada,Mill,2,9.90\n',
            "line 2: the quotes or line ends of this row are broken",
        ),
        (
            HEADER.encode() + "2026-01-31,Zoé,Mill,2,9.90\n".encode("latin-1"),
            "line 2: the byte 0xe9 is not UTF-8; save the file as UTF-8 and import it again",
        ),
        (HEADER.encode() + b"31.1.2026,Ada,Mill,2,9.90\n", "line 2: the date `31.1.2026` is none"),
        (b"", f"wrong.csv is empty; its first line must be `{HEADER.strip()}`"),
    ],
    ids=["columns", "quotes", "encoding", "date", "empty"],
)
def test_a_wrong_file_is_refused_with_its_line(imports: Ledger, tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "wrong.csv"
    # Good rows before the bad one leave nothing, either.
    path.write_bytes(content)
    choose(imports, path)
    imports.says(message)
    until("the row", lambda: newest(imports)[1] == "Failed")
    assert orders_of(imports) == 0
    imports.home.shell.notified("Import failed")


def test_a_huge_file_is_refused_unread(imports: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    path.touch()
    os.truncate(path, 2**30)
    choose(imports, path)
    imports.says("huge.csv is 1.0 GB; at most 256 MB can be imported; split the file.")
    assert imports_of(imports) == []
