/** From how many bytes on a slow way is worth a warning. */
const MANY_BYTES = 64 * 1024;

/** What was said already: once is enough. */
const said = new Set<string>();

/** Warns of what the page sends in Tauri's isolation pattern, which there is no way around. */
export function warnOfIsolation(bytes: number): void {
  if (bytes < MANY_BYTES || !isIsolated()) return;
  warnOnce(
    "large uploads are slow in this app, about 2 MB in a second, for Tauri's isolation pattern passes each byte on as a number, twice; send files of the disk with `upload`, which passes none of them through the page, or use the pattern `brownfield` in tauri.conf.json",
  );
}

/** Warns of bytes that came as a text. */
export function warnOfText(): void {
  warnOnce(
    "answers are many times slower in this page, for Tauri's requests to `ipc:` fail, and each byte comes as a number in a text; add `ipc: http://ipc.localhost` to `connect-src` of the content security policy in tauri.conf.json",
  );
}

/** Warns of elements that get nothing, of which their own errors do not tell why. */
export function warnOfPolicy(directive: string): void {
  warnOnce(
    `the content security policy keeps what mediaUrl gives from this page; add \`sidecar-media: http://sidecar-media.bridge.localhost\` to \`${directive}\` in tauri.conf.json`,
  );
}

function warnOnce(text: string): void {
  if (said.has(text)) return;
  said.add(text);
  console.warn(text);
}

/** Whether all that this page tells the host goes through the frame of Tauri's isolation pattern. */
export function isIsolated(): boolean {
  const { __TAURI_INTERNALS__: internals } = globalThis as Internals;
  return internals?.__TAURI_PATTERN__?.pattern === "isolation";
}

interface Internals {
  __TAURI_INTERNALS__?: { __TAURI_PATTERN__?: { pattern?: string } };
}
