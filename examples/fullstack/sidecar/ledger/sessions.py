"""Session tokens, and the user behind a request."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session, col, delete, select

from ledger.errors import refusal
from ledger.models import Role, SessionRow, UserRow, now
from ledger.state import DatabaseDep

_TOKEN_BYTES = 32

_bearer = HTTPBearer(auto_error=False, description="The token that a login gives.")

BearerDep = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def open_session(session: Session, user_id: int, life: timedelta) -> tuple[str, datetime]:
    """Log a user in; give the token, which is nowhere else, and when it expires."""
    session.exec(delete(SessionRow).where(col(SessionRow.expires_at) <= now()))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = now() + life
    session.add(SessionRow(token_hash=_hash(token), user_id=user_id, expires_at=expires_at))
    return token, expires_at


def close_session(session: Session, token: str) -> None:
    """Log out."""
    session.exec(delete(SessionRow).where(col(SessionRow.token_hash) == _hash(token)))


def close_sessions(session: Session, user_id: int) -> None:
    """Log a user out everywhere."""
    session.exec(delete(SessionRow).where(col(SessionRow.user_id) == user_id))


def _hash(token: str) -> str:
    # A token is random and long: a fast hash is as good here as a slow one is for passwords.
    return hashlib.sha256(token.encode()).hexdigest()


def current_user(database: DatabaseDep, bearer: BearerDep) -> UserRow:
    """Give the user whose token the request carries; 401 without a valid one."""
    with database.reading() as session:
        user = (
            bearer
            and session.exec(
                select(UserRow)
                .join(SessionRow, col(SessionRow.user_id) == col(UserRow.id))
                .where(SessionRow.token_hash == _hash(bearer.credentials))
                .where(SessionRow.expires_at > now(), col(UserRow.active))
            ).first()
        )
        if not user:
            raise refusal(401, "the session has expired; log in again", {"WWW-Authenticate": "Bearer"})
        session.expunge(user)
        return user


CurrentUser = Annotated[UserRow, Depends(current_user)]
"""The user that is logged in."""


def current_admin(user: CurrentUser) -> UserRow:
    """Give the user, if it is an admin; else 403."""
    if user.role is not Role.ADMIN:
        raise refusal(403, f"{user.email} is a member, and only admins change users; ask an admin")
    return user


CurrentAdmin = Annotated[UserRow, Depends(current_admin)]
"""The admin that is logged in."""
