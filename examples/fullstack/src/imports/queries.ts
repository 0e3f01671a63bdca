import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer } from "@/api/client";
import { useApi } from "@/app/context";
import { events, type ImportProgress } from "@/bindings";
import { isDesktop } from "@/desktop/native";
import type { components } from "@/openapi";

export type Import = components["schemas"]["Import"];
export type ImportState = components["schemas"]["ImportState"];

const IMPORTS = ["imports"];
const LOOK_AGAIN_MS = 2_000;

/** The last imports, newest first. */
export function useImports() {
  const api = useApi();
  return useQuery({
    queryKey: IMPORTS,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/imports/", { signal })),
    // A plain browser gets no events, and a stream of progress may have broken off.
    refetchInterval: ({ state }) => (state.data?.some(isRunning) ? LOOK_AGAIN_MS : false),
  });
}

/** Opens the desktop's file dialog, and starts the import. Null when the dialog was cancelled. */
export function useChooseImport() {
  const api = useApi();
  const queryClient = useQueryClient();
  return useMutation({
    meta: { quiet: true },
    mutationFn: async (): Promise<Import | null> =>
      (await answer<Import | undefined>(api.POST("/api/v1/imports/choose"))) ?? null,
    // Also after a failure: it may have been that another import runs.
    onSettled: () => queryClient.invalidateQueries({ queryKey: IMPORTS }),
  });
}

export function useCancelImport() {
  const api = useApi();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Import) =>
      answer(api.POST("/api/v1/imports/{import_id}/cancel", { params: { path: { import_id: id } } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: IMPORTS }),
  });
}

/** Puts news of one import into the list that is shown. */
export function showImport(queryClient: QueryClient, news: Import): void {
  queryClient.setQueryData<Import[]>(IMPORTS, (shown) =>
    shown?.map((entry) => (entry.id === news.id ? news : entry)),
  );
  if (!isRunning(news)) refreshAfterImport(queryClient);
}

/** Fetches anew what an import changes. */
function refreshAfterImport(queryClient: QueryClient): void {
  void queryClient.invalidateQueries({ queryKey: IMPORTS });
  void queryClient.invalidateQueries({ queryKey: ["orders"] });
}

/**
 * Follows what Python tells all windows: also imports that were begun elsewhere, such as in the tray. Gives the one that
 * runs.
 */
export function useFollowImports(): ImportProgress | null {
  const queryClient = useQueryClient();
  const [running, setRunning] = useState<ImportProgress | null>(null);
  useEffect(() => {
    if (!isDesktop()) return;
    const follow = (news: ImportProgress) => {
      const shown = queryClient.getQueryData<Import[]>(IMPORTS)?.find(({ id }) => id === news.id);
      setRunning(news.state === "running" ? news : null);
      if (news.state !== "running") refreshAfterImport(queryClient);
      else if (!shown) void queryClient.invalidateQueries({ queryKey: IMPORTS });
    };
    const listening = events.importProgress.listen(({ payload }) => follow(payload));
    return () => void listening.then((stop) => stop());
  }, [queryClient]);
  return running;
}

export function isRunning({ state }: Import): boolean {
  return state === "running";
}
