"""The problems that the host answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The only error shape on any wire of the bridge: RFC 9457 with a `code`.

    Attributes:
        type: A URI for the kind of problem; `about:blank`, since `code` says it.
        title: The code in words.
        status: The HTTP status that carried it.
        detail: What happened: the offending value and the remedy.
        instance: Names this one occurrence; the host's log has the details under it.
        code: One of gRPC's canonical names, such as `permission_denied` or `not_found`.
        retryable: Whether the same request may succeed later, and has done nothing yet.
        data: The error value of the app's own command, whole; `None` for every other problem.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    retryable: bool
    data: Any = None
