"""Reload, as the README shows it: a line of Python changes, and the window that is open has the new answer.

SIDECAR_BRIDGE_PICTURES names the folder that the recording goes to, `reload.webp`. One is made and
examined without it, too.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pytest

from desktop import Desktop, Page, desktop, driven, until
from editor import View, draw, typed

FOLDER = os.environ.get("SIDECAR_BRIDGE_PICTURES", "")
QUICKSTART_SOURCES = Path(__file__).parents[2] / "examples/quickstart"
OLD, NEW = "Hello from FastAPI, Ada!", "Hello again, Ada!"
BEFORE, AFTER = " from FastAPI,", " again,"
ROUTE = '@app.post("/ask")'
LIMIT_KB = 300
"""A README is read over slow lines, too."""

# Presses the button again whenever an answer has come, until it is the new one. Its clock is that of `time.time`.
ASK_ON = """
  const [wanted] = arguments, result = document.getElementById("ask-result"), ask = document.getElementById("ask");
  window.recorded = { answers: [], at: null };
  const observer = new MutationObserver(() => {
    recorded.answers.push(result.textContent);
    if (!result.textContent.startsWith(wanted)) return ask.click();
    recorded.at = Date.now() / 1000;
    observer.disconnect();
  });
  observer.observe(result, { childList: true });
  ask.click();
"""
PLACE = """
  const { x, y, width, height } = document.getElementById("ask-result").getBoundingClientRect();
  return [x, y, width, height].map(Math.round);
"""


class Shot(NamedTuple):
    """What was on the screen."""

    picture: Path
    at_s: float
    """When, by `time.time`."""


class Picture(NamedTuple):
    """One of the recording: the window above, the editor below."""

    window: Path
    editor: View
    shown_s: float


@dataclass(frozen=True)
class Camera:
    """Takes the window, and knows where the answer is in it."""

    page: Page
    folder: Path

    def take(self) -> Shot:
        """What the window's user sees now."""
        picture = self.folder / f"shot-{len(list(self.folder.glob('shot-*'))):03}.png"
        begun = time.time()
        self.page.desktop.screenshot(picture)
        return Shot(picture, begun)

    def take_painted(self, *others: Shot) -> Shot:
        """What is seen once the window shows another answer than in these, and no longer changes it."""
        seen = [self.take()]

        def is_painted() -> bool:
            seen.append(self.take())
            last, now = (self.answer(shot.picture) for shot in seen[-2:])
            return last == now and now not in {self.answer(other.picture) for other in others}

        until("the answer on the screen", is_painted)
        return seen[-1]

    def answer(self, picture: Path) -> str:
        """A hash of the pixels of the answer."""
        x, y, width, height = self.page.driver.execute_script(PLACE)
        left, top = frame(self.page.desktop)
        crop = f"{width}x{height}+{x + left}+{y + top}"
        return draw(picture, "-crop", crop, "+repage", "-alpha", "off", "-depth", "8", "-format", "%#", "info:")


def frame(screen: Desktop) -> tuple[int, int]:
    """How wide the window's frame is at the left and at the top."""
    said = screen.run("xprop", "-id", screen.window()[0], "_NET_FRAME_EXTENTS")
    left, _right, top, _bottom = map(int, said.partition("=")[2].split(","))
    return left, top


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The source of the sidecar, in a copy of the source tree."""
    app = tmp_path / "app"
    shutil.copytree(QUICKSTART_SOURCES / "sidecar", app / "sidecar", ignore=shutil.ignore_patterns("__pycache__"))
    (app / "src-tauri").mkdir()
    return app / "sidecar/main.py"


def view(source: Path) -> View:
    """The route in an editor."""
    lines = source.read_text().splitlines()
    first = lines.index(ROUTE)
    end = lines.index("", first)
    return View("sidecar/main.py", first + 1, tuple(lines[first:end]))


def pictures(old: Shot, saved: list[Shot], new: Shot, editor: View, took_s: float) -> Iterator[Picture]:
    """Those of the recording, in the order of time; from the save on with the time that they really took."""
    steps = list(typed(editor, BEFORE, AFTER))
    yield Picture(old.picture, editor, 1.5)
    yield from (Picture(old.picture, step, 0.09) for step in steps)
    edited = replace(steps[-1], saved=True, says="saved")
    yield from (
        Picture(shot.picture, edited, later.at_s - shot.at_s)
        for shot, later in zip(saved, [*saved[1:], new], strict=True)
    )
    yield Picture(new.picture, replace(edited, says=f"saved · new answer after {took_s * 1000:.0f} ms"), 4)


def compose(recorded: list[Picture], folder: Path, to: Path) -> None:
    """Saves the recording, which begins anew at its end; it loses nothing, and has only what changes."""
    words: list[str | Path] = ["-loop", "0"]
    width = int(draw(recorded[0].window, "-format", "%w", "info:"))
    for number, (window, editor, shown_s) in enumerate(recorded):
        below = editor.draw(width, folder / f"editor-{number:03}.png")
        words += ["-delay", f"{max(2, round(shown_s * 100))}", "(", window, below, "-append", "+repage", ")"]
    draw(*words, "-define", "webp:lossless=true", to)


def test_a_saved_change_of_python_is_the_next_answer_in_the_window_that_is_open(source: Path, tmp_path: Path) -> None:
    editor = view(source)
    with desktop() as screen:
        with driven(screen, "env", "-C", source.parents[1] / "src-tauri") as page:
            camera = Camera(page, tmp_path)
            nothing = camera.take_painted()
            assert page.click("ask").startswith(OLD)
            until("health", lambda: page.text("health").startswith("ready · healthy"))
            old = camera.take_painted(nothing)

            page.driver.execute_script(ASK_ON, NEW)
            changed = source.read_text().replace(BEFORE, AFTER)
            saved_at_s = time.time()
            source.write_text(changed)
            saved: list[Shot] = []

            def answered() -> float | None:
                saved.append(camera.take())
                at_s: float | None = page.driver.execute_script("return recorded.at")
                return at_s

            took_s = until(NEW, answered, 60) - saved_at_s
            assert page.text("ask-result").startswith(NEW)
            new = camera.take_painted(nothing, old)
            answers = page.driver.execute_script("return recorded.answers")
            # No request has failed meanwhile: those that came between two generations have waited.
            assert {text.partition(" (")[0] for text in answers} <= {OLD, NEW}

            to = tmp_path / "reload.webp"
            compose(list(pictures(old, saved, new, editor, took_s)), tmp_path, to)
            draw(to, "-coalesce", tmp_path / "recorded-%03d.png")
            recorded = sorted(tmp_path.glob("recorded-*.png"))
            assert camera.answer(recorded[0]) == camera.answer(old.picture)
            assert camera.answer(recorded[-1]) == camera.answer(new.picture)
        screen.expect_nothing_left()
    assert to.stat().st_size < LIMIT_KB * 1000
    if FOLDER:
        Path(FOLDER).mkdir(parents=True, exist_ok=True)
        shutil.copy(to, FOLDER)
