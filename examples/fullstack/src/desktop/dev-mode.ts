import { useQuery } from "@tanstack/react-query";
import { commands } from "@/bindings";
import { isDesktop } from "@/desktop/native";

/** Whether this is a development build; a page in a plain browser always is. */
export function useDevMode() {
  return useQuery({
    queryKey: ["dev-mode"],
    queryFn: () => (isDesktop() ? commands.isDevMode() : true),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
