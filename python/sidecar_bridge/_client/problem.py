"""The problems that the host answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ErrorCode: TypeAlias = Literal[
    "invalid_argument",
    "unauthenticated",
    "permission_denied",
    "not_found",
    "unavailable",
    "failed_precondition",
    "resource_exhausted",
    "cancelled",
    "deadline_exceeded",
    "internal",
]
"""What went wrong, by kind: gRPC's canonical names, as many as the host has. `docs/wire.md` has their HTTP statuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The only error shape on any wire of the bridge: RFC 9457 with a `code`.

    Attributes:
        type: A URI for the kind of problem; `about:blank`, since `code` says it.
        title: The code in words.
        status: The HTTP status that carried it.
        detail: What happened: the offending value and the remedy.
        instance: Names this one occurrence; the host's log has the details under it.
        code: One of gRPC's canonical names, such as `permission_denied` or `not_found`; a code that this package does
            not know is `internal`, and `detail` names the code.
        retryable: Whether the same request may succeed later, and has done nothing yet.
        data: The error value of the app's own command, whole; `None` for every other problem.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: ErrorCode
    retryable: bool
    data: object = None
