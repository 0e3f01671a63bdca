import { invoke } from "@tauri-apps/api/core";
import * as bridge from "tauri-plugin-sidecar-bridge-api";
import { rows, sockets, standard } from "./table.js";

Object.assign(window, { bridge, invoke, rows, sockets, standard });
if (location.hash === "#stream") {
  const response = await bridge.fetch("/endless?what=window");
  await response.body.getReader().read();
}
document.body.textContent = "ready";
