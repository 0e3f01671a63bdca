"""axe in the browser engine that people have: colours and sizes count here, which a simulated page does not have."""

from pathlib import Path
from typing import Any

import pytest

from ledger import Ledger
from orders import choose, write_orders

AXE = Path(__file__).parents[2] / "examples/fullstack/node_modules/axe-core/axe.min.js"
RUN = """
  const done = arguments[arguments.length - 1];
  axe.run(document, { resultTypes: ["violations"] }).then(
    ({ violations }) => done(violations.map(({ id, impact, nodes }) =>
      ({ id, impact, at: nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary}`) }))),
    (error) => done([{ id: String(error), impact: "critical", at: [] }]));
"""


def serious(ledger: Ledger) -> list[Any]:
    """What is wrong for somebody, and matters. What just fades in has no contrast yet."""
    ledger.still()
    ledger.driver.execute_script(AXE.read_text())
    found = ledger.driver.execute_async_script(RUN)
    return [one for one in found if one["impact"] in {"serious", "critical"}]


def show_theme(ledger: Ledger, theme: str) -> None:
    """Chooses how it looks."""
    ledger.press("Theme")
    ledger.press(theme, "menuitemradio")
    ledger.gone("menuitemradio")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_no_page_shuts_anybody_out(ledger: Ledger, tmp_path: Path, theme: str) -> None:
    show_theme(ledger, theme)
    ledger.go("Import")
    choose(ledger, write_orders(tmp_path / "orders.csv", 1_000))
    ledger.says("1,000")
    for page in ["Import", "Dashboard", "Users", "Diagnostics"]:
        ledger.go(page)
        assert serious(ledger) == [], page
    ledger.go("Users")
    ledger.press("New user")
    ledger.see("dialog", "New user")
    assert serious(ledger) == [], "dialog"
    ledger.press("Cancel")
    ledger.gone("dialog")
    ledger.log_out()
    assert serious(ledger) == [], "login"
