"""No sidecar outlives its host, whatever it does; and an app that ends lets its sidecar end."""

from __future__ import annotations

from pathlib import Path

import pytest

from world import ROUNDS, Host, host


@pytest.mark.parametrize("doing", ["/", "/spin", "/sleep", "/hold_the_gil", "/grandchild"])
def test_none_is_left_of_a_host_that_is_killed(tmp_path: Path, doing: str) -> None:
    took_ms = []
    for number in range(ROUNDS):
        directory = tmp_path / str(number)
        directory.mkdir()
        with host(directory) as running:
            if doing in {"/sleep", "/hold_the_gil"}:
                # It will not answer.
                running.tell({"burst": {"calls": 1, "method": "GET", "path": doing}})
                running.hear()
            else:
                assert running.ask(doing) == []
            assert len(running.left()) == (2 if doing == "/grandchild" else 1)
            running.kill()
            took_ms.append(running.ms_until_none_is_left())
    print(f"{doing}: 0 left of {ROUNDS}, the last after {max(took_ms):.0f} ms")


def test_none_is_left_of_a_host_that_is_killed_while_its_sidecar_imports(tmp_path: Path) -> None:
    running = Host(tmp_path, 1, {}, IMPORTS="yes")
    try:
        running.hear()
        assert len(running.left()) == 1
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
