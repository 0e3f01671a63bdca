"""Two copies of the app: the second one shows the first one, and ends."""

import subprocess

from desktop import until
from ledger import LEDGER, Ledger, is_hidden


def test_a_second_copy_shows_the_first_one_and_ends(ledger: Ledger) -> None:
    sidecar = ledger.desktop.sidecar()
    before = len(ledger.desktop.run_directories())
    ledger.desktop.run("xdotool", "windowminimize", ledger.desktop.window()[0])
    until("a minimized window", lambda: is_hidden(ledger))
    env = {**ledger.desktop.env, **ledger.desktop.app_env}
    second = subprocess.run([LEDGER.binary()], env=env, timeout=20, capture_output=True, check=False)
    assert second.returncode == 0, second.stderr
    until("the window", lambda: not is_hidden(ledger))
    assert ledger.desktop.run("wmctrl", "-l").count(" Ledger") == 1
    assert ledger.desktop.sidecar() == sidecar
    assert len(ledger.desktop.run_directories()) == before
    ledger.go("Users")
    ledger.says("1 user")
