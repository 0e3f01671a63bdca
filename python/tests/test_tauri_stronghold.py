"""Secrets in a file of the app: `host.stronghold`. What goes to Tauri was tried in an app with the plugin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hosts import Run

from sidecar_bridge import CommandError, ResourceClosedError
from sidecar_bridge.tauri.stronghold import CounterLocation, RecordLocation
from sidecar_bridge.testing import FakeHost

SNAPSHOT = "/dir/vault.hold"
SEED = {"type": "Generic", "payload": {"vault": "v", "record": "seed"}}
KEY = {"type": "Generic", "payload": {"vault": "v", "record": "key"}}
FAR = {"type": "Generic", "payload": {"vault": [118, 0], "record": "key"}}
THIRD = {"type": "Counter", "payload": {"vault": "v", "counter": 3}}


@pytest.fixture
def stronghold(fake: FakeHost) -> FakeHost:
    for command in ("initialize", "create_client", "load_client", "save", "destroy", "save_secret", "remove_secret"):
        fake.answers(f"plugin:stronghold|{command}")
    return fake


def with_client(do: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Load a file with either twin, make a client, and give what is made of it."""

    def use(host: Any) -> Any:
        loading = host.stronghold.load(Path(SNAPSHOT), "pw")
        if not asyncio.iscoroutine(loading):
            return do(loading.create_client("me"))

        async def run() -> Any:
            result = do(await (await loading).create_client("me"))
            return await result if asyncio.iscoroutine(result) else result

        return run()

    return use


def test_a_file_is_opened_with_its_password_and_has_clients(run: Run, stronghold: FakeHost) -> None:
    run(with_client(repr))
    assert stronghold.args_of("plugin:stronghold|initialize") == [{"snapshotPath": SNAPSHOT, "password": "pw"}]
    assert stronghold.args_of("plugin:stronghold|create_client") == [{"snapshotPath": SNAPSHOT, "client": "me"}]


def test_the_password_is_nowhere_in_what_is_shown(run: Run, stronghold: FakeHost) -> None:
    assert "pw" not in run(with_client(repr))
    assert "pw" not in run(with_client(lambda client: repr(client.vault("v"))))


@pytest.mark.parametrize(
    ("use", "command", "sent", "answer", "result"),
    [
        (lambda client: client.get("k"), "get_store_record", {"key": "k"}, [118, 255], b"v\xff"),
        (lambda client: client.get("k"), "get_store_record", {"key": "k"}, None, None),
        (lambda client: client.remove("k"), "remove_store_record", {"key": "k"}, [118], b"v"),
        (
            lambda client: client.insert("k", b"v\xff", lifetime=timedelta(seconds=1.5)),
            "save_store_record",
            {"key": "k", "value": [118, 255], "lifetime": {"secs": 1, "nanos": 500_000_000}},
            None,
            None,
        ),
        (
            lambda client: client.vault("v").insert("r", b"abc"),
            "save_secret",
            {"vault": "v", "recordPath": "r", "secret": [97, 98, 99]},
            None,
            None,
        ),
        (
            lambda client: client.vault(b"v\0").remove(b"r"),
            "remove_secret",
            {"vault": [118, 0], "recordPath": [114]},
            None,
            None,
        ),
    ],
)
def test_stores_and_vaults(  # noqa: PLR0917 - a row
    use: Callable[[Any], Any],
    command: str,
    sent: dict[str, object],
    answer: object,
    result: object,
    run: Run,
    stronghold: FakeHost,
) -> None:
    stronghold.answers(f"plugin:stronghold|{command}", answer)
    assert run(with_client(use)) == result
    assert stronghold.args_of(f"plugin:stronghold|{command}") == [{"snapshotPath": SNAPSHOT, "client": "me", **sent}]


