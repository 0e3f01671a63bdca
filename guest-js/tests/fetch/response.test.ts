import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fetch } from "../../src/index.js";
import { bytes, closeWindow, mockSidecar, openWindow } from "../window.js";

beforeEach(() => openWindow());
afterEach(closeWindow);

const answer = () => ({ headers: [["x-a", "1"]] as [string, string][], body: bytes("hi") });

test("a response is one of the class that the page has put in place of Response", async () => {
  class Later extends Response {
    readonly isLater = true;
  }
  vi.stubGlobal("Response", Later);
  mockSidecar(answer);
  const response = await fetch("/a");
  expect(response).toBeInstanceOf(Later);
  expect(response).toMatchObject({ isLater: true, url: "tauri://localhost/a", type: "basic" });
  expect(response.headers).toBe(response.headers);
  expect(() => response.headers.set("x-a", "2")).toThrow("cannot be changed");
  const clone = response.clone();
  expect(clone.url).toBe("tauri://localhost/a");
  expect([await response.text(), await clone.text()]).toEqual(["hi", "hi"]);
});

test("a test without Response and Headers may load the package, and give them later", async () => {
  const { Response: response, Headers: headers } = globalThis;
  vi.stubGlobal("Response", undefined);
  vi.stubGlobal("Headers", undefined);
  vi.resetModules();
  const loaded = await import("../../src/index.js");
  vi.stubGlobal("Response", response);
  vi.stubGlobal("Headers", headers);
  mockSidecar(answer);
  const given = await loaded.fetch("/a");
  expect(() => given.headers.delete("x-a")).toThrow("cannot be changed");
  expect([given.headers.get("x-a"), await given.text()]).toEqual(["1", "hi"]);
});
