import { mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BridgeError, fetch, Request as ReadableRequest } from "../../src/index.js";
import { encodeFrame } from "../../src/wire/frame.js";
import { bytes, closeWindow, mockSidecar, openWindow, text, UNASKED, unavailable } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

describe("the address", () => {
  test.each([
    ["/api/users?page=2", "/api/users?page=2"],
    ["/api/../admin", "/admin"],
    ["/größe?q=a b", "/gr%C3%B6%C3%9Fe?q=a%20b"],
    ["/page#part", "/page"],
    [new URL("tauri://localhost/api?x=1"), "/api?x=1"],
    [new Request("tauri://localhost/api?x=1"), "/api?x=1"],
    ["tauri://localhost/api", "/api"],
    ["api/users", "/api/users"],
    ["", "/index.html"],
    // What an API calls itself, as `url_for` of FastAPI does.
    ["http://localhost/api?x=1#part", "/api?x=1"],
    ["http://localhost//elsewhere/api", "//elsewhere/api"],
  ])("%s asks the sidecar for %s", async (input, path) => {
    const received = mockSidecar();
    await fetch(input);
    expect(received).toMatchObject([{ path }]);
  });

  test("may name the origin of a development server", async () => {
    openWindow("http://localhost:1420/");
    const received = mockSidecar();
    await fetch(new URL("http://localhost:1420/api"));
    expect(received).toMatchObject([{ path: "/api" }]);
  });

  test.each([
    "//example.com/api",
    "https://example.com/api",
    new URL("https://example.com/api"),
    new URL("tauri://elsewhere/api"),
    new Request("http://localhost:8000/api"),
  ])("%s is refused before anything is sent", async (input) => {
    const received = mockSidecar();
    const refusal = fetch(input);
    await expect(refusal).rejects.toThrow(TypeError);
    await expect(refusal).rejects.toThrow(
      /^cannot fetch ".*" from a sidecar; give a path, or a url of tauri:/,
    );
    expect(received).toEqual([]);
  });

  test("may have the origin that an attached sidecar has said is its own", async () => {
    const received = mockSidecar(() => ({ origin: "http://127.0.0.1:8000" }));
    await expect(fetch("http://127.0.0.1:8000/api")).rejects.toThrow("cannot fetch");
    await fetch("/");
    const response = await fetch("http://127.0.0.1:8000/api");
    expect(received.at(-1)?.path).toBe("/api");
    expect(response.url).toBe("tauri://localhost/api");
  });

  test("goes to the only sidecar unless one is named", async () => {
    const received = mockSidecar();
    await fetch("/");
    await fetch("/", { sidecar: "worker" });
    expect(received).toMatchObject([{ sidecar: null }, { sidecar: "worker" }]);
  });
});

