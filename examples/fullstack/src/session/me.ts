import { useQuery } from "@tanstack/react-query";
import { answer } from "@/api/client";
import { useApi } from "@/app/context";

/** Who is logged in. */
export function useMe() {
  const api = useApi();
  return useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/auth/me", { signal })),
    staleTime: 60_000,
  });
}
