/**
 * A Vite plugin for pages that use `tauri-plugin-sidecar-bridge-api` in a plain browser during development. The plugin
 * passes the requests of the page on to the sidecar of the app that runs under `tauri dev`.
 *
 * @packageDocumentation
 */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Plugin } from "vite";
import { addressOf, configuredIdentifier, runningSidecar } from "./address.js";
import { forward, targetOf, tunnel, type Way } from "./forward.js";
import { allowedHosts, objectionTo } from "./guard.js";

/** Options of {@link sidecarBridge}. */
export interface SidecarBridgeOptions {
  /** The identifier of the app, such as `"com.example.app"`. Default: `identifier` of `src-tauri/tauri.conf.json`. */
  identifier?: string;
  /** The address of the sidecar while no app runs, such as `"http://127.0.0.1:1430"`. Default: none. */
  fallback?: string;
  /**
   * Paths of the page that belong to the sidecar of an app with a single one, such as `["/api"]`. For addresses that
   * are not in a call of this package's `fetch`, such as that of an `<img>`. Default: none.
   */
  paths?: string[];
}

/**
 * Makes a Vite plugin that passes the requests of `fetch`, `BridgeEventSource` and `BridgeWebSocket` on to the
 * sidecar:
 *
 * ```ts
 * // vite.config.ts
 * import { sidecarBridge } from "tauri-plugin-sidecar-bridge-api/vite";
 * export default { plugins: [sidecarBridge()] };
 * ```
 *
 * The plugin reads the app's connection file at each request, so the app and the sidecar may start and end at any
 * time. A request, or the opening of a WebSocket, gets the status 503 while there is no sidecar, and 403 when a page of
 * another site makes it or when it names a host that is not `localhost`, an IP address, or one of Vite's
 * `server.allowedHosts`. The plugin works in Vite's development server alone; a build contains nothing of it.
 */
export function sidecarBridge(options: SidecarBridgeOptions = {}): Plugin {
  return {
    name: "sidecar-bridge",
    apply: "serve",
    configureServer(server) {
      const identifier = () => options.identifier ?? configuredIdentifier(server.config.root);
      const allowed = allowedHosts(server.config.server);
      const way: Way = {
        objectionTo: (incoming) => objectionTo(incoming, allowed),
        async find({ sidecar }) {
          try {
            return await runningSidecar(identifier(), sidecar);
          } catch (reason) {
            if (options.fallback === undefined) throw reason;
            return addressOf(options.fallback);
          }
        },
      };
      const paths = options.paths ?? [];
      server.middlewares.use((incoming, outgoing, next) => {
        const target = targetOf(incoming, paths);
        if (target === null) next();
        else void forward(incoming, outgoing, target, way);
      });
      server.httpServer?.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
        const target = targetOf(incoming, paths);
        if (target !== null) void tunnel(incoming, socket, head, target, way);
      });
    },
  };
}
