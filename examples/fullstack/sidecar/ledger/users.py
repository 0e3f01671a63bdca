"""The users table: paged, sorted, searched, edited."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlmodel import col, func, or_, select

from ledger.accounts import Email, Name, User, existing, require_free, require_other_admin
from ledger.errors import failures
from ledger.models import Role, UserRow
from ledger.passwords import Password, hash_password
from ledger.sessions import CurrentAdmin, CurrentUser, close_sessions
from ledger.state import DatabaseDep

router = APIRouter(prefix="/users", tags=["users"])


class UserSort(StrEnum):
    """What users are sorted by."""

    NAME = "name"
    EMAIL = "email"
    ROLE = "role"
    ACTIVE = "active"
    CREATED_AT = "created_at"


class SortOrder(StrEnum):
    """Smallest or largest first."""

    ASC = "asc"
    DESC = "desc"


class UserQuery(BaseModel):
    """Which users, in which order."""

    page: int = Query(1, ge=1, le=1_000_000)
    size: int = Query(20, ge=1, le=100)
    sort: UserSort = UserSort.NAME
    order: SortOrder = SortOrder.ASC
    search: str = Query("", max_length=100, description="Part of a name or an email.")


class UserPage(BaseModel):
    """One page of users, and how many there are on all pages."""

    items: list[User]
    total: int
    page: int
    size: int


class NewUser(BaseModel):
    """A user to create."""

    email: Email
    name: Name
    role: Role = Role.MEMBER
    active: bool = True
    password: Password


class UserChange(BaseModel):
    """What to change; what is absent stays."""

    email: Email | None = None
    name: Name | None = None
    role: Role | None = None
    active: bool | None = None
    password: Password | None = None


@router.get("/", responses=failures(401, 503))
def list_users(query: Annotated[UserQuery, Query()], _user: CurrentUser, database: DatabaseDep) -> UserPage:
    """Give a page of users."""
    found = select(UserRow)
    if query.search:
        columns = (col(UserRow.name), col(UserRow.email))
        found = found.where(or_(*(column.icontains(query.search, autoescape=True) for column in columns)))
    column = col(getattr(UserRow, query.sort))
    by = func.lower(column) if query.sort in {UserSort.NAME, UserSort.EMAIL} else column
    ordered = by.desc() if query.order is SortOrder.DESC else by.asc()
    page = found.order_by(ordered, col(UserRow.id)).offset((query.page - 1) * query.size).limit(query.size)
    with database.reading() as session:
        return UserPage(
            items=[User.model_validate(user) for user in session.exec(page)],
            total=session.exec(select(func.count()).select_from(found.subquery())).one(),
            page=query.page,
            size=query.size,
        )


@router.post("/", status_code=201, responses=failures(401, 403, 409, 503, 507))
def create_user(new: NewUser, _admin: CurrentAdmin, database: DatabaseDep) -> User:
    """Create a user."""
    password_hash = hash_password(new.password)
    with database.writing() as session:
        require_free(session, new.email)
        user = UserRow(**new.model_dump(exclude={"password"}), password_hash=password_hash)
        session.add(user)
        session.flush()
        return User.model_validate(user)


@router.get("/{user_id}", responses=failures(401, 404, 503))
def get_user(user_id: int, _user: CurrentUser, database: DatabaseDep) -> User:
    """Give one user."""
    with database.reading() as session:
        return User.model_validate(existing(session, user_id))


@router.patch("/{user_id}", responses=failures(401, 403, 404, 409, 503, 507))
def change_user(user_id: int, change: UserChange, _admin: CurrentAdmin, database: DatabaseDep) -> User:
    """Change a user; a new password, and being deactivated, end all of the user's sessions."""
    values = change.model_dump(exclude_none=True, exclude={"password"})
    password_hash = None if change.password is None else hash_password(change.password)
    with database.writing() as session:
        user = existing(session, user_id)
        if change.email is not None:
            require_free(session, change.email, user_id)
        if change.role is Role.MEMBER or change.active is False:
            require_other_admin(session, user)
        if password_hash is not None:
            values["password_hash"] = password_hash
        if password_hash is not None or change.active is False:
            close_sessions(session, user_id)
        user.sqlmodel_update(values)
        session.add(user)
        session.flush()
        return User.model_validate(user)


@router.delete("/{user_id}", status_code=204, responses=failures(401, 403, 404, 409, 503, 507))
def delete_user(user_id: int, _admin: CurrentAdmin, database: DatabaseDep) -> None:
    """Delete a user and all of the user's sessions."""
    with database.writing() as session:
        user = existing(session, user_id)
        require_other_admin(session, user)
        session.delete(user)
