import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeMessages, type Message, MessageReader } from "../../src/events/messages.js";
import { BridgeWebSocket } from "../../src/index.js";
import { decodeFrame } from "../../src/wire/frame.js";
import type { ConnectRequest, WriteRequest } from "../../src/wire/types.js";
import { bytes, closeWindow, type Deferred, deferred, mockHost, openWindow, unavailable } from "../window.js";

/** Node.js 20 has none. */
class CloseEventOfBrowsers extends Event {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  constructor(type: string, { code = 0, reason = "", wasClean = false }: CloseEventInit = {}) {
    super(type);
    this.code = code;
    this.reason = reason;
    this.wasClean = wasClean;
  }
}

beforeEach(() => {
  openWindow();
  vi.stubGlobal("CloseEvent", CloseEventOfBrowsers);
});
afterEach(closeWindow);

const messages: Message[] = [
  { kind: "text", text: "grüße" },
  { kind: "text", text: "" },
  { kind: "bytes", bytes: Uint8Array.of(0, 255) },
  { kind: "close", code: 4001, reason: "bye" },
  { kind: "close", code: null, reason: "" },
];

describe("messages", () => {
  test("come apart as they were put together, wherever they are cut", async () => {
    const frames = await encodeMessages(messages);
    for (const length of [1, 3, 7, frames.length]) {
      const reader = new MessageReader();
      const seen = [];
      for (let at = 0; at < frames.length; at += length) {
        seen.push(...reader.take(frames.slice(at, at + length)));
      }
      expect(seen, `pieces of ${length} bytes`).toEqual(messages);
    }
  });

  test("of a Blob are its bytes, and of an unknown kind an error", async () => {
    const frame = await encodeMessages([{ kind: "blob", blob: new Blob(["a"]) }]);
    expect(frame).toEqual(Uint8Array.of(2, 0, 0, 0, 1, 97));
    expect(() => new MessageReader().take(Uint8Array.of(9, 0, 0, 0, 0))).toThrow("of kind 9");
  });
});

/** A sidecar's end of a WebSocket. */
function mockSocket(answer: { protocol: string } | Error = { protocol: "" }) {
  const opening = deferred<void>();
  const reads: Deferred<ArrayBuffer>[] = [];
  const queue: ArrayBuffer[] = [];
  const requests: ConnectRequest[] = [];
  const written: Message[] = [];
  const pieces: number[] = [];
  const reader = new MessageReader();
  const cancelled: unknown[] = [];
  let number = 0;
  const give = async (...said: Message[]) => {
    const frames = await encodeMessages(said);
    const reply = Uint8Array.of(0, 0, 0, number++, 0, ...frames).buffer;
    const read = reads.shift();
    if (read) read.resolve(reply);
    else queue.push(reply);
  };
  mockHost({
    async connect(args) {
      requests.push((args as { request: ConnectRequest }).request);
      await opening.promise;
      if (answer instanceof Error) throw unavailable;
      return answer;
    },
    read() {
      const reply = queue.shift();
      if (reply) return reply;
      const read = deferred<ArrayBuffer>();
      reads.push(read);
      return read.promise;
    },
    write(frame) {
      const { body } = decodeFrame<WriteRequest>(frame as Uint8Array<ArrayBuffer>);
      pieces.push(body.length);
      written.push(...reader.take(body));
    },
    cancel: (args) => cancelled.push(args),
  });
  const breakOff = () => reads.shift()?.reject(unavailable);
  return { requests, written, pieces, cancelled, give, breakOff, open: () => opening.resolve() };
}

const event = (socket: BridgeWebSocket, name: string) =>
  new Promise<Event>((resolve) => socket.addEventListener(name, resolve, { once: true }));

