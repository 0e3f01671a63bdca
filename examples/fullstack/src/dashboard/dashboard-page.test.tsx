import { screen, within } from "@testing-library/react";
import { problem } from "tauri-plugin-sidecar-bridge-api/testing";
import { expect, test } from "vitest";
import { expectAccessible } from "@/testing/axe";
import { openApp, openInBrowser } from "@/testing/open";
import { createServer, refuse } from "@/testing/server";

test("the dashboard has the totals, the months and the last import", async () => {
  await openApp("/");
  const orders = await screen.findByRole("group", { name: "Orders" });
  expect(await within(orders).findByText("60,515")).toBeVisible();
  expect(within(screen.getByRole("group", { name: "Last import" })).getByText("Done")).toBeVisible();
  expect(screen.getByRole("figure", { name: "Revenue by month" })).toBeVisible();
  expect(screen.getByRole("row", { name: /Jan 26 3,748 €41,230.00/ })).toBeInTheDocument();
  expect(await screen.findByText("ada.lovelace@example.com")).toBeInTheDocument();
  await expectAccessible();
});

test("the window is toggled by FastAPI, and a toast says what it did", async () => {
  const { user } = await openApp("/");
  await user.click(await screen.findByRole("button", { name: "Toggle window" }));
  expect(await screen.findByText("Window maximized.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Open report" }));
  expect(await screen.findByText("Report opened.")).toBeVisible();
});

test("a refusal of the access control is told", async () => {
  const { user } = await openApp("/", {
    routes: {
      "POST /api/v1/window": () => refuse(403, "sidecar-bridge://python may not call toggle_maximize"),
      "POST /api/v1/windows/report": () => {
        throw problem("permission_denied", "no capability grants POST /api/v1/windows/report");
      },
    },
  });
  await user.click(await screen.findByRole("button", { name: "Toggle window" }));
  expect(await screen.findByText("sidecar-bridge://python may not call toggle_maximize.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Open report" }));
  expect(await screen.findByText("No capability grants POST /api/v1/windows/report.")).toBeVisible();
});

test("a locked database is tried again, and then told", async () => {
  let asked = 0;
  await openApp("/", {
    routes: {
      "GET /api/v1/orders/summary": () => {
        asked++;
        return refuse(503, "the database is locked by another program; close it and try again");
      },
    },
  });
  const text = "The database is locked by another program; close it and try again.";
  expect(await screen.findByText(text)).toBeVisible();
  expect(asked).toBeGreaterThan(1);
});

test("in a plain browser the window is left alone", async () => {
  await openInBrowser("/");
  const button = await screen.findByRole("button", { name: "Toggle window" });
  expect(button).toBeDisabled();
  expect(button).toHaveAccessibleDescription(/This needs the desktop app/);
  expect(await screen.findByText("60,515")).toBeVisible();
});

test("an address that leads nowhere leads back", async () => {
  const { user } = await openApp("/nowhere", { server: createServer() });
  expect(await screen.findByRole("heading", { name: "There is no such page" })).toBeVisible();
  await expectAccessible();
  await user.click(screen.getByRole("link", { name: "Go to the dashboard" }));
  expect(await screen.findByRole("heading", { name: "Dashboard" })).toBeVisible();
});

test("the theme is chosen and kept", async () => {
  const { user } = await openApp("/");
  await user.click(await screen.findByRole("button", { name: "Theme" }));
  await user.click(await screen.findByRole("menuitemradio", { name: "Dark" }));
  expect(document.documentElement).toHaveClass("dark");
  expect(localStorage.getItem("ledger.theme")).toBe("dark");
});
