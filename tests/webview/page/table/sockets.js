/**
 * What a WebSocket does, row by row. Each row is given `open`, which makes a socket for a path and subprotocols, and gives what
 * can be seen of the outcome, as JSON. The browser's own, at a port, and the bridge's must give the same.
 */
export const sockets = {};

/** Waits for an event of a socket. */
const event = (socket, name) =>
  new Promise((resolve) => socket.addEventListener(name, resolve, { once: true }));

/** A socket that has opened. */
const opened = async (open, ...given) => {
  const socket = open("/ws", ...given);
  socket.binaryType = "arraybuffer";
  await event(socket, "open");
  return socket;
};

/** The data of the next messages. */
const messages = (socket, count) =>
  new Promise((resolve) => {
    const seen = [];
    socket.addEventListener("message", ({ data }) => {
      seen.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
      if (seen.length === count) resolve(seen);
    });
  });

/** What can be seen of the end of a socket. */
const closed = async (socket) => {
  const { code, reason, wasClean } = await event(socket, "close");
  return [code, reason, wasClean, socket.readyState];
};

/** How a call throws. */
const thrown = (call) => {
  try {
    call();
    return "nothing";
  } catch (error) {
    return error.name;
  }
};

sockets["states"] = async (open) => {
  const socket = open("/ws");
  const { CONNECTING, OPEN, CLOSING, CLOSED } = socket;
  const states = [socket.readyState, socket.protocol, socket.extensions, socket.bufferedAmount];
  await event(socket, "open");
  states.push(socket.readyState);
  socket.close();
  states.push(socket.readyState);
  await event(socket, "close");
  return [CONNECTING, OPEN, CLOSING, CLOSED, states, socket.readyState];
};
sockets["a subprotocol that is chosen"] = async (open) => (await opened(open, ["a", "b"])).protocol;
sockets["a subprotocol alone"] = async (open) => (await opened(open, "a")).protocol;
for (const [name, wrong] of [
  ["no token", "a b"],
  ["empty", ""],
  ["given twice", ["a", "a"]],
]) {
  sockets[`a subprotocol that is ${name}`] = (open) => thrown(() => open("/ws", wrong));
}
sockets["texts"] = async (open) => {
  const texts = ["", "grüße", "\u{1f600}", "a\0b", "x".repeat(70_000)];
  const socket = await opened(open);
  const seen = messages(socket, texts.length);
  for (const text of texts) socket.send(text);
  return seen;
};
sockets["a lone surrogate"] = async (open) => {
  const socket = await opened(open);
  const seen = messages(socket, 1);
  socket.send("a\ud800b");
  return seen;
};
sockets["bytes"] = async (open) => {
  const socket = await opened(open);
  const seen = messages(socket, 5);
  const bytes = Uint8Array.of(1, 2, 3, 4);
  socket.send(bytes);
  // They were copied.
  bytes.fill(9);
  socket.send(bytes.subarray(1, 3));
  socket.send(Uint8Array.of(5, 6).buffer);
  socket.send(new Blob(["a"]));
  socket.send(new ArrayBuffer(0));
  return seen;
};
sockets["what is no message is sent as its text"] = async (open) => {
  const socket = await opened(open);
  const values = [null, undefined, 1.5, true, { a: 1 }, [1, 2], new URL("http://x/")];
  const seen = messages(socket, values.length);
  for (const value of values) socket.send(value);
  return seen;
};
sockets["a send without a message"] = async (open) => {
  const socket = await opened(open);
  return thrown(() => socket.send());
};
for (const length of [600_000, 3_000_000]) {
  sockets[`a message of ${length} bytes, there and back`] = async (open) => {
    const socket = await opened(open);
    const seen = event(socket, "message");
    socket.send(new Uint8Array(length).fill(7));
    const bytes = new Uint8Array((await seen).data);
    return [bytes.length, bytes[0], bytes.at(-1)];
  };
}
sockets["a blob is the form of bytes at first"] = async (open) => {
  const socket = open("/ws");
  await event(socket, "open");
  const seen = event(socket, "message");
  socket.send(Uint8Array.of(1, 2));
  const { data } = await seen;
  return [socket.binaryType, data instanceof Blob, data.size, data.type];
};
sockets["a form of bytes that there is not"] = async (open) => {
  const socket = await opened(open);
  socket.binaryType = "text";
  return socket.binaryType;
};
sockets["a thousand messages in their order"] = async (open) => {
  const socket = await opened(open);
  const seen = messages(socket, 1000);
  socket.send("flood");
  return (await seen).every((text, n) => text === `${n}`);
};
sockets["messages before a close all arrive"] = async (open) => {
  const socket = await opened(open);
  const seen = [];
  socket.onmessage = ({ data }) => seen.push(data);
  for (let n = 0; n < 50; n++) socket.send(`${n}`);
  socket.send("close");
  return [await closed(socket), seen.length];
};
sockets["a send before the opening"] = (open) => thrown(() => open("/ws").send("x"));
sockets["a send after the close"] = async (open) => {
  const socket = await opened(open);
  socket.close();
  const outcome = thrown(() => socket.send("12345"));
  // WebKit counts the head of the frame, too, which the standard does not.
  return [outcome, socket.bufferedAmount > 0];
};
for (const [name, given] of Object.entries({
  nothing: [],
  1000: [1000],
  "a text of 1000": ["1000"],
  "4001 and a reason": [4001, "grüße"],
  "a reason that is no text": [3000, 5],
})) {
  sockets[`a close with ${name}`] = async (open) => {
    const socket = await opened(open);
    const outcome = closed(socket);
    socket.close(...given);
    socket.close(3999, "a second close says nothing");
    return outcome;
  };
}
for (const code of [0, 999, 1001, 1005, 1006, 2999, 5000, "x", null]) {
  sockets[`a close with the code ${code}`] = async (open) => {
    const socket = await opened(open);
    return [thrown(() => socket.close(code)), socket.readyState];
  };
}
sockets["a close with a reason that is too long"] = async (open) => {
  const socket = await opened(open);
  return [
    thrown(() => socket.close(3000, "ü".repeat(62))),
    thrown(() => socket.close(3000, "x".repeat(123))),
  ];
};
sockets["a close by the server"] = async (open) => {
  const socket = await opened(open);
  socket.send("close");
  return closed(socket);
};
sockets["a close without a code by the server"] = async (open) => closed(open("/ws/cookie"));
sockets["a refusal"] = async (open) => {
  const seen = [];
  const socket = open("/ws/refused");
  for (const name of ["open", "error", "close"]) {
    socket.addEventListener(name, () => seen.push([name, socket.readyState]));
  }
  return [await closed(socket), seen];
};
sockets["an address without a route"] = async (open) => closed(open("/ws/nowhere"));
sockets["a close while it opens"] = async (open) => {
  const seen = [];
  const socket = open("/ws");
  socket.onopen = () => seen.push("open");
  socket.onerror = () => seen.push("error");
  socket.close();
  const state = socket.readyState;
  return [state, await closed(socket), seen];
};
sockets["handlers and listeners in the order of their first"] = async (open) => {
  const seen = [];
  const socket = open("/ws");
  const before = socket.onopen;
  socket.addEventListener("open", () => seen.push("listener 1"));
  socket.onopen = () => seen.push("replaced");
  socket.addEventListener("open", { handleEvent: () => seen.push("listener 2") });
  socket.onopen = function () {
    seen.push(`handler ${this === socket}`);
  };
  await event(socket, "open");
  socket.onopen = null;
  return [before, seen, socket.onopen];
};
sockets["a handler that is no function"] = async (open) => {
  const socket = await opened(open);
  socket.onmessage = 5;
  return socket.onmessage;
};
sockets["an event of a message"] = async (open) => {
  const socket = await opened(open);
  const seen = event(socket, "message");
  socket.send("x");
  const { type, data, lastEventId, source, ports, bubbles, cancelable, target } = await seen;
  return [type, data, lastEventId, source, ports, bubbles, cancelable, target === socket];
};
