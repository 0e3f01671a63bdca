import { useQuery } from "@tanstack/react-query";
import { answer } from "@/api/client";
import { useApi } from "@/app/context";
import type { components } from "@/openapi";

export type Month = components["schemas"]["Month"];
export type Summary = components["schemas"]["Summary"];

/** Orders by month, and in total. */
export function useSummary() {
  const api = useApi();
  return useQuery({
    queryKey: ["orders"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/orders/summary", { signal })),
  });
}
