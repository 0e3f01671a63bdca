import { screen, waitFor, within } from "@testing-library/react";
import { problem } from "tauri-plugin-sidecar-bridge-api/testing";
import { describe, expect, test } from "vitest";
import { matching, withLevels } from "@/diagnostics/levels";
import { expectAccessible } from "@/testing/axe";
import { openApp, openInBrowser } from "@/testing/open";

const fact = (name: string) => screen.getByText(name, { selector: "dt" }).nextElementSibling;

describe("the server", () => {
  test("is shown as it lives", async () => {
    const { sidecar } = await openApp("/diagnostics");
    await screen.findByText("Process id");
    expect(fact("Phase")).toHaveTextContent("ready");
    expect(fact("Generation")).toHaveTextContent("1");
    expect(fact("Restarts")).toHaveTextContent("0");
    expect(fact("Process id")).toHaveTextContent("4711");
    await expectAccessible();
    sidecar.crash();
    await waitFor(() => expect(fact("Phase")).toHaveTextContent("restarting"));
    sidecar.recover();
    await waitFor(() => expect(fact("Phase")).toHaveTextContent("ready"));
    expect(fact("Restarts")).toHaveTextContent("1");
  });

  test("is restarted", async () => {
    const { user, sidecar } = await openApp("/diagnostics");
    await user.click(await screen.findByRole("button", { name: "Restart" }));
    expect(await screen.findByText("The server was restarted.")).toBeVisible();
    expect(sidecar.status.generation).toBe(2);
  });

  test("may not be restarted without the permission", async () => {
    const { user } = await openApp("/diagnostics", {
      commands: {
        "plugin:sidecar-bridge|restart": () => {
          throw problem("permission_denied", "no capability grants sidecar-bridge:allow-restart");
        },
      },
    });
    await user.click(await screen.findByRole("button", { name: "Restart" }));
    expect(await screen.findByText("No capability grants sidecar-bridge:allow-restart.")).toBeVisible();
  });

  test("falls over on purpose", async () => {
    const { user } = await openApp("/diagnostics");
    await user.click(await screen.findByRole("button", { name: "Crash" }));
    expect(await screen.findByText("The server falls over in a moment.")).toBeVisible();
  });

  test("that has failed is started again", async () => {
    const { user, sidecar } = await openApp("/diagnostics");
    await screen.findByText("Process id");
    const reason = problem("unavailable", "python3 was not found; install it");
    sidecar.setStatus({ phase: "failed", problem: reason, exit: null });
    expect(await screen.findByText(/does not start: python3 was not found; install it\./)).toBeVisible();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Start it again" }));
    await waitFor(() => expect(sidecar.status.state.phase).toBe("ready"));
  });
});

describe("the log", () => {
  test("is filtered by level and text", async () => {
    const { user, sidecar } = await openApp("/diagnostics");
    sidecar.log("INFO:     Application startup complete.");
    sidecar.log("WARNING:  the database is busy");
    sidecar.log("ERROR:    the import failed");
    const log = await screen.findByRole("log");
    expect(await within(log).findByText(/startup complete/)).toBeVisible();
    expect(within(log).getByText(/: Ready/).previousSibling).toHaveTextContent("host");
    await user.selectOptions(screen.getByRole("combobox", { name: "Level" }), "Warnings and above");
    expect(within(log).queryByText(/startup complete/)).toBeNull();
    expect(within(log).getByText(/busy/)).toBeVisible();
    await user.type(screen.getByRole("searchbox", { name: "Search the log" }), "IMPORT");
    await waitFor(() => expect(within(log).queryByText(/busy/)).toBeNull());
    expect(within(log).getByText(/the import failed/)).toBeVisible();
    expect(screen.getByText(/^1 of 4 lines/)).toBeVisible();
  });

  test("gives the lines of a traceback the level of their beginning", () => {
    const line = (text: string, stream: "stdout" | "stderr" = "stderr") => ({
      sequence: 1,
      generation: 1,
      atMs: 0,
      stream,
      text,
    });
    const lines = withLevels([
      line("started"),
      line("ERROR in app"),
      line("  at line 3"),
      line("said on stdout", "stdout"),
      line("Traceback (most recent call last):"),
      line("ValueError: no"),
      line("2026-01-01 ledger DEBUG fine"),
    ]);
    expect(lines.map(({ level }) => level)).toEqual([
      "info",
      "error",
      "error",
      "info",
      "error",
      "error",
      "debug",
    ]);
    expect(matching(lines, "warning", " value ").map(({ text }) => text)).toEqual(["ValueError: no"]);
  });
});

describe("the round trips", () => {
  test("are measured in four directions, until they are switched off", async () => {
    const { user } = await openApp("/diagnostics");
    await waitFor(() => expect(fact("FastAPI → Rust")).toHaveTextContent("0.12 ms"));
    expect(fact("Rust → FastAPI")).toHaveTextContent("0.31 ms");
    expect(fact("Page → Rust")).toHaveTextContent(/\d ms/);
    expect(fact("Page → FastAPI")).toHaveTextContent(/\d ms/);
    const measure = screen.getByRole("switch", { name: "Measure" });
    await user.click(measure);
    expect(measure).not.toBeChecked();
  });

  test("have gaps where there is no answer", async () => {
    await openApp("/diagnostics", {
      commands: {
        measure_sidecar: () => {
          throw problem("unavailable");
        },
      },
    });
    await waitFor(() => expect(fact("FastAPI → Rust")).toHaveTextContent("0.12 ms"));
    expect(fact("Rust → FastAPI")).toHaveTextContent("–");
  });
});

test("in a plain browser there is what a browser can know", async () => {
  await openInBrowser("/diagnostics");
  const button = await screen.findByRole("button", { name: "Restart" });
  expect(button).toBeDisabled();
  expect(button).toHaveAccessibleDescription(/This needs the desktop app/);
  await waitFor(() => expect(fact("Page → FastAPI")).toHaveTextContent(/\d ms/));
  expect(fact("Page → Rust")).toHaveTextContent("–");
  await expectAccessible();
});
