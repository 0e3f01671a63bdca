"""Login, logout, and the first account."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session, select

from ledger.accounts import Email, Name, User
from ledger.errors import failures, refusal
from ledger.models import Role, UserRow
from ledger.passwords import Password, hash_password, is_outdated, is_password
from ledger.sessions import BearerDep, CurrentUser, close_session, open_session
from ledger.settings import Settings
from ledger.state import AttemptsDep, DatabaseDep, SettingsDep

router = APIRouter(prefix="/auth", tags=["auth"])


class AuthState(BaseModel):
    """Whether anybody can log in yet."""

    needs_setup: bool


class FirstAccount(BaseModel):
    """The account that the app is set up with."""

    name: Name
    email: Email
    password: Password


class Credentials(BaseModel):
    """What a login takes."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=128)


class Login(BaseModel):
    """A session: its token goes into `Authorization: Bearer`."""

    token: str
    expires_at: datetime
    user: User


@router.get("/state", responses=failures(503))
def state(database: DatabaseDep) -> AuthState:
    """Tell whether the first account is still to be created."""
    with database.reading() as session:
        return AuthState(needs_setup=_is_empty(session))


@router.post("/setup", responses=failures(409, 503, 507))
def setup(account: FirstAccount, database: DatabaseDep, settings: SettingsDep) -> Login:
    """Create the first account, an admin, and log it in."""
    password_hash = hash_password(account.password)
    with database.writing() as session:
        if not _is_empty(session):
            raise refusal(409, "this app is set up already; log in instead")
        user = UserRow(email=account.email, name=account.name, role=Role.ADMIN, password_hash=password_hash)
        session.add(user)
        return _login(session, user, settings)


@router.post("/login", responses=failures(401, 429, 503, 507))
def login(credentials: Credentials, database: DatabaseDep, settings: SettingsDep, attempts: AttemptsDep) -> Login:
    """Log in; after five failures with one email in a minute, wait."""
    email = credentials.email.strip().lower()
    wait_s = attempts.begin(email)
    if wait_s is not None:
        raise refusal(429, f"too many failed logins; try again in {wait_s} s", {"Retry-After": str(wait_s)})
    with database.reading() as session:
        found = session.exec(select(UserRow).where(UserRow.email == email)).first()
        stored_hash = found.password_hash if found and found.active else None
    # Outside of the session: it takes long, and as long for an account that does not exist.
    if not is_password(stored_hash, credentials.password) or stored_hash is None:
        raise refusal(401, "wrong email or password")
    attempts.succeed(email)
    with database.writing() as session:
        user = session.exec(select(UserRow).where(UserRow.email == email)).first()
        if user is None or not user.active or user.password_hash != stored_hash:
            raise refusal(401, "wrong email or password")
        if is_outdated(stored_hash):
            user.password_hash = hash_password(credentials.password)
        return _login(session, user, settings)


@router.get("/me", responses=failures(401, 503))
def me(user: CurrentUser) -> User:
    """Give the user that is logged in."""
    return User.model_validate(user)


@router.post("/logout", status_code=204, responses=failures(401, 503, 507))
def logout(_user: CurrentUser, bearer: BearerDep, database: DatabaseDep) -> None:
    """End this session."""
    if bearer is not None:
        with database.writing() as session:
            close_session(session, bearer.credentials)


def _is_empty(session: Session) -> bool:
    return session.exec(select(UserRow.id).limit(1)).first() is None


def _login(session: Session, user: UserRow, settings: Settings) -> Login:
    session.flush()
    shown = User.model_validate(user)
    token, expires_at = open_session(session, shown.id, settings.session_life)
    return Login(token=token, expires_at=expires_at, user=shown)
