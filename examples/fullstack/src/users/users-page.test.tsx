import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { problem } from "tauri-plugin-sidecar-bridge-api/testing";
import { describe, expect, test, vi } from "vitest";
import { expectAccessible } from "@/testing/axe";
import { openApp } from "@/testing/open";
import { createServer, refuse } from "@/testing/server";

const names = () =>
  screen
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("cell")[0]?.lastChild?.lastChild?.textContent);

describe("the table", () => {
  test("has pages", async () => {
    const { user, at } = await openApp("/users");
    expect(await screen.findByText("12 users")).toBeVisible();
    expect(names()).toHaveLength(10);
    await user.click(screen.getByRole("button", { name: "Next page" }));
    await waitFor(() => expect(names()).toEqual(["Radia Perlman", "Tony Hoare"]));
    expect(at()).toContain("page=2");
    expect(screen.getByRole("button", { name: "Next page" })).toBeDisabled();
    await expectAccessible();
  });

  test("is sorted by the server, both ways", async () => {
    const { user } = await openApp("/users");
    await screen.findByRole("cell", { name: "Ada Lovelace" });
    expect(screen.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "ascending");
    await user.click(screen.getByRole("button", { name: "Name" }));
    await waitFor(() => expect(names()[0]).toBe("Tony Hoare"));
    expect(screen.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "descending");
    await user.click(screen.getByRole("button", { name: "Role" }));
    await waitFor(() => expect(names()[0]).toBe("Ada Lovelace"));
    expect(screen.getByRole("columnheader", { name: "Role" })).toHaveAttribute("aria-sort", "ascending");
  });

  test("is searched when the typing pauses", async () => {
    const server = createServer();
    const list = vi.fn(server.routes["GET /api/v1/users/"]);
    const { user } = await openApp("/users?page=2", { routes: { "GET /api/v1/users/": list } });
    await screen.findByText("Page 2 of 2");
    const before = list.mock.calls.length;
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "hopper");
    expect(await screen.findByText("1 user")).toBeVisible();
    expect(names()).toEqual(["Grace Hopper"]);
    expect(list.mock.calls.length).toBe(before + 1);
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "xyz");
    expect(await screen.findByText("No user matches “hopperxyz”; try a shorter text.")).toBeVisible();
  });

  test("takes nonsense in the address for the default", async () => {
    await openApp("/users?page=-3&sort=password&order=up");
    expect(await screen.findByText("Page 1 of 2")).toBeVisible();
  });

  test("says why it cannot be loaded, and tries again", async () => {
    let broken = true;
    const server = createServer();
    const list = server.routes["GET /api/v1/users/"];
    const { user } = await openApp("/users", {
      routes: {
        "GET /api/v1/users/": (request, params) =>
          broken || !list ? refuse(507, "the disk is full; free space and try again") : list(request, params),
      },
    });
    expect(await screen.findByText("The disk is full; free space and try again.")).toBeVisible();
    await expectAccessible();
    broken = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("12 users")).toBeVisible();
  });

  test("waits while the server is restarted, and goes on when it is back", async () => {
    const { user, sidecar } = await openApp("/users");
    await screen.findByText("12 users");
    sidecar.crash();
    expect(await screen.findByText(/The server is restarting/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Next page" }));
    expect(screen.getByRole("cell", { name: "Ada Lovelace" })).toBeVisible();
    sidecar.recover();
    await waitFor(() => expect(names()).toEqual(["Radia Perlman", "Tony Hoare"]));
    expect(screen.queryByText(/The server is restarting/)).toBeNull();
  });
});

