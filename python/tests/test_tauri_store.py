"""Values in files of the app: `host.store`, and handles that belong to the app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hosts import LIMIT_S, Run

from sidecar_bridge import (
    CommandError,
    DeadlineExceededError,
    PermissionDeniedError,
    ResourceClosedError,
    UnexpectedTypeError,
)
from sidecar_bridge.tauri.store import StoreChange
from sidecar_bridge.testing import FakeHost

RID = 33963173
GONE = f"The resource id {RID} is invalid."
SEEN: list[tuple[str, tuple[Any, ...], dict[str, Any], Any, Any]] = [
    ("get", ("n",), {"key": "n"}, [None, True], None),
    ("get", ("k",), {"key": "k"}, [{"a": [1, None]}, True], {"a": [1, None]}),
    ("get", ("gone",), {"key": "gone"}, [None, False], None),
    ("get", ("gone", 7), {"key": "gone"}, [None, False], 7),
    ("get", ("n", 7), {"key": "n"}, [None, True], None),
    ("set", ("k", {"a": [1, None]}), {"key": "k", "value": {"a": [1, None]}}, None, None),
    ("set", ("k", None), {"key": "k", "value": None}, None, None),
    ("has", ("k",), {"key": "k"}, True, True),
    ("delete", ("k",), {"key": "k"}, False, False),
    ("keys", (), {}, ["k", "n"], ["k", "n"]),
    ("values", (), {}, [{"a": [1, None]}, None], [{"a": [1, None]}, None]),
    ("entries", (), {}, [["a", 1], ["b", None]], {"a": 1, "b": None}),
    ("length", (), {}, 2, 2),
    ("reset", (), {}, None, None),
    ("clear", (), {}, None, None),
    ("save", (), {}, None, None),
    ("reload", (), {}, None, None),
]
"""What one store was asked, what went to Tauri beside its number, what Tauri gave, and what the caller gets."""


@pytest.fixture
def stores(fake: FakeHost) -> FakeHost:
    fake.answers("plugin:store|load", RID)
    fake.answers("plugin:resources|close")
    return fake


def with_store(do: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Load a store with either twin, and give what is made of it."""

    def use(host: Any) -> Any:
        loading = host.store.load("s.json")
        if not asyncio.iscoroutine(loading):
            return do(loading)

        async def run() -> Any:
            result = do(await loading)
            return await result if asyncio.iscoroutine(result) else result

        return run()

    return use


@pytest.mark.parametrize("row", SEEN, ids=lambda row: row[0])
def test_each_method_says_what_tauri_took_and_reads_what_it_gave(
    row: tuple[str, tuple[Any, ...], dict[str, Any], Any, Any], run: Run, stores: FakeHost
) -> None:
    method, given, sent, answer, result = row
    stores.answers(f"plugin:store|{method}", answer)
    assert run(with_store(lambda store: getattr(store, method)(*given))) == result
    assert stores.args_of(f"plugin:store|{method}") == [{"rid": RID, **sent}]


def test_only_what_the_file_has(run: Run, stores: FakeHost) -> None:
    stores.answers("plugin:store|reload")
    run(with_store(lambda store: store.reload(ignore_defaults=True)))
    assert stores.args_of("plugin:store|reload") == [{"rid": RID, "ignoreDefaults": True}]


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({}, None),
        (
            {"auto_save": False, "create_new": True, "defaults": {"d": 1}},
            {"autoSave": False, "createNew": True, "defaults": {"d": 1}},
        ),
        ({"auto_save": timedelta(seconds=0.5)}, {"autoSave": 500}),
        ({"override_defaults": True}, {"overrideDefaults": True}),
        (
            {"serialize_fn_name": "s", "deserialize_fn_name": "d"},
            {"serializeFnName": "s", "deserializeFnName": "d"},
        ),
    ],
)
def test_options_are_tauris(options: dict[str, Any], sent: object, run: Run, stores: FakeHost) -> None:
    run(lambda host: host.store.load(Path("t.json"), **options))
    (args,) = stores.args_of("plugin:store|load")
    assert args == {"path": "t.json"} | ({"options": sent} if sent else {})


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda store: store.load(1), "`path` must be a path or a str, not int"),
        (lambda store: store.load("s", auto_save=500), "`auto_save` must be a bool or a timedelta, not int"),
        (lambda store: store.load("s", defaults=[]), "`defaults` must be a dict, not list"),
        (lambda store: store.get(None), "`path` must be a path or a str, not NoneType"),
    ],
)
def test_a_wrong_argument_is_refused_before_it_leaves(
    use: Callable[[Any], Any], message: str, run: Run, fake: FakeHost
) -> None:
    with pytest.raises(TypeError, match=message):
        run(lambda host: use(host.store))
    assert not fake.calls