describe("the request", () => {
  test("is a GET with no headers and no body when nothing else is said", async () => {
    const received = mockSidecar();
    await fetch("/");
    expect(received).toEqual([
      {
        exchange: expect.stringMatching(/-\d+$/),
        sidecar: null,
        method: "GET",
        path: "/",
        headers: UNASKED,
        streams: false,
        bodyBytes: null,
        cookies: true,
        waitMs: null,
        body: bytes(""),
      },
    ]);
  });

  test("carries method and headers", async () => {
    const received = mockSidecar();
    await fetch("/", { method: "delete", headers: { "If-Match": '"7"', Accept: "text/x" } });
    expect(received).toMatchObject([{ method: "DELETE" }]);
    const headers = new Headers(received[0]?.headers);
    expect([headers.get("accept"), headers.get("if-match")]).toEqual(["text/x", '"7"']);
  });

  test("can be a Request, which the options override", async () => {
    const received = mockSidecar();
    const request = new Request("tauri://localhost/api", { method: "PUT", body: "kept" });
    await fetch(request, { headers: { "x-extra": "1", "content-type": "text/x" }, sidecar: "worker" });
    expect(received).toMatchObject([
      {
        sidecar: "worker",
        method: "PUT",
        headers: [["content-type", "text/x"], ["x-extra", "1"], ...UNASKED],
      },
    ]);
    expect(text(received[0]?.body)).toBe("kept");
  });

  test.each<[string, BodyInit, string | undefined, string]>([
    ["text", "héllo", "text/plain;charset=UTF-8", "héllo"],
    [
      "URLSearchParams",
      new URLSearchParams({ q: "a b" }),
      "application/x-www-form-urlencoded;charset=UTF-8",
      "q=a+b",
    ],
    ["an ArrayBuffer", bytes("raw").buffer, undefined, "raw"],
    ["a view of part of a buffer", bytes("[raw]").subarray(1, 4), undefined, "raw"],
    ["a Blob", new Blob(["<p>"], { type: "text/html" }), "text/html", "<p>"],
  ])("sends %s as its bytes, with the content type of a browser", async (_, body, contentType, sent) => {
    const received = mockSidecar();
    await fetch("/", { method: "POST", body });
    expect(text(received[0]?.body)).toBe(sent);
    expect(new Headers(received[0]?.headers).get("content-type")).toBe(contentType ?? null);
  });

  test("sends FormData with files as multipart, under the boundary that its content type names", async () => {
    const received = mockSidecar();
    const form = new FormData();
    form.append("name", "Ada");
    form.append("photo", new File([Uint8Array.of(0, 0xff)], "ada.png", { type: "image/png" }));
    await fetch("/", { method: "POST", body: form });

    const [sent] = received;
    const parsed = await new Response(sent?.body ?? null, { headers: sent?.headers ?? [] }).formData();
    expect(parsed.get("name")).toBe("Ada");
    const photo = parsed.get("photo") as File;
    expect([photo.name, photo.type]).toEqual(["ada.png", "image/png"]);
    expect(new Uint8Array(await photo.arrayBuffer())).toEqual(Uint8Array.of(0, 0xff));
  });

  test("keeps the content type that the caller gives for a FormData, as a browser does", async () => {
    const received = mockSidecar();
    const headers = { "content-type": "multipart/form-data; boundary=mine" };
    await fetch("/", { method: "POST", body: new FormData(), headers });
    expect(new Headers(received[0]?.headers).get("content-type")).toBe(headers["content-type"]);
  });

  test("names the way out when the webview cannot read a form with files from a Request", async () => {
    const received = mockSidecar();
    const request = new Request("tauri://localhost/", { method: "POST", body: "x" });
    const unreadable = new DOMException("Unable to read form data blob", "InvalidStateError");
    vi.spyOn(Request.prototype, "arrayBuffer").mockRejectedValueOnce(unreadable);
    await expect(fetch(request)).rejects.toThrow(/^this webview cannot read a FormData with files/);
    expect(received).toEqual([]);
  });

  test("with a form may be a Request that every webview can read", async () => {
    const received = mockSidecar();
    const form = new FormData();
    form.append("photo", new File(["x"], "ada.png", { type: "image/png" }));
    const request = new ReadableRequest("tauri://localhost/", { method: "POST", body: form });
    expect(request).toBeInstanceOf(Request);
    await fetch(request);
    const [sent] = received;
    const parsed = await new Response(sent?.body ?? null, { headers: sent?.headers ?? [] }).formData();
    expect((parsed.get("photo") as File).name).toBe("ada.png");
  });

  test("may be of a class Request that is the global one, as all others are", async () => {
    const others = new Request("tauri://localhost/other", { method: "PUT" });
    vi.stubGlobal("Request", ReadableRequest);
    expect(others instanceof Request).toBe(true);
    expect({} instanceof Request).toBe(false);
    const received = mockSidecar();
    await fetch(others);
    await fetch(new Request("tauri://localhost/own", { method: "POST", body: "x" }));
    expect(received).toMatchObject([
      { method: "PUT", path: "/other" },
      { method: "POST", path: "/own" },
    ]);
  });

  test("has the bytes that the body had when it was given", async () => {
    const received = mockSidecar();
    const body = bytes("before");
    const sent = fetch("/", { method: "POST", body });
    body.fill(0);
    await sent;
    expect(text(received[0]?.body)).toBe("before");
  });

  test("is refused with a body on GET", async () => {
    const received = mockSidecar();
    await expect(fetch("/", { body: "x" })).rejects.toThrow(TypeError);
    expect(received).toEqual([]);
  });

  test("says whether cookies may go along, and how long to wait", async () => {
    const received = mockSidecar();
    await fetch("/", { credentials: "omit", waitMs: 5 });
    expect(received).toMatchObject([{ cookies: false, waitMs: 5 }]);
  });
});

