import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { sidecarBridge } from "tauri-plugin-sidecar-bridge-api/vite";
import { defineConfig } from "vitest/config";

// `LEDGER_SIDECAR=http://127.0.0.1:8000 npm run dev` takes a sidecar that was started alone; without it, a plain browser
// is served by the sidecar of the app that runs under `tauri dev`.
const fallback = process.env.LEDGER_SIDECAR;

export default defineConfig({
  plugins: [react(), tailwindcss(), sidecarBridge(fallback === undefined ? {} : { fallback })],
  resolve: {
    alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) },
    // The bridge's package is a link to a folder with a React of its own; a page must have one only.
    dedupe: ["react", "react-dom"],
  },
  build: { target: "es2022", chunkSizeWarningLimit: 600 },
  server: { port: 1421, strictPort: true },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    testTimeout: 60_000,
  },
});
