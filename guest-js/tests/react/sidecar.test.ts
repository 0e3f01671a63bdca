// @vitest-environment happy-dom
import { createElement as h, useState } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, test, vi } from "vitest";
import type { State } from "../../src/index.js";
import { SidecarGate, useSidecar } from "../../src/react/index.js";
import { mockSidecar, problem } from "../../src/testing/index.js";
import { MODES, render, until } from "./kit.js";

const starting: State = { phase: "starting", activity: null };

function Phase({ sidecar }: { sidecar?: string }) {
  const { status, serves, error } = useSidecar(sidecar);
  const code = error === null ? "" : ` ${(error as { code: string }).code}`;
  return h("p", null, `${status?.state.phase ?? "unknown"} ${serves}${code}`);
}

/** A sidecar of which a test can see how often the page asks the host for the status, and lets go of that. */
function watched(state: State = starting) {
  const asked: string[] = [];
  const sidecar = mockSidecar({ state });
  const { invoke } = window.__TAURI_INTERNALS__;
  window.__TAURI_INTERNALS__.invoke = (command, ...rest) => {
    asked.push(command.replace("plugin:sidecar-bridge|", ""));
    return invoke(command, ...rest);
  };
  const count = (name: string) => asked.filter((command) => command === name).length;
  return { sidecar, count };
}

declare global {
  interface Window {
    __TAURI_INTERNALS__: { invoke: (command: string, ...rest: unknown[]) => Promise<unknown> };
  }
}

describe.each(MODES)("useSidecar, mounted %s,", (_, mode) => {
  test("renders each change, and asks once however many components look", async () => {
    const { sidecar, count } = watched();
    const { page, unmount } = await render([h(Phase, { key: 1 }), h(Phase, { key: 2 })], mode);
    await until(() => expect(page.innerHTML).toBe("<p>starting false</p><p>starting false</p>"));
    sidecar.setStatus({ phase: "unresponsive", pid: 1 });
    await until(() => expect(page.innerHTML).toBe("<p>unresponsive true</p><p>unresponsive true</p>"));
    expect(count("status")).toBe(1);
    expect(count("cancel")).toBe(0);
    await unmount();
    expect(count("cancel")).toBe(1);
  });

  test("begins anew when it is mounted again, and shows nothing of before", async () => {
    const { sidecar, count } = watched();
    const first = await render(h(Phase), mode);
    await until(() => expect(first.page.textContent).toBe("starting false"));
    await first.unmount();
    sidecar.close();
    const second = watched({ phase: "ready", pid: 1 });
    const seen = renderToString(h(Phase));
    expect(seen).toBe("<p>unknown false</p>");
    const { page } = await render(h(Phase), mode);
    await until(() => expect(page.textContent).toBe("ready true"));
    expect([count("status"), second.count("status")]).toEqual([1, 1]);
  });

  test("goes on when another component takes over in the same commit", async () => {
    const { count } = watched();
    const { page, show } = await render(h(Phase, { key: 1 }), mode);
    await until(() => expect(page.textContent).toBe("starting false"));
    await show(h(Phase, { key: 2 }));
    expect(page.textContent).toBe("starting false");
    expect([count("status"), count("cancel")]).toEqual([1, 0]);
  });

  test("says why when the host refuses, once", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    mockSidecar({
      commands: {
        "plugin:sidecar-bridge|status": () => {
          throw problem("permission_denied");
        },
      },
    });
    const { page } = await render(h(Phase), mode);
    await until(() => expect(page.textContent).toBe("unknown true permission_denied"));
    expect(warned).toHaveBeenCalledTimes(1);
    warned.mockRestore();
  });

  test("follows the sidecar of its name", async () => {
    mockSidecar({ name: "worker", state: { phase: "stopped" } });
    mockSidecar({ name: "python" });
    const { page, show } = await render(h(Phase, { sidecar: "worker" }), mode);
    await until(() => expect(page.textContent).toBe("stopped false"));
    await show(h(Phase, { sidecar: "python" }));
    await until(() => expect(page.textContent).toBe("ready true"));
  });
});

test("in a plain browser the sidecar counts as one that serves", async () => {
  const { page } = await render(h(Phase));
  expect(page.textContent).toBe("unknown true");
});

describe.each(MODES)("a gate, mounted %s,", (_, mode) => {
  const Typed = () => h("i", null, useState(() => ++mounts)[0]);
  let mounts = 0;
  const gate = h(SidecarGate, { fallback: (state) => h("b", null, state?.phase), children: h(Typed) });

  test("opens when the sidecar serves, and stays open while it is started again", async () => {
    const { sidecar } = watched();
    const { page } = await render(gate, mode);
    await until(() => expect(page.innerHTML).toBe("<b>starting</b>"));
    sidecar.setStatus({ phase: "ready", pid: 1 });
    await until(() => expect(page.querySelector("i")).not.toBeNull());
    const shown = page.innerHTML;
    sidecar.crash();
    await until(() => expect(page.innerHTML).toBe(shown));
    sidecar.recover();
    await until(() => expect(page.innerHTML).toBe(shown));
  });

  test("closes for a sidecar that was stopped, until it serves again", async () => {
    const { sidecar } = watched({ phase: "ready", pid: 1 });
    const { page } = await render(gate, mode);
    await until(() => expect(page.querySelector("i")).not.toBeNull());
    sidecar.setStatus({ phase: "stopped" });
    await until(() => expect(page.innerHTML).toBe("<b>stopped</b>"));
    sidecar.setStatus(starting);
    await until(() => expect(page.innerHTML).toBe("<b>starting</b>"));
    sidecar.setStatus({ phase: "ready", pid: 2 });
    await until(() => expect(page.querySelector("i")).not.toBeNull());
  });

  test("shows nothing or an element until then", async () => {
    mockSidecar({ state: starting });
    const { page, show } = await render(h(SidecarGate, null, "app"), mode);
    expect(page.innerHTML).toBe("");
    await show(h(SidecarGate, { fallback: h("hr") }, "app"));
    expect(page.innerHTML).toBe("<hr>");
  });
});

test("a server renders what stands in the children's place", () => {
  expect(renderToString(h(SidecarGate, { fallback: "wait" }, "app"))).toBe("wait");
});
