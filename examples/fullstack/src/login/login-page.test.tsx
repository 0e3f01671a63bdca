import { screen, waitFor } from "@testing-library/react";
import { problem } from "tauri-plugin-sidecar-bridge-api/testing";
import { describe, expect, test, vi } from "vitest";
import { expectAccessible } from "@/testing/axe";
import { openApp, openInBrowser } from "@/testing/open";
import { createServer, refuse, TOKEN } from "@/testing/server";

async function logIn(user: Awaited<ReturnType<typeof openApp>>["user"], password: string) {
  await user.type(await screen.findByLabelText("Email"), "ada.lovelace@example.com");
  await user.type(screen.getByLabelText("Password"), password);
  await user.click(screen.getByRole("button", { name: "Log in" }));
}

describe("the login", () => {
  test("leads to the page that was asked for, with its search", async () => {
    const { user, at, host } = await openApp("/users?search=hopper", { signedIn: false });
    expect(at()).toMatch(/^\/login\?back=/);
    await logIn(user, "correct horse");
    expect(await screen.findByRole("heading", { name: "Users" })).toBeVisible();
    expect(await screen.findByText("1 user")).toBeVisible();
    expect(at()).toContain("search=hopper");
    expect(host.token).toBe(TOKEN);
  });

  test("leads nowhere else", async () => {
    const { user, at } = await openApp("/login?back=%2F%2Fevil.example", { signedIn: false });
    await logIn(user, "correct horse");
    await screen.findByRole("heading", { name: "Dashboard" });
    expect(at()).toBe("/");
  });

  test("says that the password is wrong, and takes another one", async () => {
    const { user } = await openApp("/login", { signedIn: false });
    await logIn(user, "battery staple");
    expect(await screen.findByRole("alert")).toHaveTextContent("Wrong email or password.");
    expect(screen.getByLabelText("Password")).toHaveValue("");
    await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
    expect(await screen.findByRole("heading", { name: "Dashboard" })).toBeVisible();
  });

  test("asks for what is missing before it asks the server", async () => {
    const login = vi.fn(() => new Response());
    const { user } = await openApp("/login", {
      signedIn: false,
      routes: { "POST /api/v1/auth/login": login },
    });
    await user.click(await screen.findByRole("button", { name: "Log in" }));
    expect(await screen.findByText("Enter your password.")).toBeVisible();
    expect(screen.getByLabelText("Email")).toHaveAccessibleDescription(/Enter an email address/);
    expect(login).not.toHaveBeenCalled();
    await expectAccessible();
  });

  test("counts down after too many attempts", async () => {
    let refusals = 1;
    const server = createServer();
    const login = server.routes["POST /api/v1/auth/login"];
    const { user } = await openApp("/login", {
      signedIn: false,
      routes: {
        "POST /api/v1/auth/login": (request, params) =>
          refusals-- > 0 || !login
            ? refuse(429, "too many failed logins; try again in 2 s", { "retry-after": "2" })
            : login(request, params),
      },
    });
    await logIn(user, "correct horse");
    expect(await screen.findByText(/You can try again in [12] s\./)).toBeVisible();
    const button = screen.getByRole("button", { name: "Log in" });
    expect(button).toBeDisabled();
    await waitFor(() => expect(button).toBeEnabled());
    expect(screen.queryByText(/You can try again/)).toBeNull();
    await user.type(screen.getByLabelText("Password"), "correct horse{Enter}");
    expect(await screen.findByRole("heading", { name: "Dashboard" })).toBeVisible();
  });

  test("says what to do when the server does not run", async () => {
    const { user } = await openApp("/login", {
      signedIn: false,
      routes: {
        "POST /api/v1/auth/login": () => {
          throw problem("unavailable");
        },
      },
    });
    await logIn(user, "correct horse");
    expect(await screen.findByText(/The server is not running right now/)).toBeVisible();
  });

  test("waits for a server that starts", async () => {
    const { sidecar } = await openApp("/login", {
      signedIn: false,
      state: { phase: "starting", activity: { name: "migrating the database", percent: 40 } },
    });
    expect(await screen.findByText("The server is starting: migrating the database, 40 %.")).toBeVisible();
    expect(screen.queryByLabelText("Email")).toBeNull();
    sidecar.setStatus({ phase: "ready", pid: 42 });
    expect(await screen.findByLabelText("Email")).toBeVisible();
    expect(screen.queryByText(/The server is starting/)).toBeNull();
  });

  test("tells of a development build", async () => {
    await openApp("/login", { signedIn: false });
    expect(await screen.findByText("Development build")).toBeVisible();
  });
});

