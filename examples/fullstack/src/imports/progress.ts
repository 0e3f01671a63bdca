import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { toast } from "sonner";
import { useSidecarEvents } from "tauri-plugin-sidecar-bridge-api/react";
import { asSentence } from "@/api/failure";
import { useSession } from "@/app/context";
import { type Import, isRunning, showImport } from "@/imports/queries";

/**
 * Follows an import while it runs. The stream connects again by itself when the sidecar is restarted, and then says that
 * the import was interrupted.
 */
export function useImportProgress(running: Import | undefined): void {
  const queryClient = useQueryClient();
  const session = useSession();
  useSidecarEvents<Import>(running ? `/api/v1/imports/${running.id}/progress` : null, {
    // The browser's own `EventSource` could not send the token.
    headers: { authorization: `Bearer ${session.state.token}` },
    onEvent: ({ data }) => showImport(queryClient, data),
  });
}

/** Tells how an import ended that was begun here, or was seen running: by its progress, or by the list of all. */
export function useTellEnd(imports: Import[] | undefined, begun: Import | null | undefined): void {
  const awaited = useRef(new Set<number>());
  const told = useRef(new Set<number>());
  const id = begun?.id;
  useEffect(() => {
    for (const entry of imports ?? []) {
      if (isRunning(entry)) awaited.current.add(entry.id);
      else if ((awaited.current.has(entry.id) || entry.id === id) && !told.current.has(entry.id)) {
        told.current.add(entry.id);
        tellEnd(entry);
      }
    }
  }, [imports, id]);
}

function tellEnd({ state, file_name, message }: Import): void {
  const text = `${file_name}: ${asSentence(message)}`;
  if (state === "done") toast.success(text);
  else if (state === "cancelled") toast.info(text);
  else toast.error(text);
}
