"""`JobProgress` of the guest package in a real window, on a light and on a dark desktop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from bridge_page import bridge_page, run
from desktop import Page, until

THEMES = {"light": "Adwaita", "dark": "Adwaita:dark"}
# By theme: what the bar is filled with, and what it is made of, on a page of the theme's color.
COLORS = {"light": ("#2563EB", "#D9D9D9"), "dark": ("#60A5FA", "#3F3F3F")}
NEAR = 4
"""How far a color may be from the one that is meant, of 255."""


@pytest.fixture(scope="module", params=THEMES)
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def page(theme: str) -> Iterator[Page]:
    with bridge_page(SIDECAR_TEST_JOBS="yes", GTK_THEME=THEMES[theme]) as page:
        page.driver.execute_script("location.href = '/jobs.html'")
        until("the page of jobs", lambda: page.driver.execute_script("return 'submitJob' in window"))
        yield page


@contextmanager
def submitted(page: Page, name: str, **arguments: Any) -> Iterator[str]:
    """A job, which is cancelled unless it has ended."""
    id_ = str(run(page, "const [name, values] = args; return (await submitJob(name, values)).id", name, arguments))
    try:
        yield id_
    finally:
        run(page, "await cancelJob(args[0]).catch(({ code }) => code)", id_)
        # The page has heard of it, and does not show it for the next one.
        until("its end in the page", lambda: not page.driver.find_elements(By.CLASS_NAME, "sidecar-job-cancel"))


def shown(page: Page, text: str) -> WebElement:
    """Give what shows the newest job, once it says that."""
    said = "return document.querySelector('.sidecar-job')?.innerText ?? ''"
    until(f"`{text}`", lambda: text in page.driver.execute_script(said), 60)
    return page.driver.find_element(By.CLASS_NAME, "sidecar-job")


@pytest.fixture
def trained(page: Page) -> Iterator[str]:
    """A job that stands at 46 %."""
    with submitted(page, "train_model", epochs=5, done=2) as id_:
        shown(page, "Training · 46 %")
        yield id_


def colors_at(page: Page, bar: WebElement, picture: Path, *fractions: float) -> list[tuple[int, ...]]:
    """The colors of the bar on the screen, in the middle of its height and at these parts of its length."""
    place = page.driver.execute_script(
        "const { x, y, width, height } = arguments[0].getBoundingClientRect(); return [x, y + height / 2, width]", bar
    )
    page.desktop.run("import", "-window", page.desktop.window()[0], str(picture))
    points = [f"%[pixel:p{{{place[0] + part * place[2]:.0f},{place[1]:.0f}}}]\n" for part in fractions]
    said = page.desktop.run("convert", str(picture), "-depth", "8", "-format", "".join(points), "info:")
    return [tuple(int(float(part)) for part in line[line.index("(") + 1 : -1].split(",")[:3]) for line in said.split()]


def is_near(color: tuple[int, ...], meant: str) -> bool:
    return all(abs(a - b) <= NEAR for a, b in zip(color, bytes.fromhex(meant[1:]), strict=True))


@pytest.mark.usefixtures("trained")
def test_a_bar_is_as_long_as_its_job_is_far(page: Page, theme: str, tmp_path: Path) -> None:
    bar = page.driver.find_element(By.CSS_SELECTOR, "[role=progressbar]")
    assert bar.get_attribute("aria-valuenow") == "46"
    assert bar.get_attribute("aria-valuetext") == "Training · 46 %"
    assert bar.accessible_name == "Train model"
    filled, track = COLORS[theme]
    # It glides there.
    until(
        f"a bar of {COLORS[theme]}",
        lambda: (
            [is_near(color, filled) for color in colors_at(page, bar, tmp_path / "job.png", 0.05, 0.44, 0.48, 0.95)]
            == [True, True, False, False]
        ),
    )
    assert all(is_near(color, track) for color in colors_at(page, bar, tmp_path / "job.png", 0.48, 0.95))


def test_a_job_outlives_a_reload_of_the_page(page: Page, trained: str) -> None:
    page.driver.refresh()
    job = shown(page, "Training · 46 %")
    assert job.find_element(By.CSS_SELECTOR, "[role=progressbar]").get_attribute("aria-valuenow") == "46"
    found = run(page, "return getJob(args[0])", trained)
    assert (found["state"], found["attempt"]) == ("running", 1)


def test_its_button_cancels_a_job_and_nothing_moves(page: Page, trained: str) -> None:
    job = page.driver.find_element(By.CLASS_NAME, "sidecar-job")
    before = job.size
    page.settle()
    job.find_element(By.TAG_NAME, "button").click()
    job = shown(page, "Cancelled")
    assert run(page, "return (await getJob(args[0])).state", trained) == "cancelled"
    assert job.find_elements(By.TAG_NAME, "button") == []
    assert job.find_element(By.CSS_SELECTOR, "[role=status]").text == "Cancelled"
    assert job.size == before


def test_a_job_of_unknown_length_moves_and_counts(page: Page) -> None:
    with submitted(page, "look_around"):
        job = shown(page, "Looking for files · ")
        bar = job.find_element(By.CSS_SELECTOR, "[role=progressbar]")
        assert bar.get_attribute("aria-valuenow") is None
        # WebDriver gives no place of what is outside of its bar, as it is for a part of the time.
        place = "return document.querySelector('.sidecar-job-fill').getBoundingClientRect().x"
        left = page.driver.execute_script(place)
        until("a bar that moves", lambda: page.driver.execute_script(place) != left)


def test_a_failure_says_why(page: Page) -> None:
    with submitted(page, "open_table", path="/nowhere/table.csv"):
        job = shown(page, "Failed: [Errno 2] No such file or directory")
        assert job.get_attribute("data-state") == "failed"
        assert job.find_element(By.CSS_SELECTOR, "[role=status]").text.startswith("Failed")
