"""What lives as long as the app, as dependencies of the routes."""

from asyncio import Lock
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from ledger.attempts import Attempts
from ledger.database import Database
from ledger.settings import Settings


@dataclass(frozen=True, slots=True)
class State:
    """Made when the app starts."""

    settings: Settings
    database: Database
    attempts: Attempts
    choosing: Lock
    """Held while somebody chooses a file."""


async def _state(request: Request) -> State:
    return cast("State", request.app.state.ledger)


async def _settings(state: Annotated[State, Depends(_state)]) -> Settings:
    return state.settings


async def _database(state: Annotated[State, Depends(_state)]) -> Database:
    return state.database


async def _attempts(state: Annotated[State, Depends(_state)]) -> Attempts:
    return state.attempts


StateDep = Annotated[State, Depends(_state)]
SettingsDep = Annotated[Settings, Depends(_settings)]
DatabaseDep = Annotated[Database, Depends(_database)]
AttemptsDep = Annotated[Attempts, Depends(_attempts)]
