"""The package, really installed on a system without Python, Node and Rust, used, and removed."""

import shutil
import stat
from pathlib import Path

import pytest

from clean_root import CleanRoot, RefusedError, clean_root
from desktop import App
from ledger import LEDGER, Ledger, home, opened, package
from orders import choose, importer_of, orders_of, program_of, until_running, write_orders

# Of a package that is not the app's: what installing any package changes.
BOOKKEEPING = ("var/lib/dpkg", "var/log", "var/cache", "var/lib/apt", "usr/share/applications/mimeinfo.cache")


class Installed(App):
    """The app where its package puts it."""

    __slots__ = ()

    def binary(self) -> Path:
        return Path("/usr/bin/ledger")


def contents(root: CleanRoot) -> list[str]:
    """The files that the package says it has."""
    return [line for line in root.run("dpkg", "-L", "ledger").splitlines() if "ledger" in line]


def changed(root: CleanRoot) -> list[str]:
    """What there is on the system, under the app's name, that was not there before."""
    found = []
    for path in root.upper.rglob("*"):
        place = str(path.relative_to(root.upper))
        is_gone = stat.S_ISCHR(path.lstat().st_mode)
        if not is_gone and not place.startswith(BOOKKEEPING) and "ledger" in place.lower():
            found.append(place)
    return found


def test_it_is_installed_used_and_removed() -> None:
    try:
        with clean_root() as root:
            install_use_remove(root)
    except RefusedError as refused:
        pytest.skip(f"no mount namespace with an overlay here: {refused}")


def import_there(ledger: Ledger, path: Path) -> None:
    """Imports a file: a process of the installed sidecar does it, which is a Python of its own."""
    ledger.go("Import")
    choose(ledger, path)
    until_running(ledger, path.name)
    importer = importer_of(ledger, path)
    assert str(program_of(importer)).endswith("/usr/lib/ledger/sidecar/python/python")
    assert "--multiprocessing-fork" in ledger.desktop.processes()[importer]
    ledger.says("orders.csv: 1000000 orders imported.", 120)
    assert orders_of(ledger) == 1_000_000


def install_use_remove(root: CleanRoot) -> None:
    """All of it, on that system."""
    for program in ["python3", "python", "node", "npm", "cargo", "rustc"]:
        assert not root.has(program), program
    with home(Installed(*LEDGER), PATH="/usr/bin:/bin") as at:
        deb = shutil.copy(package(), at.directory / "ledger.deb")
        root.run("dpkg", "-i", deb)
        files = contents(root)
        assert "/usr/bin/ledger" in files
        assert "/usr/lib/ledger/sidecar/python/python" in files
        assert changed(root)

        with opened(at, *root.enter) as ledger:
            ledger.set_up()
            ledger.log_out()
            ledger.log_in()
            ledger.see("heading", "Dashboard")
            before = at.screen.geometry()
            ledger.press("Toggle window")
            ledger.says("Window maximized.")
            assert at.screen.geometry_other_than(before).width == 1280
            import_there(ledger, write_orders(at.directory / "orders.csv", 1_000_000))
        at.screen.expect_nothing_left()

        root.run("dpkg", "-r", "ledger")
        assert root.run("sh", "-c", 'for f do [ ! -e "$f" ] || echo "$f"; done', "sh", *files) == ""
        assert root.run("dpkg-query", "-W", "-f", "${Package}\n").split().count("ledger") == 0
        assert changed(root) == []
