// Asks from a worker: alone, or through its page. It is bundled, since a worker has no import map.
import {
  BridgeEventSource,
  BridgeWebSocket,
  connectPage,
  fetch,
  status,
} from "../../../guest-js/dist-js/index.js";

async function ask(page) {
  await connectPage(page);
  const { a } = await (await fetch("/json")).json();
  const [up] = await (await fetch("/length", { method: "POST", body: new Uint8Array(3_000_000) })).json();
  const down = await (await fetch("/bytes/3000000")).arrayBuffer();
  const source = new BridgeEventSource("/events");
  const event = await new Promise((resolve) => source.addEventListener("step", resolve, { once: true }));
  source.close();
  const socket = new BridgeWebSocket("/ws");
  socket.onopen = () => socket.send("hi");
  const message = await new Promise((resolve) => socket.addEventListener("message", resolve));
  const { state } = await status();
  // It is under way when the page serves no more.
  await (await fetch("/endless?what=worker")).body.getReader().read();
  page.postMessage([a[3], up, down.byteLength, event.data, message.data, state.phase]);
}

if (globalThis.name === "alone") {
  fetch("/json")
    .then(
      (response) => response.text(),
      ({ code, message }) => `${code}: ${message}`,
    )
    .then(postMessage);
} else if ("onconnect" in globalThis) {
  globalThis.onconnect = ({ ports: [page] }) => ask(page);
} else {
  ask(globalThis);
}