describe("a WebSocket", () => {
  test("opens with the subprotocol that was chosen, then talks both ways", async () => {
    const sidecar = mockSocket({ protocol: "b" });
    const socket = new BridgeWebSocket("/ws?x=1", ["a", "b"], { sidecar: "worker", waitMs: 5 });
    expect([socket.readyState, socket.protocol, socket.url]).toEqual([0, "", "ws://localhost/ws?x=1"]);
    expect(() => socket.send("early")).toThrow("not open yet");
    sidecar.open();
    const opened = vi.fn();
    socket.onopen = opened;
    await event(socket, "open");
    expect([socket.readyState, socket.protocol, opened.mock.calls.length]).toEqual([1, "b", 1]);
    expect(sidecar.requests).toMatchObject([
      { path: "/ws?x=1", protocols: ["a", "b"], sidecar: "worker", waitMs: 5 },
    ]);

    socket.binaryType = "arraybuffer";
    const seen: unknown[] = [];
    socket.onmessage = ({ data, origin }) => {
      seen.push(data);
      expect(origin).toBe("ws://localhost");
    };
    const second = new Promise((resolve) =>
      socket.addEventListener("message", () => seen.length === 2 && resolve(null)),
    );
    await sidecar.give({ kind: "text", text: "hello" }, { kind: "bytes", bytes: Uint8Array.of(1) });
    await second;
    expect(seen).toEqual(["hello", Uint8Array.of(1).buffer]);

    socket.send("text");
    socket.send(bytes("[x]").subarray(1, 2));
    socket.send(bytes("y").buffer);
    socket.send(new Blob(["z"]));
    expect(socket.bufferedAmount).toBe(7);
    await vi.waitFor(() => expect(sidecar.written).toHaveLength(4));
    expect(sidecar.written).toEqual([
      { kind: "text", text: "text" },
      ...["x", "y", "z"].map((text) => ({ kind: "bytes", bytes: bytes(text) })),
    ]);
    await vi.waitFor(() => expect(socket.bufferedAmount).toBe(0));
  });

  test("gives bytes as a Blob unless it is told otherwise", async () => {
    const sidecar = mockSocket();
    const socket = new BridgeWebSocket("/ws");
    sidecar.open();
    await event(socket, "open");
    await sidecar.give({ kind: "bytes", bytes: bytes("ab") });
    const { data } = (await event(socket, "message")) as MessageEvent;
    expect(await (data as Blob).text()).toBe("ab");
  });

  test("is closed by the page, and then by the sidecar", async () => {
    const sidecar = mockSocket();
    const socket = new BridgeWebSocket("/ws");
    sidecar.open();
    await event(socket, "open");
    socket.close(4000, "enough");
    socket.close();
    expect(socket.readyState).toBe(2);
    socket.send("too late");
    await vi.waitFor(() =>
      expect(sidecar.written).toEqual([{ kind: "close", code: 4000, reason: "enough" }]),
    );
    const [last, closed] = [event(socket, "message"), event(socket, "close")];
    await sidecar.give({ kind: "text", text: "last" }, { kind: "close", code: 4000, reason: "enough" });
    expect(((await last) as MessageEvent).data).toBe("last");
    const { code, reason, wasClean } = (await closed) as CloseEvent;
    expect([code, reason, wasClean, socket.readyState]).toEqual([4000, "enough", true, 3]);
  });

  test("closes with 1005 when the sidecar gives no code", async () => {
    const sidecar = mockSocket();
    const socket = new BridgeWebSocket("/ws");
    sidecar.open();
    await event(socket, "open");
    const closed = event(socket, "close");
    await sidecar.give({ kind: "close", code: null, reason: "" });
    expect(await closed).toMatchObject({ code: 1005, wasClean: true });
  });

  test("sends any value as its text", async () => {
    const sidecar = mockSocket();
    const socket = new BridgeWebSocket("/ws");
    sidecar.open();
    await event(socket, "open");
    for (const value of [7, null, { toString: () => "object" }]) socket.send(value as never);
    await vi.waitFor(() => expect(sidecar.written).toHaveLength(3));
    expect(sidecar.written).toEqual(["7", "null", "object"].map((text) => ({ kind: "text", text })));
  });

  test("sends large messages in pieces of at most 512 KiB, and small ones together", async () => {
    const sidecar = mockSocket();
    const socket = new BridgeWebSocket("/ws");
    sidecar.open();
    await event(socket, "open");
    const sizes = [1, 1_300_000, ...Array.from({ length: 20 }, () => 100_000)];
    for (const size of sizes) socket.send(new Uint8Array(size));
    await vi.waitFor(() => expect(sidecar.written).toHaveLength(sizes.length));
    expect(sidecar.written.map((message) => message.kind === "bytes" && message.bytes.length)).toEqual(sizes);
    expect(Math.max(...sidecar.pieces)).toBeLessThanOrEqual(512 * 1024);
    expect(sidecar.pieces.length).toBeLessThan(12);
    await vi.waitFor(() => expect(socket.bufferedAmount).toBe(0));
  });

  test("closes with a number in a string, and with 1000 for a reason alone", async () => {
    for (const [code, reason, sent] of [
      ["1000", "", 1000],
      [undefined, "bye", 1000],
      [undefined, "", null],
    ] as const) {
      const sidecar = mockSocket();
      const socket = new BridgeWebSocket("/ws");
      sidecar.open();
      await event(socket, "open");
      socket.close(code as never, reason);
      await vi.waitFor(() => expect(sidecar.written).toEqual([{ kind: "close", code: sent, reason }]));
    }
  });

  test.each([
    ["/chat?a=1", "/chat?a=1"],
    ["ws://localhost/chat", "/chat"],
    ["wss://localhost/chat", "/chat"],
    [new URL("ws://localhost/chat"), "/chat"],
    ["http://localhost/chat", "/chat"],
  ])("at %s is the sidecar's", (address, path) => {
    const { requests } = mockSocket();
    expect(new BridgeWebSocket(address).url).toBe(`ws://localhost${path}`);
    expect(requests).toMatchObject([{ path }]);
  });

  test.each(["refused", "broken off"])("that was %s closes with an error and 1006", async (how) => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const sidecar = mockSocket(how === "refused" ? new Error() : { protocol: "" });
    const socket = new BridgeWebSocket("/ws");
    const failed = event(socket, "error");
    sidecar.open();
    if (how === "broken off") {
      await event(socket, "open");
      await vi.waitFor(() => sidecar.breakOff());
    }
    let stateAtError: number | null = null;
    socket.onerror = () => {
      stateAtError = socket.readyState;
    };
    const closed = event(socket, "close");
    const { error, message } = (await failed) as ErrorEvent;
    expect(await closed).toMatchObject({ code: 1006, wasClean: false });
    expect(stateAtError).toBe(3);
    expect(error).toMatchObject({ code: "unavailable" });
    expect(message).toBe(unavailable.detail);
    expect(said).toHaveBeenCalledTimes(how === "refused" ? 1 : 0);
    said.mockRestore();
  });

  test("that is closed while it opens never does", async () => {
    const sidecar = mockSocket();
    const socket = new BridgeWebSocket("/ws");
    const opened = vi.fn();
    socket.onopen = opened;
    socket.close();
    const closed = event(socket, "close");
    sidecar.open();
    expect(await closed).toMatchObject({ code: 1006, wasClean: false });
    expect(opened).not.toHaveBeenCalled();
    expect(sidecar.cancelled.length).toBeGreaterThan(0);
  });

  test("takes no address of another server, no bad subprotocol and no bad close", async () => {
    const { open } = mockSocket();
    expect(() => new BridgeWebSocket("ws://example.com/")).toThrow(TypeError);
    for (const protocols of ["a b", ["a", "a"], ""]) {
      expect(() => new BridgeWebSocket("/ws", protocols)).toThrow("is not a subprotocol");
    }
    const socket = new BridgeWebSocket("/ws");
    for (const code of [1001, 999, 5000]) {
      expect(() => socket.close(code)).toThrow("is not a code that a page may close with");
    }
    expect(() => socket.close(1000, "x".repeat(124))).toThrow("over 123 bytes");
    open();
  });
});
