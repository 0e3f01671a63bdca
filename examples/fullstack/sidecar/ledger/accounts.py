"""What users look like on the wire, and the rules that bind them."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from sqlmodel import Session, col, func, select

from ledger.errors import refusal
from ledger.models import Role, UserRow

Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
    AfterValidator(str.lower),
]
"""An address, good enough to be one; only a mail to it would tell."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class User(BaseModel):
    """An account."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    name: str
    role: Role
    active: bool
    created_at: datetime
    picture: str | None
    """The name of the picture, at `/api/v1/pictures/{name}`."""


_LARGEST_ID = 2**63 - 1


def existing(session: Session, user_id: int) -> UserRow:
    """Give the user of that number; 404 if there is none."""
    user = session.get(UserRow, user_id) if 0 < user_id <= _LARGEST_ID else None
    if user is None:
        raise refusal(404, f"there is no user {user_id}; somebody may have deleted it")
    return user


def require_free(session: Session, email: str, except_id: int | None = None) -> None:
    """Refuse an email that another account has."""
    taken = session.exec(select(UserRow.id).where(UserRow.email == email)).first()
    if taken not in {None, except_id}:
        raise refusal(409, f"{email} has an account already; choose another email")


def require_other_admin(session: Session, user: UserRow) -> None:
    """Refuse what would leave nobody to change users."""
    others = select(func.count()).where(
        col(UserRow.role) == Role.ADMIN, col(UserRow.active), col(UserRow.id) != user.id
    )
    if user.role is Role.ADMIN and user.active and session.exec(others).one() == 0:
        raise refusal(409, f"{user.email} is the last active admin; make another user an admin first")
