import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useSidecar } from "tauri-plugin-sidecar-bridge-api/react";

/** Fetches anew what the page shows when another generation of the sidecar serves. */
export function RefetchAfterRestart(): null {
  const { status } = useSidecar();
  const queryClient = useQueryClient();
  const served = useRef<number | null>(null);
  const serving = status?.state.phase === "ready" ? status.generation : null;

  useEffect(() => {
    if (serving === null) return;
    const isNew = served.current !== null && served.current !== serving;
    served.current = serving;
    if (isNew) void queryClient.invalidateQueries();
  }, [serving, queryClient]);

  return null;
}
