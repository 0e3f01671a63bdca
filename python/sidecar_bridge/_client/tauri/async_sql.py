# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's plugin sql: databases of the app, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.tauri.async_plugin import AsyncPlugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results
from sidecar_bridge.tauri.sql import QueryResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class AsyncSql(AsyncPlugin):
    """Plugin sql: databases of the app.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:sql|"

    async def load(self, db: str, *, auto_create: bool | None = None) -> str:
        """Open a database, by a URL such as `sqlite:app.db`; the answer is the name that the other calls take.

        Needs `sql:allow-load`, which `sql:default` has.

        Args:
            db: The database connection string, such as `sqlite:test.db`. The database is created if it does not exist
                yet, and any migration registered for it on the Rust side is run.
        """
        options: dict[str, object] = {}
        if auto_create is not None:
            options["autoCreate"] = arguments.boolean(auto_create, "auto_create")
        args: dict[str, object] = {"db": arguments.text(db, "db")}
        if options:
            args["options"] = options
        return await self._call("load", args, results.text)

    async def execute(self, db: str, query: str, values: Sequence[object] = ()) -> QueryResult:
        """Run a statement that gives no rows.

        Every number is bound as REAL, `True` and `False` as the texts `true` and `false`: send 1 and 0 for these. Lists
        and dicts are bound as their JSON text. There is no way to bind bytes.

        Needs `sql:allow-execute`.

        Args:
            query: The SQL statement to run, using `$1`, `$2`, ... placeholders on SQLite and PostgreSQL and `?`
                placeholders on MySQL.
            values: The values bound to the query placeholders, in the order they appear in the statement. Defaults to
                no values.
        """
        return await self._call(
            "execute",
            {
                "db": arguments.text(db, "db"),
                "query": arguments.text(query, "query"),
                "values": arguments.many(arguments.anything)(values, "values"),
            },
            QueryResult._read,
        )

    async def select(self, db: str, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run a statement and give its rows.

        Values are bound as those of `execute`; columns of one name collapse, and bytes come as a list.

        Needs `sql:allow-select`, which `sql:default` has.

        Args:
            query: The SQL query to run, using `$1`, `$2`, ... placeholders on SQLite and PostgreSQL and `?`
                placeholders on MySQL.
            values: The values bound to the query placeholders, in the order they appear in the query. Defaults to no
                values.
        """
        return await self._call(
            "select",
            {
                "db": arguments.text(db, "db"),
                "query": arguments.text(query, "query"),
                "values": arguments.many(arguments.anything)(values, "values"),
            },
            results.many(results.mapping(results.anything)),
        )

    async def close(self, db: str | None = None) -> bool:
        """Close a database.

        Without `db` all databases are closed; one that is not open is no error.

        Needs `sql:allow-close`, which `sql:default` has.

        Args:
            db: Optionally state the name of a database if you are managing more than one. Otherwise, all database pools
                will be in scope.
        """
        args: dict[str, object] = {}
        if db is not None:
            args["db"] = arguments.text(db, "db")
        return await self._call("close", args, results.boolean)
