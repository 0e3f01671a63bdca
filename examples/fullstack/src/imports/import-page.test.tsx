import { screen, waitFor } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { Import } from "@/imports/imports";
import { expectAccessible } from "@/testing/axe";
import { openApp, openInBrowser } from "@/testing/open";
import { anImport, createServer, refuse } from "@/testing/server";

const progress = { fraction: 0, stage: "reading", current: null, total: null, restMs: null };

/** A server, and an import that runs once `begin` is called. */
function importing() {
  const server = createServer();
  const running = anImport({
    id: "second",
    label: "big.csv",
    state: "running",
    progress,
    endedAt: null,
    result: null,
  });
  const tell = (change: Partial<Import>) => {
    Object.assign(running, change);
    server.tell();
  };
  const begin = () => {
    server.imports.unshift(running);
    server.tell();
  };
  return { server, running, begin, tell };
}

describe("an import", () => {
  test("is chosen, followed, and shown in the chart and the list", async () => {
    const { server, begin, tell } = importing();
    const { user } = await openApp("/import", {
      server,
      routes: {
        "POST /api/v1/imports/choose": () => {
          begin();
          return Response.json({ id: "second" }, { status: 202 });
        },
      },
    });
    await user.click(await screen.findByRole("button", { name: "Choose CSV file" }));
    const bar = await screen.findByRole("progressbar", { name: "Import of big.csv" });
    expect(screen.getByRole("button", { name: "Choose CSV file" })).toBeDisabled();
    tell({ progress: { ...progress, fraction: 0.42, restMs: 3000 } });
    await waitFor(() => expect(bar).toHaveAttribute("aria-valuenow", "42"));
    expect(screen.getByText("reading · 42 % · about 3 s left")).toBeVisible();
    await expectAccessible();
    server.months = [{ month: "2030-01", orders: 10, revenue_cents: 5_000 }];
    tell({ state: "done", result: { rows: 10_000 } });
    expect(await screen.findByText("10000 orders imported.")).toBeVisible();
    expect(screen.queryByRole("progressbar")).toBeNull();
    expect(await screen.findByRole("rowheader", { name: "Jan 30" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Choose CSV file" })).toBeEnabled();
  });

  test("that is over before the page has seen it run is told all the same", async () => {
    const { server, begin, tell } = importing();
    const { user } = await openApp("/import", {
      server,
      routes: {
        "POST /api/v1/imports/choose": () => {
          server.imports.unshift(anImport({ id: "small", label: "small.csv", result: { rows: 1 } }));
          return Response.json({ id: "small" }, { status: 202 });
        },
      },
    });
    await user.click(await screen.findByRole("button", { name: "Choose CSV file" }));
    server.tell();
    expect(await screen.findByText("small.csv: 1 orders imported.")).toBeVisible();
    begin();
    await screen.findByRole("progressbar", { name: "Import of big.csv" });
    tell({ state: "failed", failure: { code: "exception", type: null, detail: "big.csv is empty" } });
    expect(await screen.findByText("big.csv: big.csv is empty.")).toBeVisible();
  });

  test("is cancelled", async () => {
    const { server, running, begin, tell } = importing();
    begin();
    const { user } = await openApp("/import", {
      server,
      routes: {
        "DELETE /api/v1/jobs/{id}": (_, { id }) => {
          expect(id).toBe("second");
          tell({ state: "cancelling" });
          return Response.json(running, { status: 202 });
        },
      },
    });
    await user.click(await screen.findByRole("button", { name: "Cancel import" }));
    await waitFor(() => expect(screen.getByRole("button", { name: "Cancel import" })).toBeDisabled());
    tell({ state: "cancelled" });
    expect(await screen.findByText("Cancelled; nothing was imported.")).toBeVisible();
    expect(screen.queryByRole("progressbar")).toBeNull();
  });

  test("does not begin when the dialog is closed", async () => {
    const { user } = await openApp("/import", {
      routes: { "POST /api/v1/imports/choose": () => new Response(null, { status: 204 }) },
    });
    const button = await screen.findByRole("button", { name: "Choose CSV file" });
    await user.click(button);
    await waitFor(() => expect(button).toBeEnabled());
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.queryByRole("progressbar")).toBeNull();
  });

  test.each([
    [422, "orders.csv is 1.0 GB; at most 256 MB can be imported; split the file"],
    [409, "big.csv is being imported; wait for its end, or cancel it"],
  ])("that is refused with %i says why", async (status, detail) => {
    const { user } = await openApp("/import", {
      routes: { "POST /api/v1/imports/choose": () => refuse(status, detail) },
    });
    await user.click(await screen.findByRole("button", { name: "Choose CSV file" }));
    expect(await screen.findByRole("alert")).toHaveTextContent(detail.slice(1));
  });

  test("is interrupted by a crash, and the page says so when the server is back", async () => {
    const { server, running, begin } = importing();
    begin();
    const { sidecar } = await openApp("/import", { server });
    await screen.findByRole("progressbar", { name: "Import of big.csv" });
    sidecar.crash();
    Object.assign(running, { state: "interrupted" });
    sidecar.recover();
    const message = "The app ended during the import, and it was rolled back; import the file again.";
    expect(await screen.findByText(message)).toBeVisible();
    expect(await screen.findByText(`big.csv: ${message}`)).toBeVisible();
    expect(screen.getByText("Interrupted")).toBeVisible();
  });

  test("that was begun in the tray is shown, too", async () => {
    const { server, begin } = importing();
    await openApp("/import", { server });
    await screen.findByText("orders-2026.csv");
    begin();
    expect(await screen.findByRole("progressbar", { name: "Import of big.csv" })).toBeVisible();
  });

  test("is not listed when the server says no, and the page says why", async () => {
    await openApp("/import", {
      routes: { "GET /api/v1/jobs/events": () => refuse(500, "the history is damaged") },
    });
    expect(await screen.findByText("Could not load the imports")).toBeVisible();
  });

  test("needs the desktop app, and a browser says so", async () => {
    await openInBrowser("/import");
    const button = await screen.findByRole("button", { name: "Choose CSV file" });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(/This needs the desktop app/);
    expect(await screen.findByText("orders-2026.csv")).toBeVisible();
  });
});

test("before the first import the page says what to do", async () => {
  const server = createServer();
  Object.assign(server, { imports: [], months: [] });
  await openApp("/import", { server });
  expect(await screen.findByText("Nothing was imported yet.")).toBeVisible();
  expect(screen.getByText(/There are no orders yet/)).toBeVisible();
  await expectAccessible();
});
