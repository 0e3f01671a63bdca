import { createElement, Fragment, type ReactElement, type ReactNode, useState } from "react";
import type { State } from "../wire/types.js";
import { useSidecar } from "./sidecar.js";

/** What {@link SidecarGate} takes. */
export interface SidecarGateProps {
  /** The sidecar's name in the app's configuration. An app with a single sidecar needs no name. */
  sidecar?: string;
  /**
   * Stands in the children's place, or makes what does of the sidecar's state: its `phase`, the `activity` of a start, the
   * `problem` of a failure. The state is null until the host has told it. Default: nothing.
   */
  fallback?: ReactNode | ((state: State | null) => ReactNode);
  children?: ReactNode;
}

/**
 * Shows its children from when the sidecar serves until it has failed or was stopped, and `fallback` otherwise:
 *
 * ```tsx
 * <SidecarGate fallback={(state) => <Splash phase={state?.phase} />}>
 *   <App />
 * </SidecarGate>
 * ```
 *
 * While the sidecar is started again the children stay, with what somebody has typed into them: their requests wait. In a
 * plain browser, and without the permission for the status, the children are always there.
 */
export function SidecarGate({ sidecar, fallback = null, children }: SidecarGateProps): ReactElement {
  const { status, serves } = useSidecar(sidecar);
  /** The name of the sidecar that the gate is open for; null while it is closed. */
  const [openFor, setOpenFor] = useState<string | null>(null);
  const state = status?.state ?? null;
  const name = sidecar ?? "";
  const isOver = state?.phase === "failed" || state?.phase === "stopped";
  const isOpen = serves || (openFor === name && !isOver);
  if (isOpen !== (openFor === name)) setOpenFor(isOpen ? name : null);
  const instead = typeof fallback === "function" ? fallback : () => fallback;
  return createElement(Fragment, null, isOpen ? children : instead(state));
}
