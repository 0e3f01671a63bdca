import { type SidecarBridgeOptions, sidecarBridge } from "tauri-plugin-sidecar-bridge-api/vite";
import { defineConfig } from "vite";

const options: SidecarBridgeOptions = { identifier: "com.example.app", paths: ["/api"] };

export default defineConfig({ plugins: [sidecarBridge(options)] });
