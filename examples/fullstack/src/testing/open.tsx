import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import type { State } from "tauri-plugin-sidecar-bridge-api";
import {
  type Command,
  type MockSidecar,
  mockSidecar,
  type Route,
} from "tauri-plugin-sidecar-bridge-api/testing";
import { vi } from "vitest";
import { App, createApp } from "@/app/app";
import { createServer, type Server, TOKEN } from "@/testing/server";

interface OpenOptions {
  /** Whether somebody has logged in before. Default: yes. */
  signedIn?: boolean;
  /** Over those of the test's server. */
  routes?: Record<string, Route>;
  commands?: Record<string, Command>;
  /** The files that a person has chosen. */
  files?: Record<string, string>;
  state?: State;
  server?: Server;
}

/** Opens the app in a window of its own, over a sidecar that the test writes. */
export async function openApp(path: string, options: OpenOptions = {}) {
  const { signedIn = true, server = createServer(), routes, commands, files, state } = options;
  const host = { token: signedIn ? TOKEN : null };
  const sidecar: MockSidecar = mockSidecar({
    routes: { ...server.routes, ...routes },
    commands: { ...hostCommands(host, () => sidecar), ...commands },
    ...(files && { files }),
    ...(state && { state }),
  });
  return { ...(await show(path)), sidecar, server, host };
}

/** Opens the page as a plain browser does during development. */
export async function openInBrowser(path: string, server = createServer()) {
  sessionStorage.setItem("ledger.session", TOKEN);
  vi.mocked(fetch).mockImplementation(async (...input) => {
    const request = new Request(...input);
    const route = `${request.method} ${new URL(request.url).pathname.replace("/@sidecar-bridge/-", "")}`;
    return server.routes[route]?.(request, {}) ?? new Response(null, { status: 404 });
  });
  return show(path);
}

async function show(path: string) {
  const history = createMemoryHistory({ initialEntries: [path] });
  const app = await createApp(history);
  const user = userEvent.setup();
  render(<App app={app} />);
  await screen.findByRole("heading", { level: 1 });
  return { app, user, at: () => history.location.href };
}

/** The commands of the Rust part. */
function hostCommands(host: { token: string | null }, sidecar: () => MockSidecar): Record<string, Command> {
  const change = (token: string | null) => {
    host.token = token;
    sidecar().emit("session-changed", { signedIn: token !== null });
  };
  return {
    is_dev_mode: () => true,
    journal: () => [{ atMs: 0, source: "host", level: "info", text: "sidecar `python`: Ready" }],
    ping: () => null,
    session: () => host.token,
    remember_session: ({ token }) => change(String(token)),
    forget_session: () => change(null),
    measure_sidecar: () => 0.31,
  };
}
