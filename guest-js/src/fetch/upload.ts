import { absolute } from "./address.js";
import { follow } from "./follow.js";
import type { FetchInit } from "./init.js";
import { readRequest } from "./request.js";
import { responseOf } from "./response.js";

/** The options of {@link upload}: those of `fetch`, and what the form has. */
export interface UploadInit extends Omit<FetchInit, "body"> {
  /** The paths of the files by the names of their fields: `UploadFile` in FastAPI, or a list of them for several paths. */
  files: Record<string, string | string[]>;
  /** The values of other fields by their names, `Form` in FastAPI; the form has them before the files. */
  fields?: Record<string, string | string[]>;
}

/**
 * Sends files from the disk to a sidecar, as a form (`multipart/form-data`). The host reads the files while it sends them; nothing of
 * them passes through the page.
 *
 * ```ts
 * import { open } from "@tauri-apps/plugin-dialog";
 *
 * const file = await open();
 * if (file) await upload("/import", { files: { file }, fields: { year: "2026" } });
 * ```
 *
 * - A path is one that the person chose in a dialog or dropped on the window, or that the app's scope of files allows.
 * - The request is a POST unless `method` says otherwise, and one of `fetch`: the same addresses, redirects, cookies and scope. Its
 *   length is known to the sidecar. `onProgress` hears how much of the form is sent.
 * - In a page of a Tauri window alone, with `sidecar-bridge:allow-upload`.
 *
 * Resolves with the sidecar's response, as `fetch` does.
 *
 * Rejects with a {@link BridgeError}: `permission_denied` for a path that nobody chose, and `not_found` for one without a file, before
 * anything is sent; else as `fetch` does. An abort of `signal` rejects with its reason.
 */
export async function upload(input: string | URL | Request, init: UploadInit): Promise<Response> {
  const { files, fields, ...rest } = init;
  const request = await readRequest(absolute(input), input, { method: "POST", ...rest, body: null });
  if (request.method === "GET" || request.method === "HEAD") {
    throw new TypeError(`${request.method} sends no form; use POST, PUT or PATCH`);
  }
  const form = { fields: pairsOf(fields ?? {}), files: pairsOf(files) };
  const { onProgress } = request;
  const followed = await follow(request, (exchange, head, body) => {
    // What a redirect has made a GET.
    if (head.method === "GET") return exchange.fetch(head, body);
    return exchange.upload(head, form, ([bytes, totalBytes]) => onProgress?.({ bytes, totalBytes }));
  });
  return responseOf(followed);
}

function pairsOf(values: Record<string, string | string[]>): [string, string][] {
  return Object.entries(values).flatMap(([name, given]) =>
    [given].flat().map((value): [string, string] => [name, value]),
  );
}
