"""Whether the process serves, and how its database is."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from ledger.faults import Condition
from ledger.state import DatabaseDep

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """`status` is the process's own: it answers, so it is healthy."""

    status: Literal["healthy"] = "healthy"
    database: Condition


@router.get("/health")
def health(database: DatabaseDep) -> Health:
    """Answer for as long as the process serves."""
    return Health(database=database.condition())
