import { screen, waitFor } from "@testing-library/react";
import { eventStream } from "tauri-plugin-sidecar-bridge-api/testing";
import { describe, expect, test, vi } from "vitest";
import type { Import } from "@/imports/queries";
import { expectAccessible } from "@/testing/axe";
import { openApp, openInBrowser } from "@/testing/open";
import { anImport, createServer, refuse } from "@/testing/server";

/** A server with an import that runs, and the stream of its progress. */
function importing() {
  const server = createServer();
  const progress = eventStream();
  const running = anImport({
    id: 2,
    file_name: "big.csv",
    state: "running",
    rows: 0,
    bytes_done: 0,
    bytes_total: 1_000_000,
    message: "",
    finished_at: null,
  });
  const followed = vi.fn((_: Request) => progress.response);
  const tell = (change: Partial<Import>) => {
    Object.assign(running, change);
    progress.send(running);
    if (running.state !== "running") progress.end();
  };
  return { server, running, progress, followed, tell };
}

describe("an import", () => {
  test("is chosen, followed, and shown in the chart and the list", async () => {
    const { server, running, followed, tell } = importing();
    const { user } = await openApp("/import", {
      server,
      routes: {
        "POST /api/v1/imports/choose": () => {
          server.imports.unshift(running);
          return Response.json(running, { status: 202 });
        },
        "GET /api/v1/imports/{id}/progress": followed,
      },
    });
    await user.click(await screen.findByRole("button", { name: "Choose CSV file" }));
    const bar = await screen.findByRole("progressbar", { name: "Import of big.csv" });
    await waitFor(() => expect(followed).toHaveBeenCalled());
    expect(followed.mock.calls[0]?.[0].headers.get("authorization")).toMatch(/^Bearer /);
    expect(screen.getByRole("button", { name: "Choose CSV file" })).toBeDisabled();
    tell({ rows: 4_000, bytes_done: 420_000 });
    await waitFor(() => expect(bar).toHaveAttribute("aria-valuenow", "42"));
    expect(screen.getByText(/4.000 rows · 420.0 kB of 1.0 MB/)).toBeVisible();
    await expectAccessible();
    server.months = [{ month: "2030-01", orders: 10, revenue_cents: 5_000 }];
    tell({ state: "done", rows: 10_000, bytes_done: 1_000_000, message: "10000 orders were imported" });
    expect(await screen.findByText("10000 orders were imported.")).toBeVisible();
    expect(screen.queryByRole("progressbar")).toBeNull();
    expect(await screen.findByRole("rowheader", { name: "Jan 30" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Choose CSV file" })).toBeEnabled();
  });

  test("is cancelled", async () => {
    const { server, running, followed, tell } = importing();
    server.imports.unshift(running);
    const { user } = await openApp("/import", {
      server,
      routes: {
        "GET /api/v1/imports/{id}/progress": followed,
        "POST /api/v1/imports/{id}/cancel": () => {
          setTimeout(() => tell({ state: "cancelled", message: "cancelled; nothing was imported" }), 20);
          return Response.json(running, { status: 202 });
        },
      },
    });
    await user.click(await screen.findByRole("button", { name: "Cancel import" }));
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
    const { server, running, followed, tell } = importing();
    server.imports.unshift(running);
    const { sidecar } = await openApp("/import", {
      server,
      routes: { "GET /api/v1/imports/{id}/progress": followed },
    });
    await waitFor(() => expect(followed).toHaveBeenCalled());
    tell({ rows: 10, bytes_done: 10 });
    sidecar.crash();
    Object.assign(running, { state: "interrupted", message: "was rolled back; import it again" });
    sidecar.recover();
    expect(await screen.findByText("Was rolled back; import it again.")).toBeVisible();
    expect(await screen.findByText("big.csv: Was rolled back; import it again.")).toBeVisible();
    expect(screen.getByText("Interrupted")).toBeVisible();
  });

  test("that was begun in the tray is shown, too", async () => {
    const { server, running, followed } = importing();
    const { sidecar } = await openApp("/import", {
      server,
      routes: { "GET /api/v1/imports/{id}/progress": followed },
    });
    await screen.findByText("orders-2026.csv");
    server.imports.unshift(running);
    sidecar.emit("import-progress", { id: 2, state: "running", rows: 5, fraction: 0.1 });
    expect(await screen.findByRole("progressbar", { name: "Import of big.csv" })).toBeVisible();
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
