import { MutationCache, QueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { Failure, passes, sentenceOf } from "@/api/failure";

const RETRIES = 3;
const RETRY_AFTER_MS = 700;

declare module "@tanstack/react-query" {
  interface Register {
    mutationMeta: {
      /** The form shows what went wrong itself, so no toast does. */
      quiet?: boolean;
    };
  }
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The server is on this machine: it is there without a network, too.
        networkMode: "always",
        staleTime: 5_000,
        retry: (failures, error) => failures < RETRIES && passes(error),
        retryDelay: RETRY_AFTER_MS,
      },
      mutations: { networkMode: "always" },
    },
    mutationCache: new MutationCache({
      onError(error, _variables, _result, mutation) {
        const tellsLogin = error instanceof Failure && error.status === 401;
        if (mutation.meta?.quiet || tellsLogin) return;
        toast.error(sentenceOf(error));
      },
    }),
  });
}
