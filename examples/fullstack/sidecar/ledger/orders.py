"""What the imported orders amount to."""

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from ledger.errors import failures
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
