import { invoke } from "@tauri-apps/api/core";
import * as bridge from "tauri-plugin-sidecar-bridge-api";
import { play } from "./film.js";
import { showMedia } from "./media.js";
import { rows, sockets, standard } from "./table.js";

Object.assign(window, { bridge, invoke, play, rows, sockets, standard });
if (location.hash === "#stream") {
  const response = await bridge.fetch("/endless?what=window");
  await response.body.getReader().read();
}
await showMedia(location.hash);
// Not all of the body: in the isolation pattern it has the frame that all calls go through.
document.body.firstChild.textContent = "ready";
