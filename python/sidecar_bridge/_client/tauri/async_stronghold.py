"""Tauri's plugin stronghold: secrets in a file of the app, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sidecar_bridge._client.errors import CommandError, ResourceClosedError
from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.stronghold import DERIVED_FROM, CounterLocation, DerivedFrom, Location, RecordLocation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta
    from os import PathLike

_T = TypeVar("_T")

_NOT_THERE = "stronghold not initialized"


class AsyncStronghold(AsyncPlugin):
    """Plugin stronghold: secrets in a file of the app.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:stronghold|"

    async def load(self, path: str | PathLike[str], password: str) -> AsyncSnapshot:
        """Open the file of secrets, or begin a new one that `save` writes.

        The app makes a key of the password, which may take seconds on purpose. Another password than that of the file
        is a `CommandError`.

        Needs `stronghold:allow-initialize`, which `stronghold:default` has.

        Args:
            path: The file, an absolute path: Tauri leaves a relative one to the app's working directory.
            password: The password.
        """
        found = arguments.path(path, "path")
        args: dict[str, object] = {"snapshotPath": found, "password": arguments.text(password, "password")}
        await self._call("initialize", args, results.nothing)
        return AsyncSnapshot(self, found)


class AsyncSnapshot:
    """An open file of secrets, made by `host.stronghold.load`.

    It belongs to the app, and stays open until `unload`, also when this sidecar ends: a page may have the same one.
    After that its methods, and those of its clients and vaults, raise `ResourceClosedError`.
    """

    def __init__(self, plugin: AsyncStronghold, path: str) -> None:
        """Made by `AsyncStronghold.load`."""
        self._plugin = plugin
        self._path = path
        self._closed = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path!r}{' (closed)' if self._closed else ''}>"

    @property
    def path(self) -> str:
        """The path of the file."""
        return self._path

    @property
    def is_closed(self) -> bool:
        """Whether it is known to be unloaded."""
        return self._closed

    async def create_client(self, name: str | bytes) -> AsyncStrongholdClient:
        """Make a client: a name under which there are vaults and a store.

        Needs `stronghold:allow-create-client`, which `stronghold:default` has.
        """
        await self._call("create_client", {"client": _name(name, "name")}, results.nothing)
        return AsyncStrongholdClient(self, name)

    async def load_client(self, name: str | bytes) -> AsyncStrongholdClient:
        """Give a client that the file has; a `CommandError` if it has none of that name.

        Needs `stronghold:allow-load-client`, which `stronghold:default` has.
        """
        await self._call("load_client", {"client": _name(name, "name")}, results.nothing)
        return AsyncStrongholdClient(self, name)

    async def save(self) -> None:
        """Write the file. Nothing is written before that.

        It is encrypted slowly on purpose: for seconds, in a debug build of the app for a minute and more. All calls of
        the plugin wait meanwhile.

        Needs `stronghold:allow-save`, which `stronghold:default` has.
        """
        await self._call("save", {}, results.nothing)

    async def unload(self) -> None:
        """Write the file as `save` does, and take the secrets out of the app's memory; a second time does nothing.

        Pages that have the same file have it no more either.

        Needs `stronghold:allow-destroy`.
        """
        if not self._closed:
            await self._call("destroy", {}, results.nothing)
            self._closed = True

    async def _call(self, command: str, args: dict[str, object], read: Callable[[Any], _T]) -> _T:
        if self._closed:
            raise ResourceClosedError(repr(self))
        try:
            return await self._plugin._call(command, {"snapshotPath": self._path, **args}, read)
        except CommandError as error:
            if error.error != _NOT_THERE:
                raise
            self._closed = True
            raise ResourceClosedError(repr(self)) from error


class AsyncStrongholdClient:
    """A client of a file of secrets: a store of values that can be read, and vaults of secrets that cannot."""

    def __init__(self, snapshot: AsyncSnapshot, name: str | bytes) -> None:
        """Made by `AsyncSnapshot.create_client` and `load_client`."""
        self._snapshot = snapshot
        self._name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name!r} of {self._snapshot!r}>"

    def vault(self, name: str | bytes) -> AsyncVault:
        """Give the vault of that name, which is made with its first secret."""
        _name(name, "name")
        return AsyncVault(self, name)

    async def get(self, key: str) -> bytes | None:
        """Give the value of a key of the store; `None` if it has none.

        Needs `stronghold:allow-get-store-record`, which `stronghold:default` has.
        """
        return await self._call("get_store_record", {"key": arguments.text(key, "key")}, results.maybe(results.data))

    async def insert(
        self, key: str, value: bytes | bytearray | memoryview, *, lifetime: timedelta | None = None
    ) -> bytes | None:
        """Give a key of the store a value, and give the one that it had.

        Needs `stronghold:allow-save-store-record`, which `stronghold:default` has.

        Args:
            key: The key.
            value: The value.
            lifetime: How long the key has it; left out, for ever.
        """
        args: dict[str, object] = {"key": arguments.text(key, "key"), "value": arguments.data(value, "value")}
        if lifetime is not None:
            seconds, milliseconds = divmod(arguments.milliseconds(lifetime, "lifetime"), 1000)
            args["lifetime"] = {"secs": seconds, "nanos": milliseconds * 1_000_000}
        return await self._call("save_store_record", args, results.maybe(results.data))

    async def remove(self, key: str) -> bytes | None:
        """Take a key out of the store, and give its value; `None` if it had none.

        Needs `stronghold:allow-remove-store-record`.
        """
        args: dict[str, object] = {"key": arguments.text(key, "key")}
        return await self._call("remove_store_record", args, results.maybe(results.data))

    async def _call(self, command: str, args: dict[str, object], read: Callable[[Any], _T]) -> _T:
        return await self._snapshot._call(command, {"client": _name(self._name, "name"), **args}, read)


