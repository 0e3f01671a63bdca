"""The page that shows how the parts of the app are, and ends the server on purpose."""

import re

import pytest
from selenium.webdriver.support.select import Select

from desktop import until
from ledger import Ledger

DIRECTIONS = ["Page → Rust", "Page → FastAPI", "Rust → FastAPI", "FastAPI → Rust"]


@pytest.fixture
def diagnostics(ledger: Ledger) -> Ledger:
    """The page of diagnostics, of a server that is ready."""
    ledger.go("Diagnostics")
    expect(ledger, "Phase", "ready")
    return ledger


def fact(ledger: Ledger, name: str) -> str:
    """What is said of that."""
    script = """
      return [...document.querySelectorAll("dt")].find((dt) => dt.innerText.trim() === arguments[0])
        ?.nextElementSibling.innerText ?? "";
    """
    return str(ledger.driver.execute_script(script, name)).strip()


def expect(ledger: Ledger, name: str, value: str) -> None:
    """Waits until that is said of it."""
    with ledger.noting_text():
        until(f"{name}: {value}", lambda: fact(ledger, name) == value)


def lives(ledger: Ledger) -> tuple[int, int]:
    """Generation and process id, which are those of the real process."""
    until("the process id", lambda: fact(ledger, "Process id") == str(ledger.desktop.sidecar()))
    generation = int(fact(ledger, "Generation"))
    assert fact(ledger, "Restarts") == str(generation - 1)
    return generation, int(fact(ledger, "Process id"))


def test_a_restart_is_another_generation(diagnostics: Ledger) -> None:
    generation, pid = lives(diagnostics)
    diagnostics.press("Restart")
    diagnostics.says("The server was restarted.")
    expect(diagnostics, "Generation", str(generation + 1))
    expect(diagnostics, "Phase", "ready")
    assert lives(diagnostics)[1] != pid


def test_a_crash_is_survived(diagnostics: Ledger) -> None:
    generation, _pid = lives(diagnostics)
    diagnostics.press("Crash")
    diagnostics.says("The server falls over in a moment.")
    expect(diagnostics, "Generation", str(generation + 1))
    expect(diagnostics, "Phase", "ready")
    lives(diagnostics)
    diagnostics.go("Users")
    diagnostics.says("1 user")


def test_all_four_round_trips_are_measured(diagnostics: Ledger) -> None:
    for direction in DIRECTIONS:
        expect_median(diagnostics, direction)


def expect_median(ledger: Ledger, direction: str) -> None:
    """Waits until a median is shown."""
    shape = re.compile(r"\d+\.\d\d ms")
    with ledger.noting_text():
        until(direction, lambda: shape.fullmatch(fact(ledger, direction)))


def test_the_log_has_the_lines_of_all_three_processes(diagnostics: Ledger) -> None:
    diagnostics.driver.execute_script("console.warn('said in the page')")
    expect_line(diagnostics, "page", "said in the page")
    expect_line(diagnostics, "host", "sidecar `python`: Ready")
    expect_line(diagnostics, "server 1", "Application startup complete")


def expect_line(ledger: Ledger, source: str, text: str) -> None:
    """Waits for a line with that text."""
    with ledger.noting_text():
        until(text, lambda: any(who == source and text in what for _at, who, what in lines(ledger)))


def test_the_log_is_searched_and_filtered(diagnostics: Ledger) -> None:
    log = diagnostics.see("log", "Log lines")
    until("the server's lines", lambda: "Application startup complete" in log.text)
    diagnostics.fill(Search_the_log="startup complete")
    until("one kind of lines", lambda: all("startup complete" in line[2] for line in lines(diagnostics)))
    diagnostics.fill(Search_the_log="no such line")
    until("none", lambda: "No line matches." in log.text)
    diagnostics.fill(Search_the_log="startup complete")
    Select(diagnostics.see("field", "Level")).select_by_visible_text("Errors")
    until("none", lambda: "No line matches." in log.text)


def lines(ledger: Ledger) -> list[list[str]]:
    """The lines of the log: when, who and what."""
    script = "return [...arguments[0].children].map((line) => [...line.children].map((part) => part.innerText))"
    found: list[list[str]] = ledger.driver.execute_script(script, ledger.see("log", "Log lines"))
    return [line for line in found if len(line) == 3]
