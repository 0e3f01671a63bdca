/**
 * A form as the bytes a browser would send, in a `Blob` whose type names the boundary.
 *
 * Written out here because WebKitGTK (2.50) cannot: reading a `Request` or `Response` made of a `FormData` with
 * a file in it fails there with "Unable to read form data blob". The rules are the HTML Standard's "multipart
 * form data encoding algorithm".
 */
export function toMultipart(form: FormData): Blob {
  // Lower case throughout: `Blob` folds its type, and the boundary must match it letter by letter.
  const boundary = `----sidecar-bridge-${randomHex()}`;
  const parts: BlobPart[] = [];
  for (const [name, value] of form) {
    const disposition = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(toCrlf(name))}"`;
    if (typeof value === "string") {
      parts.push(`${disposition}\r\n\r\n${toCrlf(value)}\r\n`);
    } else {
      const type = value.type || "application/octet-stream";
      parts.push(`${disposition}; filename="${escapeName(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`);
      parts.push(value, "\r\n");
    }
  }
  return new Blob([...parts, `--${boundary}--\r\n`], { type: `multipart/form-data; boundary=${boundary}` });
}

function randomHex(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function toCrlf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, "\r\n");
}

function escapeName(name: string): string {
  return name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
}
