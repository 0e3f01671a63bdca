import { useSyncExternalStore } from "react";
import { onStatus } from "../sidecar/status.js";
import { inTauri } from "../wire/tauri.js";
import type { Status } from "../wire/types.js";
import { Followed } from "./followed.js";

/** What a component sees of a sidecar. */
export interface SidecarView {
  /** The status; null until the host has told it, in a plain browser, and when the host refuses to tell it. */
  readonly status: Status | null;
  /**
   * Whether requests are answered now. True too where nobody can know that: in a plain browser, and when the host refuses
   * to tell the status.
   */
  readonly serves: boolean;
  /** Why the status cannot be followed, such as a `BridgeError` with the code `permission_denied`; else null. */
  readonly error: unknown;
}

const UNKNOWN: SidecarView = { status: null, serves: false, error: null };
const BROWSER: SidecarView = { status: null, serves: true, error: null };

/** What is followed, by the names of the sidecars; the only sidecar has no name. */
const followed = new Map<string | undefined, Followed<SidecarView>>();

/**
 * Follows the status of a sidecar, and renders the component anew with each change:
 *
 * ```tsx
 * const { status, serves } = useSidecar();
 * return <button disabled={!serves}>{status?.state.phase}</button>;
 * ```
 *
 * All components of a page share one subscription, which lasts as long as one of them is there.
 *
 * @param sidecar The sidecar's name in the app's configuration. An app with a single sidecar needs no name.
 *
 * Needs the permission `sidecar-bridge:allow-status`. Without it, `error` says so, and so does the console, once.
 */
export function useSidecar(sidecar?: string): SidecarView {
  const status = statusOf(sidecar);
  return useSyncExternalStore(status.subscribe, status.view, status.firstView);
}

function statusOf(sidecar: string | undefined): Followed<SidecarView> {
  const known = followed.get(sidecar);
  if (known) return known;
  const made = new Followed(UNKNOWN, (show) => follow(sidecar, show));
  followed.set(sidecar, made);
  return made;
}

function follow(sidecar: string | undefined, show: (view: SidecarView) => void): () => void {
  if (!inTauri()) {
    show(BROWSER);
    return () => {};
  }
  const over = new AbortController();
  const shown = (status: Status) => {
    const { phase } = status.state;
    show({ status, serves: phase === "ready" || phase === "unresponsive", error: null });
  };
  const options = { signal: over.signal, ...(sidecar !== undefined && { sidecar }) };
  onStatus(shown, options).catch((error: unknown) => {
    if (over.signal.aborted) return;
    console.warn("cannot follow the status of the sidecar:", error);
    show({ status: null, serves: true, error });
  });
  return () => over.abort();
}
