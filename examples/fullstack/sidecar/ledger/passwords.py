"""Passwords, as hashes of argon2id."""

from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import StringConstraints

Password = Annotated[str, StringConstraints(min_length=8, max_length=128)]
"""A new password."""

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Give what may be stored."""
    return _hasher.hash(password)


def is_password(stored_hash: str | None, password: str) -> bool:
    """Tell whether that is the password; for an account that does not exist (`None`) this takes as long."""
    if stored_hash is None:
        _hasher.hash(password)
        return False
    try:
        return _hasher.verify(stored_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored_hash: str) -> bool:
    """Tell whether the hash was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(stored_hash)
