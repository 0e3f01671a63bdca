/** Names that Windows keeps for devices, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;

/** How many bytes a name has at most: systems take 255, and what is written before it is whole has a longer name. */
const MOST_BYTES = 200;

/**
 * The name for a file with an answer: the one in its `Content-Disposition`, else the end of the path. It is a plain name, without
 * a folder, and one that every system takes.
 *
 * Source: RFC 6266, Use of the Content-Disposition Header Field in HTTP; RFC 8187 for `filename*`.
 */
export function fileNameOf(disposition: string | null, url: URL): string {
  const given = namesIn(disposition ?? "").map(harmless);
  const last = url.pathname.split("/").filter(Boolean).at(-1) ?? "";
  return [...given, harmless(decoded(last, "utf-8") ?? last)].find((name) => name !== "") ?? "download";
}

/** The names in a header, the best first. */
function namesIn(disposition: string): string[] {
  const parameters = new Map<string, string>();
  for (const [, name = "", value = ""] of disposition.matchAll(
    /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)/gs,
  )) {
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value.trim());
  }
  const [, charset = "", encoded = ""] =
    /^(utf-8|iso-8859-1)'[^']*'(.*)$/is.exec(parameters.get("filename*") ?? "") ?? [];
  const extended = charset ? decoded(encoded, charset) : null;
  return [extended, plain(parameters.get("filename"))].filter((name) => name !== null);
}

/** The text of a token or quoted string. A header has a character for each byte, and browsers read such bytes as UTF-8. */
function plain(value: string | undefined): string | null {
  if (value === undefined) return null;
  const text = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/gs, "$1") : value;
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}

/** The text of percent-encoded bytes; null when they are none of that charset. */
function decoded(encoded: string, charset: string): string | null {
  const parts = encoded.split(/(%[0-9a-f]{2})/i);
  const bytes = parts.flatMap((part) =>
    /^%[0-9a-f]{2}$/i.test(part) ? [Number.parseInt(part.slice(1), 16)] : [...new TextEncoder().encode(part)],
  );
  try {
    return new TextDecoder(charset, { fatal: true }).decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
}

/** A name without what names a folder or a device, hides a file, or shows its characters in another order. */
function harmless(name: string): string {
  const shown = name
    .replace(/^.*[\\/]/s, "")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")
    .replace(/[<>:"|?*]/g, "_")
    .replace(/^[.\s]+|[.\s]+$/g, "")
    .replace(DEVICE, "_$1");
  const dot = shown.lastIndexOf(".");
  const ending = dot > 0 && shown.length - dot <= 20 ? shown.slice(dot) : "";
  let stem = [...shown.slice(0, shown.length - ending.length)];
  const bytesOf = (text: string) => new TextEncoder().encode(text).length;
  while (bytesOf(stem.join("") + ending) > MOST_BYTES) stem = stem.slice(0, -1);
  return stem.join("") + ending;
}
