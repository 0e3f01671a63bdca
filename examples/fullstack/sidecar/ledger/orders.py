"""What the imported orders amount to, and all of them as a file."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from itertools import chain
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import text

from ledger.database import Database
from ledger.errors import failures
from ledger.order_csv import COLUMNS
from ledger.sessions import CurrentUser
from ledger.state import DatabaseDep

router = APIRouter(prefix="/orders", tags=["orders"])

# `total` adds as a float, exactly up to 2^53 cents; `sum` would fail beyond 2^63.
_MONTHS = text(
    """
    SELECT substr(ordered_on, 1, 7) AS month, count(*) AS orders,
           CAST(total(quantity * unit_price_cents) AS INTEGER) AS revenue_cents
    FROM orders GROUP BY month ORDER BY month
    """
)

_ORDERS = text("SELECT ordered_on, customer, product, quantity, unit_price_cents FROM orders ORDER BY ordered_on, id")
_ROWS_AT_ONCE = 1000

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "A file that can be imported again.", "content": {"text/csv": {}}}
}


class Month(BaseModel):
    """One month of orders."""

    month: str
    orders: int
    revenue_cents: int


class Summary(BaseModel):
    """All months that have orders, oldest first, for the chart."""

    months: list[Month]
    total_orders: int
    total_revenue_cents: int


@router.get("/summary", responses=failures(401, 503))
def summary(_user: CurrentUser, database: DatabaseDep) -> Summary:
    """Add up the orders of each month."""
    with database.reading() as session:
        months = [Month.model_validate(dict(row._mapping)) for row in session.connection().execute(_MONTHS)]
    return Summary(
        months=months,
        total_orders=sum(month.orders for month in months),
        total_revenue_cents=sum(month.revenue_cents for month in months),
    )


@router.get("/export.csv", response_class=StreamingResponse, responses=_FILE | failures(401, 503))
def export(_user: CurrentUser, database: DatabaseDep) -> StreamingResponse:
    """Write all orders as a CSV file, oldest first, as fast as it is taken."""
    lines = _lines(database)
    # A database that cannot be read is an answer of its own, not the end of this one.
    first = next(lines)
    name = f"orders-{datetime.now(UTC):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(chain([first], lines), media_type="text/csv", headers=headers)


def _lines(database: Database) -> Iterator[str]:
    with database.reading() as session:
        rows = session.connection().execution_options(yield_per=_ROWS_AT_ONCE).execute(_ORDERS)
        yield ",".join(COLUMNS) + "\n"
        for some in rows.partitions():
            written = StringIO()
            writer = csv.writer(written, lineterminator="\n")
            for *order, cents in some:
                writer.writerow([*order, f"{cents // 100}.{cents % 100:02}"])
            yield written.getvalue()
