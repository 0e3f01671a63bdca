import createClient, { type Client } from "openapi-fetch";
import { fetch } from "tauri-plugin-sidecar-bridge-api";
import { Failure } from "@/api/failure";
import type { paths } from "@/openapi";
import type { Session } from "@/session/session";

export type Api = Client<paths>;

/** FastAPI's routes, typed by its OpenAPI: each request carries the session, and a 401 ends it. */
export function createApi(session: Session): Api {
  const api = createClient<paths>({ fetch });
  api.use({
    onRequest({ request }) {
      const { token } = session.state;
      if (token !== null) request.headers.set("authorization", `Bearer ${token}`);
      return request;
    },
    async onResponse({ request, response }) {
      const token = request.headers.get("authorization")?.replace("Bearer ", "");
      // Not for a wrong password: that request has no session to lose.
      if (response.status === 401 && token !== undefined) await session.expire(token);
    },
  });
  return api;
}

/** What a request was answered with. Throws a `Failure` for an error status. */
export async function answer<T>(
  reply: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await reply;
  if (!response.ok) throw new Failure(response, error);
  // An answer without a body (204) has `undefined` here, and `T` says so.
  return data as T;
}