def test_a_key_is_a_string_and_a_value_is_json(run: Run, stores: FakeHost) -> None:
    with pytest.raises(TypeError, match="`key` must be a str, not int"):
        run(with_store(lambda store: store.set(1, 1)))
    with pytest.raises(TypeError):
        run(with_store(lambda store: store.set("k", object())))
    assert stores.args_of("plugin:store|set") == []


def test_a_store_that_nobody_has_loaded_is_none(run: Run, fake: FakeHost) -> None:
    fake.answers("plugin:store|get_store", None)
    assert run(lambda host: host.store.get("zz.json")) is None
    fake.answers("plugin:store|get_store", RID)
    assert run(lambda host: host.store.get("s.json")).rid == RID


def test_it_stays_loaded_when_nobody_here_has_it_any_more(run: Run, stores: FakeHost) -> None:
    run(lambda host: host.store.load("s.json"))
    assert [call.command for call in stores.calls] == ["plugin:store|load"]
    assert stores.undone == []


def test_after_close_it_is_a_typed_error_to_use_it(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:store|load", RID)
    fake_host.answers("plugin:resources|close")
    store = fake_host.host.store.load("s.json")
    store.close()
    store.close()
    assert fake_host.args_of("plugin:resources|close") == [{"rid": RID}]
    for use in (store.keys, lambda: store.rid, lambda: store.changes().__enter__()):
        with pytest.raises(ResourceClosedError, match=r"<Store 's.json' \(closed\)> has ended"):
            use()


async def test_a_store_that_somebody_else_closed_is_known_to_be_closed(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:store|load", RID)
    fake_host.fails("plugin:store|length", GONE)
    fake_host.fails("plugin:store|save", "No space left on device (os error 28)")
    store = await fake_host.async_host.store.load("s.json")
    with pytest.raises(CommandError, match="No space left"):
        await store.save()
    with pytest.raises(ResourceClosedError):
        await store.length()
    assert store.is_closed
    other = await fake_host.async_host.store.load("s.json")
    fake_host.fails("plugin:resources|close", GONE)
    await other.close()
    assert other.is_closed


async def test_a_close_that_is_refused_closes_nothing(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:store|load", RID)
    fake_host.refuses("plugin:resources|close")
    store = await fake_host.async_host.store.load("s.json")
    with pytest.raises(PermissionDeniedError):
        await store.close()
    assert not store.is_closed


def change(rid: int, key: str, value: Any = None, *, exists: bool = True) -> dict[str, Any]:
    return {"path": "/data/s.json", "resourceId": rid, "key": key, "value": value, "exists": exists}


async def test_changes_are_those_of_this_store(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:store|load", RID)
    store = await fake_host.async_host.store.load("s.json")
    async with store.changes() as changes:
        fake_host.emit("store://change", change(1, "other"))
        fake_host.emit("store://change", change(RID, "k", [1]))
        fake_host.emit("store://change", change(RID, "k", exists=False))
        assert await anext(changes) == StoreChange(Path("/data/s.json"), "k", [1], exists=True, rid=RID)
        assert await changes.receive(LIMIT_S) == StoreChange(Path("/data/s.json"), "k", None, exists=False, rid=RID)
        fake_host.emit("store://change", change(1, "other"))
        with pytest.raises(DeadlineExceededError):
            await changes.receive(0.01)
        fake_host.emit("store://change", {"path": "/data/s.json"})
        with pytest.raises(UnexpectedTypeError, match="the payload of event `store://change` has 'key'"):
            await changes.receive(LIMIT_S)
    assert [each async for each in changes] == []


def test_blocking_code_hears_of_changes_too(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:store|load", RID)
    with fake_host.host.store.load("s.json").changes() as changes:
        fake_host.emit("store://change", change(RID, "k", 1))
        assert next(changes).value == 1
