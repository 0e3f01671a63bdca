import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { toast } from "sonner";
import { cancelJob, hasEnded, type Job } from "tauri-plugin-sidecar-bridge-api/jobs";
import { useJobs } from "tauri-plugin-sidecar-bridge-api/react";
import { answer } from "@/api/client";
import { asSentence } from "@/api/failure";
import { useApi, useSessionState } from "@/app/context";
import type { components } from "@/openapi";

export type Import = Job<components["schemas"]["Imported"]>;

function useJobRoutes() {
  const { token } = useSessionState();
  return { path: "/api/v1/jobs", headers: { authorization: `Bearer ${token}` } };
}

/**
 * The last imports, newest first, as they go on: also those that were begun elsewhere, such as in the tray. All components
 * share one stream, which goes on with the next sidecar when this one ends.
 */
export function useImports() {
  const { jobs, error } = useJobs<components["schemas"]["Imported"]>(useJobRoutes());
  return { imports: jobs, running: jobs?.find((job) => !hasEnded(job)) ?? null, error };
}

/** Opens the desktop's file dialog, and starts the import. Null when the dialog was cancelled. */
export function useChooseImport() {
  const api = useApi();
  return useMutation({
    meta: { quiet: true },
    mutationFn: async () =>
      (await answer<{ id: string } | undefined>(api.POST("/api/v1/imports/choose"))) ?? null,
  });
}

export function useCancelImport() {
  const routes = useJobRoutes();
  return useMutation({ mutationFn: ({ id }: Job) => cancelJob(id, routes) });
}

/** Fetches the orders anew when an import is done. */
export function useFreshOrders(): void {
  const queryClient = useQueryClient();
  const { imports } = useImports();
  const done = imports && (imports.find(({ state }) => state === "done")?.id ?? "none");
  const seen = useRef(done);
  useEffect(() => {
    if (done === null) return;
    if (seen.current !== null && seen.current !== done) {
      void queryClient.invalidateQueries({ queryKey: ["orders"] });
    }
    seen.current = done;
  }, [done, queryClient]);
}

/** Tells how an import ended that was begun here, or was seen running. */
export function useTellEnd(begun: string | undefined): void {
  const { imports } = useImports();
  const awaited = useRef(new Set<string>());
  useEffect(() => {
    if (begun !== undefined) awaited.current.add(begun);
  }, [begun]);
  useEffect(() => {
    for (const entry of imports ?? []) {
      if (!hasEnded(entry)) awaited.current.add(entry.id);
      else if (awaited.current.delete(entry.id)) tellEnd(entry);
    }
  });
}

function tellEnd(ended: Import): void {
  const text = `${ended.label}: ${asSentence(messageOf(ended))}`;
  if (ended.state === "done") toast.success(text);
  else if (ended.state === "cancelled") toast.info(text);
  else toast.error(text);
}

/** What became of an import; empty until it has ended. */
export function messageOf({ state, result, failure }: Import): string {
  if (state === "done") return `${result?.rows} orders imported`;
  if (state === "failed") return failure?.detail ?? "";
  if (state === "cancelled") return "cancelled; nothing was imported";
  if (state !== "interrupted") return "";
  return "the app ended during the import, and it was rolled back; import the file again";
}
