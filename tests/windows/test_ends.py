"""No sidecar outlives its host, whatever it does; and an app that ends lets its sidecar end."""

from __future__ import annotations

from pathlib import Path

import pytest

from world import IDENTIFIER, ROUNDS, Host, host, local


def do(running: Host, doing: str) -> None:
    """Let the sidecar do that, whether it answers afterwards or not."""
    if doing in {"/sleep", "/hold_the_gil"}:
        running.tell({"burst": {"calls": 1, "method": "GET", "path": doing}})
        running.hear()
    else:
        assert running.ask(doing) == []


@pytest.mark.parametrize("doing", ["/", "/spin", "/sleep", "/hold_the_gil", "/grandchild"])
def test_none_is_left_of_a_host_that_is_killed(tmp_path: Path, doing: str) -> None:
    took_ms = []
    for number in range(ROUNDS):
        directory = tmp_path / str(number)
        directory.mkdir()
        with host(directory) as running:
            before = running.left()
            assert before, "the sidecar is seen"
            do(running, doing)
            if doing == "/grandchild":
                assert len(running.left()) > len(before)
            running.kill()
            took_ms.append(running.ms_until_none_is_left())
    print(f"{doing}: 0 left of {ROUNDS}, the last after {max(took_ms):.0f} ms")


def test_none_is_left_of_a_host_that_is_killed_while_its_sidecar_imports(tmp_path: Path) -> None:
    running = Host(tmp_path, 1, {}, IMPORTS="yes")
    try:
        running.hear()
        assert running.left()
        running.kill()
        running.ms_until_none_is_left()
    finally:
        running.close()


def test_another_instance_of_the_app_keeps_working(running: Host, tmp_path: Path) -> None:
    with host(tmp_path) as other:
        other.kill()
        other.ms_until_none_is_left()
    assert running.ask("/blocking") == []


def test_an_app_that_ends_lets_its_sidecar_end_and_the_rest_with_it(tmp_path: Path) -> None:
    with host(tmp_path) as running:
        assert running.ask("/grandchild") == []
        assert running.stop() == 0
        assert running.hear() == {"lifespan": "over"}
        assert running.hear() == {"served": "to the end"}
        running.ms_until_none_is_left()


def test_a_sidecar_that_stops_at_nothing_ends_with_the_app_all_the_same(tmp_path: Path) -> None:
    with host(tmp_path, stopTimeoutMs=1000) as running:
        do(running, "/hold_the_gil")
        assert running.stop() == 0
        running.ms_until_none_is_left()


@pytest.mark.parametrize("how", ["window closed", "killed and next start"])
def test_no_connection_file_is_left(tmp_path: Path, how: str) -> None:
    connection_file = local() / f"sidecar-bridge-{IDENTIFIER}.json"
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    with host(tmp_path / "first") as running:
        assert connection_file.exists()
        if how == "killed and next start":
            running.kill()
            with host(tmp_path / "second") as following:
                assert following.stop() == 0
        else:
            assert running.stop() == 0
    assert not connection_file.exists()


def test_an_app_that_starts_itself_anew_leaves_nothing_of_its_first_life(tmp_path: Path) -> None:
    with host(tmp_path) as running:
        assert running.ask("/grandchild") == []
        first = set(running.left())
        running.tell("restartApp")
        running.wait_for("ready")
        assert first.isdisjoint(running.left())
        assert running.ask("/blocking") == []
        running.stop()
        running.ms_until_none_is_left()


def test_a_log_that_cannot_be_written_harms_nobody(tmp_path: Path) -> None:
    with host(tmp_path, log=False) as running:
        assert running.ask("/printed", calls=100) == []
        assert running.stop() == 0
