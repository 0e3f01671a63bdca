import type { Lifecycle } from "./lifecycle.js";
import type { Handler } from "./routes.js";

/** Answers one Tauri command; throws, or rejects with, what the command fails with. */
export type Command = (args: Record<string, unknown>) => unknown;

/** What the host of a test knows of a sidecar. */
export interface Sidecar {
  lifecycle: Lifecycle;
  handler: Handler;
  /** The commands of the app and of other plugins, by name. */
  commands: Record<string, Command>;
}
