import { invoke } from "@tauri-apps/api/core";
import * as bridge from "tauri-plugin-sidecar-bridge-api";
import { rows, standard } from "./table.js";

Object.assign(window, { bridge, invoke, rows, standard });
if (location.hash === "#stream") {
  const response = await bridge.fetch("/endless?what=window");
  await response.body.getReader().read();
}
document.body.textContent = "ready";
