import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { expectAccessible } from "@/testing/axe";
import { openApp } from "@/testing/open";
import { anImport, TOKEN } from "@/testing/server";

test("the report follows imports live", async () => {
  const { server } = await openApp("/report");
  expect(await screen.findByRole("rowheader", { name: "Jan 26" })).toBeInTheDocument();
  const running = anImport({ id: "second", label: "big.csv", state: "running" });
  running.progress.fraction = 0.25;
  server.imports.unshift(running);
  server.tell();
  const bar = await screen.findByRole("progressbar", { name: "Import of big.csv" });
  expect(bar).toHaveAttribute("aria-valuenow", "25");
  await expectAccessible();
  server.months = [{ month: "2030-01", orders: 10, revenue_cents: 5_000 }];
  running.state = "done";
  server.tell();
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
