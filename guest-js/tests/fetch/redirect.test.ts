import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fetch } from "../../src/index.js";
import { closeWindow, mockSidecar, openWindow, type Sent, text } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

/** Redirects `/from` with that status, and answers everything else. */
const redirecting = (status: number, location = "/to") =>
  mockSidecar((sent: Sent) =>
    sent.path === "/from" ? { status, headers: [["location", location]] } : { status: 200 },
  );

describe("a redirect", () => {
  test.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [303, "HEAD", "HEAD"],
    [301, "PUT", "PUT"],
    [307, "POST", "POST"],
    [308, "POST", "POST"],
  ])("%i of a %s becomes a %s", async (status, method, then) => {
    const received = redirecting(status);
    const body = method === "HEAD" ? null : "body";
    const response = await fetch("/from", { method, body, headers: { "x-kept": "1" } });
    expect([response.url, response.redirected]).toEqual(["tauri://localhost/to", true]);
    const [, second] = received;
    const headers = new Headers(second?.headers);
    expect([second?.method, headers.get("x-kept")]).toEqual([then, "1"]);
    const keeps = then === method && body !== null;
    expect([text(second?.body), headers.has("content-type")]).toEqual(keeps ? ["body", true] : ["", false]);
  });

  test.each([
    ["/to?x=1", "/to?x=1"],
    ["to", "/to"],
    ["?x=1", "/from?x=1"],
    ["http://localhost/to", "/to"],
    ["tauri://localhost/to", "/to"],
  ])("to %s asks for %s", async (location, path) => {
    const received = mockSidecar((sent: Sent) =>
      sent.exchange === received[0]?.exchange ? { status: 302, headers: [["location", location]] } : {},
    );
    await fetch("/from");
    expect(received[1]?.path).toBe(path);
  });

  test.each(["http://example.com/", "http://localhost:81/", "https://localhost/", "http://[x"])(
    "to %s leads nowhere",
    async (location) => {
      const received = redirecting(302, location);
      await expect(fetch("/from")).rejects.toThrow(
        `/from redirects to ${location}, which is no url of the sidecar`,
      );
      expect(received).toHaveLength(1);
    },
  );

  test("is followed twenty times and no more", async () => {
    const received = mockSidecar(() => ({ status: 302, headers: [["location", "/again"]] }));
    await expect(fetch("/from")).rejects.toThrow("redirects more than 20 times");
    expect(received).toHaveLength(21);
  });

  test("is an error when the page wants it to be one, and opaque when it wants to see it", async () => {
    redirecting(302);
    await expect(fetch("/from", { redirect: "error" })).rejects.toThrow(TypeError);
    const response = await fetch("/from", { redirect: "manual" });
    expect([response.type, response.status, response.ok, response.body]).toEqual([
      "opaqueredirect",
      0,
      false,
      null,
    ]);
    expect([...response.headers]).toEqual([]);
  });

  test("without a location is an answer", async () => {
    mockSidecar(() => ({ status: 302 }));
    expect((await fetch("/from")).status).toBe(302);
  });

  test.each([301, 302, 307, 308])("with %i is not followed by a POST of a stream", async (status) => {
    redirecting(status);
    const stream = new Response("x").body;
    await expect(fetch("/from", { method: "POST", body: stream })).rejects.toThrow("cannot be sent again");
  });

  test("with 303 is followed by a POST of a stream, for it never sends the body again", async () => {
    redirecting(303);
    const stream = new Response("x").body;
    expect((await fetch("/from", { method: "POST", body: stream })).redirected).toBe(true);
  });
});
