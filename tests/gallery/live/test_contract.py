"""What becomes of sidecars by the contracts of their bindings: real ones, with bindings of this app or of another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from sidecar_bridge._serve.contract import contracts

import bindings
from app import running

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"

SIDECAR = """
import sys
from sidecar_bridge import serve

if sys.argv[1] == "ours":
    sys.path.insert(0, sys.argv[2])
    import bindings
else:
    from sidecar_bridge.bindings import contract
    contract(sys.argv[1])

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

serve(app, log_level="warning")
"""


def status(contract: str, **config: Any) -> dict[str, Any]:
    """Start a sidecar with bindings of that contract, and give the status in which it serves or is given up."""
    with running([sys.executable, "-c", SIDECAR, contract, str(SNAPSHOTS)], **config) as gallery:
        return gallery.wait_for("ready", "failed")


def test_bindings_announce_their_contract_once_they_are_imported() -> None:
    assert contracts() == [bindings.CONTRACT]


def test_bindings_of_this_app_are_fine() -> None:
    served = status("ours", staleBindings="refuse")
    assert served["state"]["phase"] == "ready"
    assert served.get("warning") is None


@pytest.mark.parametrize("contract", ["0123456789abcdef"])
def test_others_are_warned_of(contract: str) -> None:
    served = status(contract, staleBindings="warn")
    assert served["state"]["phase"] == "ready"
    assert f"they have contract {contract}, the app's have {bindings.CONTRACT}" in served["warning"]
    assert "generate them anew" in served["warning"]


def test_others_are_refused() -> None:
    given_up = status("0123456789abcdef", staleBindings="refuse")
    assert given_up["state"]["phase"] == "failed"
    problem = given_up["state"]["problem"]
    assert problem["code"] == "failed_precondition"
    assert f"the app's have {bindings.CONTRACT}" in problem["detail"]


@pytest.mark.parametrize("contract", ["0123456789abcdef", "another-plugin:0123456789abcdef"])
def test_what_is_not_compared_is_fine(contract: str) -> None:
    stale = "refuse" if ":" in contract else "ignore"
    served = status(contract, staleBindings=stale)
    assert served["state"]["phase"] == "ready"
    assert served.get("warning") is None
