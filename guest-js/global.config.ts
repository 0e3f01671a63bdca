import { defineConfig } from "vite";

// The package in one classic script, for pages without a bundler: `window.SidecarBridge`.
export default defineConfig({
  build: {
    target: "es2022",
    outDir: "dist-js",
    emptyOutDir: false,
    // It is read as it is, in the page's debugger.
    minify: false,
    lib: { entry: "src/index.ts", formats: ["iife"], name: "SidecarBridge", fileName: () => "global.js" },
  },
});
