import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { open } from "@tauri-apps/plugin-dialog";
import { upload } from "tauri-plugin-sidecar-bridge-api";
import { answer } from "@/api/client";
import { Failure } from "@/api/failure";
import { useApi, useSession } from "@/app/context";
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

const PICTURES = [{ name: "Pictures", extensions: ["png", "jpg", "jpeg", "gif", "webp"] }];

/**
 * Lets the person choose a file, and sends it as the picture of a user; no byte of it comes to this page. Null when none was chosen.
 * `tell` hears which part of it was sent.
 */
export function useChangePicture({ id }: User, tell: (part: number) => void) {
  const session = useSession();
  const refresh = useRefreshUsers();
  return useMutation({
    meta: { quiet: true },
    mutationFn: async (): Promise<User | null> => {
      const file = await open({ title: "Choose a picture", filters: PICTURES });
      if (file === null) return null;
      const { token } = session.state;
      const response = await upload(`/api/v1/users/${id}/picture`, {
        method: "PUT",
        files: { file },
        headers: { authorization: `Bearer ${token}` },
        onProgress: ({ bytes, totalBytes }) => tell(totalBytes ? bytes / totalBytes : 0),
      });
      if (response.status === 401 && token !== null) await session.expire(token);
      const body = await response.json().catch(() => null);
      if (!response.ok) throw new Failure(response, body);
      return body;
    },
    onSuccess: refresh,
  });
}

export function useRemovePicture({ id }: User) {
  const api = useApi();
  const refresh = useRefreshUsers();
  return useMutation({
    meta: { quiet: true },
    mutationFn: () =>
      answer(api.DELETE("/api/v1/users/{user_id}/picture", { params: { path: { user_id: id } } })),
    onSuccess: refresh,
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