class AsyncVault:
    """Secrets that nobody can read again, only use: keys are derived of them, and sign.

    Where a secret is to be, or is, may be its name in this vault or a `Location` in any.
    """

    def __init__(self, client: AsyncStrongholdClient, name: str | bytes) -> None:
        """Made by `AsyncStrongholdClient.vault`."""
        self._client = client
        self._name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name!r} of {self._client!r}>"

    async def insert(self, record: str | bytes, secret: bytes | bytearray | memoryview) -> None:
        """Put a secret into the vault.

        Needs `stronghold:allow-save-secret`, which `stronghold:default` has.
        """
        args = {"recordPath": _name(record, "record"), "secret": arguments.data(secret, "secret")}
        await self._client._call("save_secret", {"vault": _name(self._name, "name"), **args}, results.nothing)

    async def remove(self, record: str | bytes) -> None:
        """Take a secret out of the vault.

        Needs `stronghold:allow-remove-secret`.
        """
        args = {"vault": _name(self._name, "name"), "recordPath": _name(record, "record")}
        await self._client._call("remove_secret", args, results.nothing)

    async def generate_slip10_seed(self, output: str | bytes | Location, size: int | None = None) -> None:
        """Make a SLIP10 seed of random bytes.

        Needs `stronghold:allow-execute-procedure`, which `stronghold:default` has.

        Args:
            output: Where the seed is to be.
            size: How many bytes it has, 64 if left out.
        """
        payload: dict[str, object] = {"output": self._location(output, "output")}
        if size is not None:
            payload["sizeBytes"] = arguments.not_negative(size, "size")
        await self._run("SLIP10Generate", payload)

    async def derive_slip10(
        self,
        chain: Sequence[int],
        source: DerivedFrom,
        source_location: str | bytes | Location,
        output: str | bytes | Location,
    ) -> bytes:
        """Derive a SLIP10 key for Ed25519, and give its chain code.

        Needs `stronghold:allow-execute-procedure`, which `stronghold:default` has.

        Args:
            chain: The path of the key, each part hardened: 2³¹ and above.
            source: What it is derived from.
            source_location: Where that is.
            output: Where the key is to be.
        """
        found = {
            "type": arguments.one_of(DERIVED_FROM)(source, "source"),
            "payload": self._location(source_location, "source_location"),
        }
        return await self._run(
            "SLIP10Derive",
            {
                "chain": arguments.many(arguments.not_negative)(chain, "chain"),
                "input": found,
                "output": self._location(output, "output"),
            },
        )

    async def recover_bip39(
        self, mnemonic: str, output: str | bytes | Location, *, passphrase: str | None = None
    ) -> None:
        """Make the seed of a BIP39 mnemonic.

        Needs `stronghold:allow-execute-procedure`, which `stronghold:default` has.

        Args:
            mnemonic: The words.
            output: Where the seed is to be.
            passphrase: The passphrase, if there is one.
        """
        payload: dict[str, object] = {
            "mnemonic": arguments.text(mnemonic, "mnemonic"),
            "output": self._location(output, "output"),
        }
        if passphrase is not None:
            payload["passphrase"] = arguments.text(passphrase, "passphrase")
        await self._run("BIP39Recover", payload)

    async def generate_bip39(self, output: str | bytes | Location, *, passphrase: str | None = None) -> str:
        """Make a BIP39 seed, and give the words by which `recover_bip39` makes it again.

        Needs `stronghold:allow-execute-procedure`, which `stronghold:default` has.

        Args:
            output: Where the seed is to be.
            passphrase: A passphrase that belongs to the words.
        """
        payload: dict[str, object] = {"output": self._location(output, "output")}
        if passphrase is not None:
            payload["passphrase"] = arguments.text(passphrase, "passphrase")
        return (await self._run("BIP39Generate", payload)).decode()

    async def ed25519_public_key(self, private_key: str | bytes | Location) -> bytes:
        """Give the public key of a SLIP10 key, which `derive_slip10` has made.

        Needs `stronghold:allow-execute-procedure`, which `stronghold:default` has.
        """
        location = self._location(private_key, "private_key")
        return await self._run("PublicKey", {"type": "Ed25519", "privateKey": location})

    async def sign_ed25519(self, private_key: str | bytes | Location, message: str) -> bytes:
        """Sign a text, as UTF-8, with a SLIP10 key.

        Needs `stronghold:allow-execute-procedure`, which `stronghold:default` has.
        """
        location = self._location(private_key, "private_key")
        return await self._run("Ed25519Sign", {"privateKey": location, "msg": arguments.text(message, "message")})

    async def _run(self, procedure: str, payload: dict[str, object]) -> bytes:
        args: dict[str, object] = {"procedure": {"type": procedure, "payload": payload}}
        return await self._client._call("execute_procedure", args, results.data)

    def _location(self, value: str | bytes | Location, name: str) -> object:
        if isinstance(value, CounterLocation):
            counter = arguments.not_negative(value.counter, f"{name}.counter")
            return {"type": "Counter", "payload": {"vault": _name(value.vault, f"{name}.vault"), "counter": counter}}
        if not isinstance(value, RecordLocation):
            value = RecordLocation(self._name, value)
            _name(value.record, name)
        vault, record = _name(value.vault, f"{name}.vault"), _name(value.record, f"{name}.record")
        return {"type": "Generic", "payload": {"vault": vault, "record": record}}


def _name(value: str | bytes, name: str) -> object:
    return arguments.either(arguments.text, arguments.data)(value, name)