describe("a user", () => {
  test("is created", async () => {
    const { user, server } = await openApp("/users?search=noether");
    await user.click(await screen.findByRole("button", { name: "New user" }));
    const dialog = await screen.findByRole("dialog", { name: "New user" });
    await user.click(within(dialog).getByRole("button", { name: "Create user" }));
    expect(await within(dialog).findByText("Enter a name.")).toBeVisible();
    await expectAccessible(dialog);
    await user.type(within(dialog).getByLabelText("Name"), "Emmy Noether");
    await user.type(within(dialog).getByLabelText("Email"), "emmy@example.com");
    await user.type(within(dialog).getByLabelText("Password"), "long enough");
    await user.selectOptions(within(dialog).getByLabelText("Role"), "Admin");
    await user.click(within(dialog).getByRole("button", { name: "Create user" }));
    expect(await screen.findByText("Emmy Noether was created.")).toBeVisible();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(await screen.findByText("1 user")).toBeVisible();
    expect(server.users.at(-1)).toMatchObject({ name: "Emmy Noether", role: "admin", active: true });
  });

  test("with an email that is taken is refused, and what was typed stays", async () => {
    const { user } = await openApp("/users");
    await user.click(await screen.findByRole("button", { name: "New user" }));
    await user.type(await screen.findByLabelText("Name"), "Ada");
    await user.type(screen.getByLabelText("Email"), "ada.lovelace@example.com");
    await user.type(screen.getByLabelText("Password"), "long enough");
    await user.click(screen.getByRole("button", { name: "Create user" }));
    expect(await screen.findByText(/There is a user with ada.lovelace@example.com already/)).toBeVisible();
    expect(screen.getByLabelText("Name")).toHaveValue("Ada");
  });

  test("is changed, and keeps its password", async () => {
    const server = createServer();
    const change = vi.fn(server.routes["PATCH /api/v1/users/{id}"]);
    const { user } = await openApp("/users", { server, routes: { "PATCH /api/v1/users/{id}": change } });
    await user.click(await screen.findByRole("button", { name: "Edit Grace Hopper" }));
    const name = await screen.findByLabelText("Name");
    await user.clear(name);
    await user.type(name, "Rear Admiral Hopper");
    await user.click(screen.getByRole("switch", { name: "Active: may log in" }));
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    expect(await screen.findByText("Rear Admiral Hopper was saved.")).toBeVisible();
    expect(server.users[1]).toMatchObject({ name: "Rear Admiral Hopper", active: false });
    expect(server.users[1]).not.toHaveProperty("password");
    expect(change).toHaveBeenCalledOnce();
  });

  test("is deleted after a question", async () => {
    const { user } = await openApp("/users");
    await user.click(await screen.findByRole("button", { name: "Delete Alan Turing" }));
    const dialog = await screen.findByRole("alertdialog", { name: "Delete Alan Turing?" });
    await expectAccessible(dialog);
    await user.click(within(dialog).getByRole("button", { name: "Delete user" }));
    expect(await screen.findByText("Alan Turing was deleted.")).toBeVisible();
    expect(await screen.findByText("11 users")).toBeVisible();
  });

  test("that is the last admin is not deleted, and the reason is shown", async () => {
    const { user } = await openApp("/users");
    await user.click(await screen.findByRole("button", { name: "Delete Ada Lovelace" }));
    await user.click(await screen.findByRole("button", { name: "Delete user" }));
    expect(await screen.findByText(/Ada Lovelace is the last active admin/)).toBeVisible();
    expect(screen.queryByRole("alertdialog")).toBeNull();
  });

  test("is not deleted while the server is away, and the page says so", async () => {
    const { user } = await openApp("/users", {
      routes: {
        "DELETE /api/v1/users/{id}": () => {
          throw problem("unavailable");
        },
      },
    });
    await user.click(await screen.findByRole("button", { name: "Delete Alan Turing" }));
    await user.click(await screen.findByRole("button", { name: "Delete user" }));
    expect(await screen.findByText(/The server is not running right now/)).toBeVisible();
  });

  test("cannot be changed by a member, and the page says why", async () => {
    const server = createServer();
    server.users = server.users.map((user) => ({ ...user, role: "member" }));
    await openApp("/users", { server });
    expect(await screen.findByText("You are a member; only an admin can change users.")).toBeVisible();
    expect(screen.getByRole("button", { name: "New user" })).toBeDisabled();
    await screen.findByRole("cell", { name: "Ada Lovelace" });
    expect(screen.queryByRole("button", { name: /^Edit/ })).toBeNull();
  });
});

describe("a picture", () => {
  const PATH = "/home/ada/grace.png";
  const files = { [PATH]: "a picture" };
  const commands = { "plugin:dialog|open": () => PATH };
  const pictures = () => [...document.querySelectorAll("img")].map(({ src }) => src);
  const edit = async (options: Parameters<typeof openApp>[1]) => {
    const opened = await openApp("/users", options);
    await opened.user.click(await screen.findByRole("button", { name: "Edit Grace Hopper" }));
    await opened.user.click(await screen.findByRole("button", { name: "Choose picture" }));
    return opened;
  };

  test("is chosen, sent with the session, shown by its URL, and taken away", async () => {
    const { user, server } = await edit({ commands, files });
    // In the form and in the table.
    await waitFor(() => expect(pictures()).toHaveLength(2));
    expect(server.users[1]?.picture).toBe("name-of-grace.png");
    expect(pictures()[0]).toMatch(/^sidecar-media:.*\/api\/v1\/pictures\/name-of-grace\.png$/);
    await expectAccessible(screen.getByRole("dialog"));
    await user.click(screen.getByRole("button", { name: "Remove picture" }));
    await waitFor(() => expect(pictures()).toEqual([]));
    expect(server.users[1]?.picture).toBeNull();
  });

  test("that the webview cannot show leaves the initials", async () => {
    const server = createServer();
    server.users = server.users.map((user) => ({ ...user, picture: "broken" }));
    await openApp("/users", { server });
    await waitFor(() => expect(pictures()).toHaveLength(10));
    for (const image of document.querySelectorAll("img")) fireEvent.error(image);
    expect(pictures()).toEqual([]);
    expect(screen.getByText("AL")).toBeVisible();
  });

  test("that the server refuses changes nothing, and the form says why", async () => {
    const other = { "plugin:dialog|open": () => "/home/ada/notes.txt" };
    const { server } = await edit({ commands: other, files: { "/home/ada/notes.txt": "notes" } });
    expect(await screen.findByText("notes.txt is no picture; choose a PNG file.")).toBeVisible();
    expect(server.users[1]?.picture).toBeNull();
  });

  test("that nobody chose is none", async () => {
    const { server } = await edit({ commands: { "plugin:dialog|open": () => null } });
    await waitFor(() => expect(screen.getByRole("button", { name: "Choose picture" })).toBeEnabled());
    expect(server.users[1]?.picture).toBeNull();
  });

  test("of a session that is over leads to the login", async () => {
    const routes = {
      "PUT /api/v1/users/{id}/picture": () => refuse(401, "the session has expired; log in again"),
    };
    const { at } = await edit({ commands, files, routes });
    await waitFor(() => expect(at()).toMatch(/^\/login/));
  });
});
