import axe from "axe-core";
import { expect } from "vitest";

/** Colours and sizes are not known without a layout: only a real browser can look at those. */
const RULES = { "color-contrast": { enabled: false }, "target-size": { enabled: false } };

/**
 * Nothing keeps people out, as far as axe can tell. Give it a dialog that is open: the page behind is hidden then, and
 * axe does not know that the focus cannot go there.
 */
export async function expectAccessible(element: Element = document.body): Promise<void> {
  const { violations } = await axe.run(element, { rules: RULES, resultTypes: ["violations"] });
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(({ html }) => html).join("\n  ")}`,
  );
  expect(found).toEqual([]);
}
