"""Drives the quickstart through all four directions on a desktop of its own, and says what each step took."""

import argparse
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from selenium.common.exceptions import WebDriverException

from desktop import Desktop, DesktopError, Page, desktop, driven, until

CLICK_TO_EVENT = """
  const [done] = arguments, event = document.getElementById("event"), start = performance.now();
  const shown = () => done(`${event.textContent} (${(performance.now() - start).toFixed(1)} ms)`);
  new MutationObserver((_, observer) => { observer.disconnect(); shown(); }).observe(event, { childList: true });
  document.getElementById("ask").click();
"""
TIMED = re.compile(r"(.*?)(?: · | \()(\d+\.\d) ms\)?")


def steps(screen: Desktop, page: Page) -> list[tuple[str, str, Callable[[], str]]]:
    """Direction, what is done, and the doing of it, which gives the answer as the page shows it."""

    def toggle() -> str:
        before = screen.geometry()
        answer = page.click("maximize")
        return answer.replace("Window toggled", f"{before} became {screen.geometry_other_than(before)}")

    def event() -> str:
        return str(page.driver.execute_async_script(CLICK_TO_EVENT))

    def health() -> str:
        return until("#health", lambda: re.fullmatch(r"ready · .* ms", page.text("health")))[0]

    return [
        ("Page → Rust", "Tauri command `greet`", lambda: page.click("greet")),
        ("Page → FastAPI", "fetch POST /ask", lambda: page.click("ask")),
        ("FastAPI → Page", "event `asked`, from click", event),
        ("Rust → FastAPI", "GET /health", health),
        ("FastAPI → Rust", "Tauri command `greet`", lambda: page.click("greet-python")),
        ("FastAPI → Rust", "window.toggle_maximize()", toggle),
        ("FastAPI → Rust", "window.toggle_maximize()", toggle),
    ]


def drive(picture: Path) -> None:
    """Takes all steps, prints a line for each, and saves the picture."""
    start = time.monotonic()
    row = "{:<15}  {:<25}  {:<31}  {:>7}".format
    print(row("direction", "call", "answer", "time"))
    with desktop() as screen:
        with driven(screen) as page:
            for direction, call, do in steps(screen, page):
                answer = do()
                timed = TIMED.fullmatch(answer)
                if timed is None:
                    raise DesktopError(f"{direction}, {call}: {answer}")
                print(row(direction, call, timed[1], f"{timed[2]} ms"), flush=True)
            page.settle()
            time.sleep(0.5)  # until it is painted, too
            picture.parent.mkdir(parents=True, exist_ok=True)
            screen.screenshot(picture)
        screen.expect_nothing_left()
    print(row("total", "window opened to closed", "nothing left behind", f"{time.monotonic() - start:.1f} s"))
    print(f"\nThe page shows the mean of 20 calls, for its clock ticks in ms.\nPicture: {picture}")


def main() -> int:
    """Gives the exit status: 0 when every step did what it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", type=Path, help="the quickstart")
    parser.add_argument("--screenshot", type=Path, required=True, help="where the picture goes (PNG)")
    arguments = parser.parse_args()
    os.environ["SIDECAR_BRIDGE_QUICKSTART"] = str(arguments.binary)
    try:
        drive(arguments.screenshot)
    except (DesktopError, WebDriverException) as error:
        print(f"demo: {str(error).strip().splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