describe("the set-up", () => {
  test("creates the first account and logs it in", async () => {
    const server = createServer();
    server.needsSetup = true;
    const { user } = await openApp("/", { signedIn: false, server });
    await user.type(await screen.findByLabelText("Name"), "Ada");
    await user.type(screen.getByLabelText("Email"), "ada@example.com");
    await user.type(screen.getByLabelText("Password"), "short");
    await user.type(screen.getByLabelText("Repeat password"), "other");
    await user.click(screen.getByRole("button", { name: "Create account" }));
    expect(await screen.findByText("Use at least 8 characters.")).toBeVisible();
    await expectAccessible();
    await user.clear(screen.getByLabelText("Password"));
    await user.type(screen.getByLabelText("Password"), "long enough");
    await user.clear(screen.getByLabelText("Repeat password"));
    await user.type(screen.getByLabelText("Repeat password"), "long enough");
    await user.click(screen.getByRole("button", { name: "Create account" }));
    expect(await screen.findByRole("heading", { name: "Dashboard" })).toBeVisible();
    expect(server.users).toMatchObject([{ email: "ada@example.com", role: "admin" }]);
  });

  test("gives way to the login when somebody else was faster", async () => {
    const server = createServer();
    server.needsSetup = true;
    const { user } = await openApp("/login", {
      signedIn: false,
      server,
      routes: {
        "POST /api/v1/auth/setup": () => {
          server.needsSetup = false;
          return refuse(409, "this app is set up already; log in instead");
        },
      },
    });
    await user.type(await screen.findByLabelText("Name"), "Ada");
    await user.type(screen.getByLabelText("Email"), "ada@example.com");
    await user.type(screen.getByLabelText("Password"), "long enough");
    await user.type(screen.getByLabelText("Repeat password"), "long enough");
    await user.click(screen.getByRole("button", { name: "Create account" }));
    expect(await screen.findByRole("button", { name: "Log in" })).toBeVisible();
  });
});

describe("the session", () => {
  test("that has expired leads to the login with a message, and back", async () => {
    let expired = false;
    const server = createServer();
    const list = server.routes["GET /api/v1/users/"];
    const { user, at, host } = await openApp("/users?page=2", {
      server,
      routes: {
        "GET /api/v1/users/": (request, params) =>
          expired || !list ? refuse(401, "the session has expired; log in again") : list(request, params),
      },
    });
    await screen.findByText("Page 2 of 2");
    expired = true;
    await user.click(screen.getByRole("button", { name: "Previous page" }));
    expect(await screen.findByText(/Your session has expired/)).toBeVisible();
    expect(host.token).toBeNull();
    await expectAccessible();
    expired = false;
    await logIn(user, "correct horse");
    expect(await screen.findByRole("heading", { name: "Users" })).toBeVisible();
    expect(at()).toMatch(/^\/users/);
  });

  test("ends with a click, also when the server cannot be told", async () => {
    const { user, host } = await openApp("/", {
      routes: {
        "POST /api/v1/auth/logout": () => {
          throw problem("unavailable");
        },
      },
    });
    await user.click(await screen.findByRole("button", { name: "Log out" }));
    expect(await screen.findByRole("heading", { name: "Log in" })).toBeVisible();
    expect(screen.queryByText(/Your session has expired/)).toBeNull();
    expect(host.token).toBeNull();
  });

  test("follows the other window", async () => {
    const { sidecar, host } = await openApp("/");
    await screen.findByRole("heading", { name: "Dashboard" });
    host.token = null;
    sidecar.emit("session-changed", { signedIn: false });
    expect(await screen.findByRole("heading", { name: "Log in" })).toBeVisible();
    host.token = TOKEN;
    sidecar.emit("session-changed", { signedIn: true });
    expect(await screen.findByRole("heading", { name: "Dashboard" })).toBeVisible();
  });

  test("is kept by the tab in a plain browser", async () => {
    const { user } = await openInBrowser("/");
    await screen.findByRole("heading", { name: "Dashboard" });
    await user.click(await screen.findByRole("button", { name: "Log out" }));
    await screen.findByRole("heading", { name: "Log in" });
    expect(sessionStorage.getItem("ledger.session")).toBeNull();
  });
});