PROCEDURES: list[tuple[Callable[[Any], Any], str, dict[str, Any], list[int], Any]] = [
    (lambda vault: vault.generate_slip10_seed("seed"), "SLIP10Generate", {"output": SEED}, [], None),
    (
        lambda vault: vault.generate_slip10_seed("seed", 64),
        "SLIP10Generate",
        {"output": SEED, "sizeBytes": 64},
        [],
        None,
    ),
    (
        lambda vault: vault.derive_slip10([2**31], "Seed", "seed", "key"),
        "SLIP10Derive",
        {"chain": [2**31], "input": {"type": "Seed", "payload": SEED}, "output": KEY},
        [222, 246],
        b"\xde\xf6",
    ),
    (
        lambda vault: vault.recover_bip39("guard snack", CounterLocation("v", 3), passphrase="p"),
        "BIP39Recover",
        {"mnemonic": "guard snack", "passphrase": "p", "output": THIRD},
        [],
        None,
    ),
    (
        lambda vault: vault.generate_bip39("seed"),
        "BIP39Generate",
        {"output": SEED},
        list(b"guard snack"),
        "guard snack",
    ),
    (
        lambda vault: vault.ed25519_public_key(RecordLocation(b"v\0", "key")),
        "PublicKey",
        {"type": "Ed25519", "privateKey": FAR},
        [1, 2],
        b"\1\2",
    ),
    (lambda vault: vault.sign_ed25519("key", "hi"), "Ed25519Sign", {"privateKey": KEY, "msg": "hi"}, [3], b"\3"),
]


@pytest.mark.parametrize("row", PROCEDURES, ids=lambda row: row[1])
def test_procedures(
    row: tuple[Callable[[Any], Any], str, dict[str, Any], list[int], Any], run: Run, stronghold: FakeHost
) -> None:
    use, kind, payload, answer, result = row
    stronghold.answers("plugin:stronghold|execute_procedure", answer)
    assert run(with_client(lambda client: use(client.vault("v")))) == result
    assert stronghold.args_of("plugin:stronghold|execute_procedure") == [
        {"snapshotPath": SNAPSHOT, "client": "me", "procedure": {"type": kind, "payload": payload}}
    ]


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda client: client.get(b"k"), "`key` must be a str, not bytes"),
        (lambda client: client.insert("k", "v"), "`value` must be bytes, not str"),
        (lambda client: client.vault(1), "`name` must be a str or bytes, not int"),
        (lambda client: client.vault("v").insert("r", "abc"), "`secret` must be bytes, not str"),
        (lambda client: client.vault("v").generate_slip10_seed(1), "`output` must be a str or bytes, not int"),
        (
            lambda client: client.vault("v").sign_ed25519(CounterLocation("v", "3"), "hi"),  # type: ignore[arg-type]
            r"`private_key\.counter` must be an int, not str",
        ),
    ],
)
def test_a_wrong_argument_is_refused_before_it_leaves(
    use: Callable[[Any], Any], message: str, run: Run, stronghold: FakeHost
) -> None:
    with pytest.raises(TypeError, match=message):
        run(with_client(use))
    assert [call.command.partition("|")[2] for call in stronghold.calls] == ["initialize", "create_client"]


async def test_what_was_unloaded_is_a_typed_error_to_use(fake_host: FakeHost) -> None:
    for command in ("initialize", "load_client", "destroy"):
        fake_host.answers(f"plugin:stronghold|{command}")
    snapshot = await fake_host.async_host.stronghold.load(SNAPSHOT, "pw")
    client = await snapshot.load_client("me")
    await snapshot.unload()
    await snapshot.unload()
    assert fake_host.args_of("plugin:stronghold|destroy") == [{"snapshotPath": SNAPSHOT}]
    uses: list[Callable[[], Any]] = [snapshot.save, lambda: client.get("k"), lambda: client.vault("v").remove("r")]
    for use in uses:
        with pytest.raises(ResourceClosedError, match=rf"<AsyncSnapshot '{SNAPSHOT}' \(closed\)> has ended"):
            await use()


async def test_what_somebody_else_unloaded_is_known_to_be_gone(fake_host: FakeHost) -> None:
    fake_host.answers("plugin:stronghold|initialize")
    fake_host.fails("plugin:stronghold|load_client", "error loading client data; no data present")
    fake_host.fails("plugin:stronghold|save", "stronghold not initialized")
    snapshot = await fake_host.async_host.stronghold.load(SNAPSHOT, "pw")
    with pytest.raises(CommandError, match="no data present"):
        await snapshot.load_client("nobody")
    with pytest.raises(ResourceClosedError):
        await snapshot.save()
    assert snapshot.is_closed
