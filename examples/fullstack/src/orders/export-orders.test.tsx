import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { expectAccessible } from "@/testing/axe";
import { openApp, openInBrowser } from "@/testing/open";
import { refuse } from "@/testing/server";

const PATH = "/home/ada/orders.csv";
const EXPORT = "GET /api/v1/orders/export.csv";
const commands = { "plugin:dialog|save": () => PATH };

test("the orders are saved where the person chooses, with the session", async () => {
  let authorization: string | null = null;
  const routes = {
    [EXPORT]: (request: Request) => {
      authorization = request.headers.get("authorization");
      return new Response("date,customer\n");
    },
  };
  const { user, sidecar } = await openApp("/", { routes, commands });
  await user.click(await screen.findByRole("button", { name: "Export CSV" }));
  expect(await screen.findByText("The orders are saved.")).toBeVisible();
  expect(screen.getByText(PATH)).toBeVisible();
  expect(new TextDecoder().decode(sidecar.files.get(PATH))).toBe("date,customer\n");
  expect(authorization).toMatch(/^Bearer /);
});

test("an export is given up while it runs, and nothing is saved", async () => {
  const rows = new Response(
    new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(2500)) }),
  );
  const { user, sidecar } = await openApp("/", { routes: { [EXPORT]: () => rows }, commands });
  await user.click(await screen.findByRole("button", { name: "Export CSV" }));
  const cancel = await screen.findByRole("button", { name: "Cancel export (2.5 kB)" });
  await expectAccessible();
  await user.click(cancel);
  expect(await screen.findByRole("button", { name: "Export CSV" })).toBeEnabled();
  expect(sidecar.files.size).toBe(0);
});

test("why an export was refused is told", async () => {
  const routes = { [EXPORT]: () => refuse(503, "the database is locked; try again") };
  const { user, sidecar } = await openApp("/", { routes, commands });
  await user.click(await screen.findByRole("button", { name: "Export CSV" }));
  expect(await screen.findByText(/not running right now|status 503/)).toBeVisible();
  expect(sidecar.files.size).toBe(0);
});

test("a session that is over leads to the login", async () => {
  const routes = { [EXPORT]: () => refuse(401, "the session has expired; log in again") };
  const { user, at } = await openApp("/", { routes, commands });
  await user.click(await screen.findByRole("button", { name: "Export CSV" }));
  await waitFor(() => expect(at()).toMatch(/^\/login/));
});

test("in a plain browser there is no file to save to", async () => {
  await openInBrowser("/");
  expect(await screen.findByText("60,515")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Export CSV" })).toBeNull();
});
