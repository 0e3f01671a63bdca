import { sidecarBridge } from "tauri-plugin-sidecar-bridge-api/vite";
import { defineConfig } from "vite";

// In a plain browser, `npx vite` passes the page's requests on to the sidecar of the app that runs.
export default defineConfig({ plugins: [sidecarBridge()] });
