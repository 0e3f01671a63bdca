/** From how many bytes on a slow way is worth a warning. */
const MANY_BYTES = 64 * 1024;

/** What was said already: once is enough. */
const said = new Set<string>();

/** Warns of what the page sends in Tauri's isolation pattern, which there is no quicker way around. */
export function warnOfIsolation(bytes: number): void {
  if (bytes < MANY_BYTES || !isIsolated()) return;
  warnOnce(
    "large uploads are many times slower in this app, for Tauri's isolation pattern passes each byte on as a number in a text, twice; use the pattern `brownfield` in tauri.conf.json, or send less through the page",
  );
}

/** Warns of bytes that came as a text. */
export function warnOfText(): void {
  warnOnce(
    "answers are many times slower in this page, for Tauri's requests to `ipc:` fail, and each byte comes as a number in a text; add `ipc: http://ipc.localhost` to `connect-src` of the content security policy in tauri.conf.json",
  );
}

function warnOnce(text: string): void {
  if (said.has(text)) return;
  said.add(text);
  console.warn(text);
}

function isIsolated(): boolean {
  const { __TAURI_INTERNALS__: internals } = globalThis as Internals;
  return internals?.__TAURI_PATTERN__?.pattern === "isolation";
}

interface Internals {
  __TAURI_INTERNALS__?: { __TAURI_PATTERN__?: { pattern?: string } };
}
