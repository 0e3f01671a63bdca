import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { onStatus, type Status } from "tauri-plugin-sidecar-bridge-api";
import { isDesktop } from "@/desktop/native";

const SidecarContext = createContext<Status | null>(null);

/** Follows the sidecar. When another generation serves, what the page shows is fetched anew. */
export function SidecarProvider({ children }: { children: ReactNode }) {
  const [status, setStatus] = useState<Status | null>(null);
  const queryClient = useQueryClient();
  const served = useRef<number | null>(null);

  useEffect(() => {
    if (!isDesktop()) return;
    const over = new AbortController();
    const follow = (next: Status) => {
      setStatus(next);
      if (next.state.phase !== "ready") return;
      const isNew = served.current !== null && served.current !== next.generation;
      served.current = next.generation;
      if (isNew) void queryClient.invalidateQueries();
    };
    onStatus(follow, { signal: over.signal }).catch((reason: unknown) => {
      // Without the permission there is no banner, and all else works.
      if (!over.signal.aborted) console.warn("cannot follow the sidecar:", reason);
    });
    return () => over.abort();
  }, [queryClient]);

  return <SidecarContext value={status}>{children}</SidecarContext>;
}

/** How the sidecar is; null in a plain browser, and until that is known. */
export function useSidecar(): Status | null {
  return useContext(SidecarContext);
}
