"""The pictures of users: taken as uploads, and shown by elements of the page."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response, UploadFile
from sqlmodel import col, select

from ledger.accounts import User, existing
from ledger.errors import failures, refusal
from ledger.models import PictureRow, UserRow
from ledger.sessions import CurrentAdmin
from ledger.state import DatabaseDep

router = APIRouter(tags=["pictures"])

_MAX_BYTES = 5 * 1024 * 1024
_NAME_BYTES = 16

_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}
"""How files of each type begin. A webview decides by the type, so what is called a picture has to be one."""

# A changed picture has another name, so that a webview may keep each for good.
_HEADERS = {"Cache-Control": "private, max-age=31536000, immutable"}

_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": {kind: {} for kind in _BEGINNINGS.values()}}
}


@router.put("/users/{user_id}/picture", responses=failures(401, 403, 404, 413, 503, 507))
def change_picture(user_id: int, file: UploadFile, _admin: CurrentAdmin, database: DatabaseDep) -> User:
    """Give a user a picture: PNG, JPEG, GIF or WebP."""
    content = file.file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise refusal(413, f"{file.filename} has more than {_MAX_BYTES // 1024**2} MB; choose a smaller picture")
    media_type = _type_of(content)
    if media_type is None:
        raise refusal(422, f"{file.filename} is no picture; choose a PNG, JPEG, GIF or WebP file")
    with database.writing() as session:
        user = existing(session, user_id)
        user.picture = secrets.token_urlsafe(_NAME_BYTES)
        session.add(user)
        session.merge(PictureRow(user_id=user_id, media_type=media_type, content=content))
        session.flush()
        return User.model_validate(user)


@router.delete("/users/{user_id}/picture", responses=failures(401, 403, 404, 503, 507))
def remove_picture(user_id: int, _admin: CurrentAdmin, database: DatabaseDep) -> User:
    """Take a user's picture away, if there is one."""
    with database.writing() as session:
        user = existing(session, user_id)
        user.picture = None
        session.add(user)
        if picture := session.get(PictureRow, user_id):
            session.delete(picture)
        session.flush()
        return User.model_validate(user)


@router.get("/pictures/{name}", response_class=Response, responses=_PICTURE | failures(404, 503))
def get_picture(name: Annotated[str, Path(max_length=64)], database: DatabaseDep) -> Response:
    """Give a picture. An element of a page sends no session: who knows the name, which is random, may see it."""
    found = select(PictureRow).join(UserRow, col(UserRow.id) == col(PictureRow.user_id)).where(UserRow.picture == name)
    with database.reading() as session:
        picture = session.exec(found).first()
    if picture is None:
        raise refusal(404, f"there is no picture {name}; somebody may have changed it")
    return Response(picture.content, media_type=picture.media_type, headers=_HEADERS)


def _type_of(content: bytes) -> str | None:
    kind = next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), None)
    return None if kind == "image/webp" and content[8:12] != b"WEBP" else kind
