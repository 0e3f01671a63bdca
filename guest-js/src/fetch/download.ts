import { unlessAborted } from "../wire/abort.js";
import { BridgeError, localProblem, toBridgeError } from "../wire/error.js";
import { askWhere } from "../wire/exchange.js";
import { inPageOnly } from "../wire/tauri.js";
import { absolute } from "./address.js";
import { fileNameOf } from "./filename.js";
import { type Followed, follow } from "./follow.js";
import type { FetchInit, Progress } from "./init.js";
import { later, readRequest } from "./request.js";

/** The options of {@link download}: those of `fetch`, and where the file goes. */
export interface DownloadInit extends Omit<FetchInit, "onProgress"> {
  /**
   * The path of the file, or a function that is given the name that the sidecar suggests, and gives the path, or null for no file.
   * Default: the save dialog of `tauri-plugin-dialog`.
   */
  to?: string | ((name: string) => string | null | Promise<string | null>);
  /** Hears again and again how much is saved. What it throws is reported as an uncaught error. */
  onProgress?: (progress: Progress) => void;
}

/**
 * Saves what a sidecar answers as a file, which the person chooses in a dialog. The host writes the file; nothing of it passes
 * through the page.
 *
 * ```ts
 * const path = await download("/export.csv", { onProgress: ({ bytes, totalBytes }) => show(bytes, totalBytes) });
 * ```
 *
 * - The dialog suggests the name in the answer's `Content-Disposition`, else the end of the path, as a plain name.
 * - The file is there once it is whole and on the disk. Until then, after an abort and after an error, a file that was there
 *   before stays as it was.
 * - The request is one of `fetch`: the same addresses, bodies, redirects, cookies and scope. It asks for no compression.
 * - An answer without a body, such as 204, is an empty file, as one that `fetch` has read would be.
 * - In a page of a Tauri window alone, with `sidecar-bridge:allow-download`.
 *
 * Resolves with the path; with null when the person chose no file.
 *
 * Rejects with a {@link BridgeError}: `permission_denied` for a path that nobody chose, or that no capability of the window allows
 * to save; `resource_exhausted` when the disk is full; for an error status with the status's code, and FastAPI's answer in
 * `problem.data`; else as `fetch` does. An abort of `signal` rejects with its reason.
 */
export async function download(
  input: string | URL | Request,
  init?: DownloadInit | null,
): Promise<string | null> {
  inPageOnly();
  const { to = chosenByPerson, onProgress } = init ?? {};
  const known = typeof to === "string" ? to : null;
  const request = { ...(await readRequest(absolute(input), input, init)), onProgress: null };
  const followed = await follow(request, (exchange, head, body) => exchange.download(head, body, known));
  const { exchange } = followed;
  const { signal } = request;
  const { name, totalBytes } = fileOf(followed);
  try {
    const path = typeof to === "string" ? to : await unlessAborted(Promise.resolve(to(name)), signal);
    if (path === null) {
      exchange.cancel();
      return null;
    }
    const told = onProgress && later(onProgress);
    let last = -1;
    const tell = (bytes: number) => {
      if (bytes <= last) return;
      last = bytes;
      told?.({ bytes, totalBytes });
    };
    // What the host tells may come later than the end.
    tell(await unlessAborted(exchange.save(path, tell), signal));
    return path;
  } catch (reason) {
    exchange.cancel();
    throw reason;
  }
}

/** The name and the length of what there is to save. */
function fileOf({ answer, request, opaque }: Followed): { name: string; totalBytes: number | null } {
  const { head } = answer;
  if (opaque || !head.streams) {
    throw new TypeError(`${request.url.pathname} redirects (${head.status}), which gives nothing to save`);
  }
  const headers = new Headers(head.headers);
  const length = headers.get("content-length");
  const name = fileNameOf(headers.get("content-disposition"), request.url);
  return { name, totalBytes: length === null ? null : Number(length) };
}

async function chosenByPerson(name: string): Promise<string | null> {
  try {
    return await askWhere(name);
  } catch (cause) {
    const { code, message } = toBridgeError(cause);
    const remedy =
      "add `tauri-plugin-dialog` to the app and grant `dialog:allow-save`, or give the path as `to`";
    const ours = code === "permission_denied" ? code : "failed_precondition";
    throw new BridgeError(localProblem(ours, `no dialog asks where to save: ${message}; ${remedy}`), {
      cause,
    });
  }
}
