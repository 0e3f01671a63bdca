import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer } from "@/api/client";
import { useApi } from "@/app/context";
import type { components } from "@/openapi";
import { PAGE_SIZE, type UserSearch } from "@/users/search";

export type User = components["schemas"]["User"];
export type NewUser = components["schemas"]["NewUser"];
export type UserChange = components["schemas"]["UserChange"];

/** One page of users. The page before stays until the next one is there. */
export function useUsers(search: UserSearch) {
  const api = useApi();
  const query = { ...search, size: PAGE_SIZE };
  return useQuery({
    queryKey: ["users", query],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/users/", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** Creates a user, or changes the one that is given. The form shows what is refused. */
export function useSaveUser(user: User | null) {
  const api = useApi();
  const refresh = useRefreshUsers();
  return useMutation({
    meta: { quiet: true },
    mutationFn: (body: NewUser | UserChange) =>
      user === null
        ? answer(api.POST("/api/v1/users/", { body: body as NewUser }))
        : answer(api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: user.id } }, body })),
    onSuccess: refresh,
  });
}

export function useDeleteUser() {
  const api = useApi();
  const refresh = useRefreshUsers();
  return useMutation({
    mutationFn: ({ id }: User) =>
      answer(api.DELETE("/api/v1/users/{user_id}", { params: { path: { user_id: id } } })),
    // Also after a failure: somebody else may have deleted it.
    onSettled: refresh,
  });
}

function useRefreshUsers() {
  const queryClient = useQueryClient();
  return async () => {
    // The account that was changed may be the own one.
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: ["users"] }),
      queryClient.invalidateQueries({ queryKey: ["me"] }),
    ]);
  };
}