describe("the response", () => {
  test("is a Response: status, headers, the url asked for, and a body read as JSON, text or bytes", async () => {
    mockSidecar(() => ({
      status: 201,
      headers: [["content-type", "application/json"]],
      body: bytes('{"id":7}'),
    }));
    const response = await fetch("/api/users?x=1#part");
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.ok]).toEqual([201, true]);
    expect(response.url).toBe("tauri://localhost/api/users?x=1");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.clone().json()).toEqual({ id: 7 });
    expect(await response.clone().text()).toBe('{"id":7}');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes('{"id":7}'));
  });

  test("resolves for an error status: that is the sidecar's answer", async () => {
    mockSidecar(() => ({ status: 404, body: bytes("no such user") }));
    const response = await fetch("/api/users/0");
    expect([response.status, response.ok, await response.text()]).toEqual([404, false, "no such user"]);
  });

  test.each([600, 999])("has the status %i, which no script can give a Response", async (status) => {
    mockSidecar(() => ({ status, body: bytes("x") }));
    const response = await fetch("/");
    const copy = response.clone();
    expect([response.status, response.ok, copy.status, await copy.text()]).toEqual([
      status,
      false,
      status,
      "x",
    ]);
  });

  test("has headers that cannot be changed", async () => {
    mockSidecar(() => ({ headers: [["x-a", "1"]] }));
    const { headers } = await fetch("/");
    expect(() => headers.set("x-a", "2")).toThrow(TypeError);
    expect(() => headers.delete("x-a")).toThrow("cannot be changed");
    expect(new Headers(headers).get("x-a")).toBe("1");
  });

  test("keeps every value of a repeated header", async () => {
    mockSidecar(() => ({
      headers: [
        ["link", "</1>"],
        ["vary", "accept"],
        ["link", "</2>"],
      ],
    }));
    expect((await fetch("/")).headers.get("link")).toBe("</1>, </2>");
  });

  test.each([
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 205],
    ["GET", 304],
  ])("to %s with %i has no body", async (method, status) => {
    mockSidecar(() => ({ status }));
    const response = await fetch("/", { method });
    expect([response.status, response.body]).toEqual([status, null]);
  });

  test("has an empty body, not none and without a chunk, when the sidecar sent no bytes", async () => {
    mockSidecar();
    const response = await fetch("/");
    expect((await response.clone().body?.getReader().read())?.done).toBe(true);
    expect(await response.text()).toBe("");
  });

  test("may come as an array of numbers: Tauri's way where a content security policy blocks `ipc:`", async () => {
    const head = { status: 200, statusText: "", headers: [], origin: "http://localhost", streams: false };
    mockIPC(() => [...encodeFrame({ head, body: bytes("hi") })]);
    expect(await (await fetch("/")).text()).toBe("hi");
  });
});

describe("a failure", () => {
  const rejection = async (): Promise<BridgeError> => {
    const reason = await fetch("/").catch((error: unknown) => error);
    expect(reason).toBeInstanceOf(BridgeError);
    return reason as BridgeError;
  };

  test("that the host describes as a problem is a BridgeError with that problem", async () => {
    mockSidecar(() => Promise.reject(unavailable));
    const error = await rejection();
    expect(error.problem).toBe(unavailable);
    expect([error.name, error.code, error.message]).toEqual([
      "BridgeError",
      "unavailable",
      unavailable.detail,
    ]);
  });

  test("of Tauri's access control has the code permission_denied", async () => {
    const refusal = "sidecar-bridge.fetch not allowed. Permissions associated with this command: …";
    mockSidecar(() => Promise.reject(refusal));
    expect((await rejection()).problem).toEqual({
      type: "about:blank",
      title: "permission denied",
      status: 403,
      detail: refusal,
      instance: "",
      code: "permission_denied",
      retryable: false,
    });
  });

  test("that is any other text has the code internal", async () => {
    mockSidecar(() => Promise.reject("plugin sidecar-bridge not found"));
    expect((await rejection()).problem).toMatchObject({
      code: "internal",
      status: 500,
      detail: "plugin sidecar-bridge not found",
    });
  });

  test.each([
    ["is cut short", Uint8Array.of(0, 0).buffer, /cut short/],
    ["is not bytes", { status: 200 }, /not bytes/],
  ])("of a reply that %s has the code internal and the cause", async (_, reply, message) => {
    mockIPC(() => reply);
    const error = await rejection();
    expect([error.code, error.cause instanceof Error]).toEqual(["internal", true]);
    expect(error.message).toMatch(message);
  });
});
