import type { UploadRequest } from "../wire/types.js";
import { problem } from "./problem.js";

/** The files of a test, and which of them the page may name. */
export class Files {
  readonly contents = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #chosen = new Set<string>();

  /** Adds a file that the page may name. */
  add(path: string, content: string | Uint8Array): void {
    this.choose(path);
    this.contents.set(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content.slice(),
    );
  }

  /** Lets the page name what a dialog gives: a path, several, or nothing. */
  choose(paths: unknown): void {
    for (const path of [paths].flat()) if (typeof path === "string") this.#chosen.add(path);
  }

  /** Throws the host's problem for a path that nobody chose. */
  check(path: string): void {
    if (this.#chosen.has(path)) return;
    throw problem("permission_denied", `\`${path}\` is not for this page: nobody chose it`);
  }

  /** The form that the host makes, as bytes with their content type. */
  formOf({ fields, files }: Pick<UploadRequest, "fields" | "files">): [Uint8Array<ArrayBuffer>, string] {
    const boundary = "----sidecar-bridge-of-a-test";
    const parts: (string | Uint8Array)[] = [];
    const begin = (name: string, rest: string) =>
      parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${rest}\r\n\r\n`);
    for (const [name, value] of fields) {
      begin(name, "");
      parts.push(value, "\r\n");
    }
    for (const [name, path] of files) {
      this.check(path);
      const content = this.contents.get(path);
      if (!content)
        throw problem("not_found", "the file cannot be sent: it is not among the `files` of the test");
      const file = path.replace(/^.*[\\/]/s, "");
      begin(name, `; filename="${file}"\r\nContent-Type: application/octet-stream`);
      parts.push(content, "\r\n");
    }
    parts.push(`--${boundary}--\r\n`);
    return [joined(parts), `multipart/form-data; boundary=${boundary}`];
  }

  clear(): void {
    this.contents.clear();
    this.#chosen.clear();
  }
}

/** The bytes of several texts and bytes in a row. */
export function joined(parts: (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const pieces = parts.map((part) => (typeof part === "string" ? new TextEncoder().encode(part) : part));
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let from = 0;
  for (const piece of pieces) {
    whole.set(piece, from);
    from += piece.length;
  }
  return whole;
}
