"""How far a job is: the arithmetic of stages, without any job."""

from __future__ import annotations

import gc
from contextlib import suppress

import pytest

from sidecar_bridge.jobs import Job
from sidecar_bridge.jobs._progress import Stages


def fraction(job: Job) -> float | None:
    return job._stages.fraction()


def test_steps_of_a_loop_are_equal_parts() -> None:
    job = Job()
    assert [fraction(job) for _ in job.track(range(4))] == [0, 0.25, 0.5, 0.75]
    assert fraction(job) == 1


def test_a_loop_in_a_loop_divides_its_step() -> None:
    job = Job()
    seen = [fraction(job) for _ in job.track(range(2)) for _ in job.track(range(2))]
    assert seen == [0, 0.25, 0.5, 0.75]


def test_stages_with_shares_add_up() -> None:
    job = Job()
    seen = []
    with job.stage("load", share=0.2):
        seen += [fraction(job) for _ in job.track(range(2))]
    seen.append(fraction(job))
    with job.stage("train", share=0.7):
        seen += [fraction(job) for _ in job.track("ab")]
    with job.stage("save"):
        seen.append(fraction(job))
    assert seen == pytest.approx([0, 0.1, 0.2, 0.2, 0.55, 0.9])
    assert fraction(job) == pytest.approx(1)


def test_how_far_it_is_stays_unknown_without_a_length() -> None:
    job = Job()
    for n, _ in enumerate(job.track(iter("abc"), "reading"), 1):
        assert job._shown() == {
            "fraction": None,
            "stage": "reading",
            "current": n - 1,
            "total": None,
            "rest_ms": None,
        }


def test_a_stage_in_a_loop_of_unknown_length_counts_for_nothing() -> None:
    """Else the bar would be full after the first step."""
    job = Job()
    for _ in job.track(iter("abc")):
        for _ in job.track(range(2)):
            assert fraction(job) == 0


def test_a_total_that_is_given_makes_it_known() -> None:
    job = Job()
    assert [fraction(job) for _ in job.track(iter("ab"), total=2)] == [0, 0.5]


def test_it_never_goes_back() -> None:
    job = Job()
    job.progress(3, 4)
    assert fraction(job) == 0.75
    job.progress(1, 4)
    assert fraction(job) == 0.75
    job.progress(9, 4)
    assert fraction(job) == 1


def test_a_loop_that_is_left_early_is_done() -> None:
    job = Job()
    with job.stage("search", share=0.5):
        for _ in job.track(range(100)):
            break
    assert fraction(job) == 0.5


def test_a_loop_that_is_left_early_is_done_when_another_begins() -> None:
    job = Job()
    for n in job.track(range(4)):
        if n == 1:
            break
    with job.stage("next"):
        assert job._shown()["stage"] == "next"
        assert fraction(job) == 1


@pytest.mark.parametrize("bar", ["track", "tqdm"])
def test_what_raises_stays_where_it_was(bar: str) -> None:
    """A page would else show a full bar beside what was cancelled, or has failed."""
    job = Job()

    def stop_at_the_third() -> None:
        with job.stage("a", share=0.5):
            for n in getattr(job, bar)(range(8)):
                if n == 2:
                    raise ValueError(n)

    with pytest.raises(ValueError, match="2"):
        stop_at_the_third()
    shown = job._shown()
    assert (shown["fraction"], shown["stage"], shown["current"], shown["total"]) == (0.125, "a", 2, 8)


def test_a_bar_stays_where_its_block_raised() -> None:
    job = Job()
    with suppress(ValueError), job.tqdm(total=4) as bar:
        bar.update(1)
        raise ValueError
    assert fraction(job) == 0.25


def test_a_bar_that_nobody_closes_stays_where_it_was() -> None:
    job = Job()

    def half() -> None:
        bar = job.tqdm(total=2)
        bar.update(1)

    half()
    gc.collect()
    assert fraction(job) == 0.5


def test_who_catches_what_was_raised_goes_on_behind_it() -> None:
    job = Job()
    seen = []
    for _ in job.track(range(2)):
        with suppress(ValueError), job.stage("half", share=0.5):
            raise ValueError
        with job.stage("rest"):
            seen.append(fraction(job))
    assert seen == [0.25, 0.75]
    assert fraction(job) == 1


def test_stages_that_nobody_has_ended_end_with_the_one_around_them() -> None:
    stages = Stages()
    outer = stages.begin("outer", share=0.5)
    stages.begin("inner")
    stages.end(outer)
    assert [frame.title for frame in stages.frames] == [""]
    assert stages.fraction() == 0.5


def test_values_that_are_no_json_are_refused() -> None:
    with pytest.raises(TypeError, match="is not JSON"):
        Job().log("x", lock=object())
    with pytest.raises(TypeError, match="is not JSON"):
        Job().checkpoint(object())
