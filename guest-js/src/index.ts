/**
 * The guest's side of tauri-plugin-sidecar-bridge: what a page in a Tauri window needs to reach a Python sidecar.
 *
 * @packageDocumentation
 */

export type { UnlistenFn } from "@tauri-apps/api/event";
export type {
  Activity,
  ErrorCode,
  Exit,
  OutputLine,
  OutputStream,
  Problem,
  State,
  Status,
} from "./bindings.js";
export { setBrowserBase } from "./browser.js";
export { BridgeError } from "./error.js";
export { BridgeEventSource, type BridgeEventSourceInit } from "./eventsource.js";
export { type FetchInit, fetch } from "./fetch.js";
export { logs, restart, start, stop } from "./life.js";
export { jsonLines } from "./lines.js";
export { waitReady } from "./ready.js";
export { ReadableRequest as Request } from "./request.js";
export { type OnStatusOptions, onStatus, status } from "./status.js";
export { sidecarUrl } from "./url.js";
export { BridgeWebSocket, type BridgeWebSocketInit } from "./websocket.js";
