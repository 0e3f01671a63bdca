/**
 * The guest package of tauri-plugin-sidecar-bridge: what a page in a Tauri window needs to reach a Python sidecar.
 *
 * @packageDocumentation
 */

export { BridgeEventSource, type BridgeEventSourceInit } from "./events/eventsource.js";
export { events, type ServerEvent } from "./events/serverevents.js";
export { BridgeWebSocket, type BridgeWebSocketInit } from "./events/websocket.js";
export { setBrowserBase } from "./fetch/browser.js";
export { type CookiesOptions, cookies } from "./fetch/cookies.js";
export { type DownloadInit, download } from "./fetch/download.js";
export { fetch } from "./fetch/fetch.js";
export type { FetchInit, Progress } from "./fetch/init.js";
export { jsonLines } from "./fetch/lines.js";
export { type MediaUrlOptions, mediaUrl } from "./fetch/mediaurl.js";
export { sidecarUrl } from "./fetch/objecturl.js";
export { ReadableRequest as Request } from "./fetch/readable.js";
export { type UploadInit, upload } from "./fetch/upload.js";
export { restart, start, stop } from "./sidecar/lifecycle.js";
export { logs } from "./sidecar/logs.js";
export { waitReady } from "./sidecar/ready.js";
export { diagnose, type OnStatusOptions, onStatus, status, type UnlistenFn } from "./sidecar/status.js";
export { BridgeError } from "./wire/error.js";
export type {
  Activity,
  ErrorCode,
  Exit,
  OutputLine,
  OutputStream,
  Problem,
  Spare,
  SparePhase,
  State,
  Status,
} from "./wire/types.js";
export { connectPage } from "./worker/connect.js";
export { serveWorker } from "./worker/serve.js";
