"""What worker processes do, without Django."""

from __future__ import annotations

import os
from typing import Any

from sidecar_bridge import Host


def export(host: Host, name: str) -> tuple[int, Any]:
    return os.getpid(), host.invoke("greet", {"name": name})
