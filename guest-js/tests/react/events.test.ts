// @vitest-environment happy-dom
import { createElement as h } from "react";
import { describe, expect, test, vi } from "vitest";
import type { ServerEvent } from "../../src/index.js";
import { type SidecarEventsOptions, useSidecarEvents } from "../../src/react/index.js";
import { type EventStream, eventStream, mockSidecar } from "../../src/testing/index.js";
import { MODES, render, until } from "./kit.js";

interface Props extends SidecarEventsOptions<unknown> {
  path: string | null;
}

function Events({ path, ...options }: Props) {
  const { last, phase, error } = useSidecarEvents(path, options);
  const said = [phase, last && JSON.stringify(last.data), error && String(error)];
  return h("p", null, said.filter(Boolean).join(" "));
}

/** A sidecar with a stream of events under each path; it keeps the streams and the requests that asked for them. */
function streaming() {
  const streams: EventStream[] = [];
  const requests: Request[] = [];
  mockSidecar({
    handler(request) {
      const stream = eventStream();
      streams.push(stream);
      requests.push(request);
      return stream.response;
    },
  });
  const paths = () => requests.map(({ url }) => new URL(url).pathname);
  const open = () => streams.filter(({ cancelled }) => !cancelled).length;
  return { streams, requests, paths, open };
}

describe.each(MODES)("useSidecarEvents, mounted %s,", (_, mode) => {
  test("renders the last event, and tells of each", async () => {
    const { streams, open } = streaming();
    const told: ServerEvent<unknown>[] = [];
    const { page, unmount } = await render(
      h(Events, { path: "/a", onEvent: (event) => told.push(event) }),
      mode,
    );
    await until(() => expect(page.textContent).toBe("open"));
    expect(streams).toHaveLength(1);
    for (const n of [1, 2, 3]) streams[0]?.send({ n });
    await until(() => expect(page.textContent).toBe('open {"n":3}'));
    expect(told.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(told[0]).toEqual({ type: "message", data: { n: 1 }, lastEventId: "" });
    await unmount();
    await vi.waitFor(() => expect(open()).toBe(0));
  });

  test("keeps its stream at each render, and calls the function of the latest", async () => {
    const { streams, paths } = streaming();
    const told: unknown[] = [];
    const props = (name: string): Props => ({
      path: "/a",
      headers: { authorization: "Bearer x" },
      types: ["step"],
      onEvent: ({ type, data }) => told.push([name, type, data]),
    });
    const { page, show } = await render(h(Events, props("first")), mode);
    await until(() => expect(page.textContent).toBe("open"));
    await show(h(Events, props("second")));
    streams[0]?.send(0);
    streams[0]?.send(1, "step");
    await until(() => expect(told).toEqual([["second", "step", 1]]));
    expect(paths()).toEqual(["/a"]);
  });

  test("begins anew for another path or other headers, and ends without a path", async () => {
    const { requests, paths, open } = streaming();
    const { page, show } = await render(h(Events, { path: "/a" }), mode);
    await until(() => expect(page.textContent).toBe("open"));
    await show(h(Events, { path: "/b" }));
    await until(() => expect(page.textContent).toBe("open"));
    await show(h(Events, { path: "/b", headers: { authorization: "Bearer x" } }));
    await until(() => expect(page.textContent).toBe("open"));
    expect(paths()).toEqual(["/a", "/b", "/b"]);
    expect(requests[2]?.headers.get("authorization")).toBe("Bearer x");
    await vi.waitFor(() => expect(open()).toBe(1));
    await show(h(Events, { path: null }));
    expect(page.textContent).toBe("closed");
    await vi.waitFor(() => expect(open()).toBe(0));
  });

  test("is mounted anew with a stream of its own, as after a change of its module", async () => {
    const { paths, open } = streaming();
    const { page, show } = await render(h(Events, { key: 1, path: "/a" }), mode);
    await until(() => expect(page.textContent).toBe("open"));
    await show(h((props: Props) => h(Events, props), { key: 2, path: "/a" }));
    await until(() => expect(page.textContent).toBe("open"));
    expect(paths()).toEqual(["/a", "/a"]);
    await vi.waitFor(() => expect(open()).toBe(1));
  });

  test("ends with what cannot be read, and with a refusal", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const { streams, open } = streaming();
    const { page, show } = await render(h(Events, { path: "/a" }), mode);
    await until(() => expect(page.textContent).toBe("open"));
    streams[0]?.send("{");
    await until(() => expect(page.textContent).toMatch(/^closed SyntaxError/));
    await vi.waitFor(() => expect(open()).toBe(0));
    mockSidecar({ handler: () => new Response("", { status: 404 }) });
    await show(h(Events, { path: "/b" }));
    await until(() => expect(page.textContent).toMatch(/^closed TypeError: it was answered with status 404/));
    said.mockRestore();
  });

  test("connects again when the stream ends", async () => {
    const { streams } = streaming();
    const { page } = await render(h(Events, { path: "/a", parse: (data) => data }), mode);
    await until(() => expect(page.textContent).toBe("open"));
    streams[0]?.send("x");
    streams[0]?.end();
    await until(() => expect(page.textContent).toBe('connecting "x"'));
  });
});
