import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { expectAccessible } from "@/testing/axe";
import { openApp } from "@/testing/open";
import { TOKEN } from "@/testing/server";

test("the report follows imports live", async () => {
  const { sidecar, server } = await openApp("/report");
  expect(await screen.findByRole("rowheader", { name: "Jan 26" })).toBeInTheDocument();
  sidecar.emit("import-progress", { id: 2, state: "running", rows: 5, fraction: 0.25 });
  const bar = await screen.findByRole("progressbar", { name: "Import" });
  expect(bar).toHaveAttribute("aria-valuenow", "25");
  await expectAccessible();
  server.months = [{ month: "2030-01", orders: 10, revenue_cents: 5_000 }];
  sidecar.emit("import-progress", { id: 2, state: "done", rows: 10, fraction: 1 });
  expect(await screen.findByRole("rowheader", { name: "Jan 30" })).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByRole("progressbar")).toBeNull());
});

test("the report waits for a login in the main window, and ends with it", async () => {
  const { sidecar, host, at } = await openApp("/report", { signedIn: false });
  expect(await screen.findByText(/Nobody is logged in/)).toBeVisible();
  await expectAccessible();
  host.token = TOKEN;
  sidecar.emit("session-changed", { signedIn: true });
  expect(await screen.findByRole("rowheader", { name: "Jan 26" })).toBeInTheDocument();
  host.token = null;
  sidecar.emit("session-changed", { signedIn: false });
  expect(await screen.findByText(/Nobody is logged in/)).toBeVisible();
  expect(at()).toBe("/report");
});
