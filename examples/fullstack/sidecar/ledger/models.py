"""The tables. What the routes take and give is beside the routes."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Enum, ForeignKey
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time. SQLite keeps no time zones, so it is UTC there and says so here."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect | None = None) -> datetime | None:  # noqa: ARG002, RUF100
        """Store it in UTC."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002, RUF100
        """Read it as UTC."""
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None


def now() -> datetime:
    """Give the present time, with its zone."""
    return datetime.now(UTC)


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


class Role(StrEnum):
    """What a user may do: members read and import, admins also change users."""

    ADMIN = "admin"
    MEMBER = "member"


class UserRow(SQLModel, table=True):
    """An account. Its email is stored in lower case, which makes it unique whatever the case."""

    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, max_length=254)
    name: str = Field(max_length=100)
    role: Role = Field(sa_type=Enum(Role, native_enum=False, length=16, values_callable=_values))  # type: ignore[call-overload, unused-ignore]
    active: bool = True
    password_hash: str
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    picture: str | None = Field(default=None, max_length=64)
    """The name under which a page gets the picture; another one for each."""


class PictureRow(SQLModel, table=True):
    """The picture of a user."""

    __tablename__ = "pictures"

    user_id: int = Field(sa_column_args=[ForeignKey("users.id", ondelete="CASCADE")], primary_key=True)
    media_type: str = Field(max_length=32)
    content: bytes


class SessionRow(SQLModel, table=True):
    """A login. Only the token's hash is here, so a stolen database opens no session."""

    __tablename__ = "sessions"

    token_hash: str = Field(primary_key=True, max_length=64)
    user_id: int = Field(sa_column_args=[ForeignKey("users.id", ondelete="CASCADE")], index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class ImportRow(SQLModel, table=True):
    """A CSV file whose orders are here, and the job that has imported it."""

    __tablename__ = "imports"

    id: int | None = Field(default=None, primary_key=True)
    file_name: str
    rows: int
    job: str | None = Field(default=None, max_length=32, unique=True, index=True)


class OrderRow(SQLModel, table=True):
    """One line of an imported file. Money is whole cents."""

    __tablename__ = "orders"

    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(sa_column_args=[ForeignKey("imports.id")])
    ordered_on: date
    customer: str
    product: str
    quantity: int
    unit_price_cents: int
