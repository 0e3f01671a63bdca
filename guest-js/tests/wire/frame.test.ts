import { describe, expect, test } from "vitest";
import { decodeFrame, encodeFrame } from "../../src/wire/frame.js";
import { bytes } from "../window.js";

describe("a frame", () => {
  test("is the head's length as u32 big-endian, the head as JSON, the body", () => {
    const frame = encodeFrame({ head: { status: 200 }, body: bytes("hi") });
    expect(frame).toEqual(Uint8Array.of(0, 0, 0, 14, ...bytes('{"status":200}'), ...bytes("hi")));
  });

  test.each([
    ["an empty body", { path: "/" }, new Uint8Array()],
    ["a body that is not text", { path: "/" }, Uint8Array.of(0, 0xff, 0xfe, 0)],
    ["a head beyond ASCII", { path: "/größe/雪" }, bytes("x")],
  ])("survives the round trip with %s", (_, head, body) => {
    expect(decodeFrame(encodeFrame({ head, body }))).toEqual({ head, body });
  });

  test("is found where its view begins, not where its buffer does", () => {
    const frame = encodeFrame({ head: { status: 200 }, body: bytes("hi") });
    const embedded = new Uint8Array([9, 9, 9, ...frame]).subarray(3);
    expect(decodeFrame(embedded)).toEqual({ head: { status: 200 }, body: bytes("hi") });
  });

  test("is refused when it is cut short anywhere before its body", () => {
    const frame = encodeFrame({ head: { status: 200 }, body: new Uint8Array() });
    for (let length = 0; length < frame.length; length++) {
      expect(() => decodeFrame(frame.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
    }
  });

  test("is refused when its head is not JSON or not UTF-8", () => {
    expect(() => decodeFrame(Uint8Array.of(0, 0, 0, 1, 0x7b))).toThrow(SyntaxError);
    expect(() => decodeFrame(Uint8Array.of(0, 0, 0, 1, 0xff))).toThrow(TypeError);
  });
});
