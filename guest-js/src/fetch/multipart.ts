/**
 * Makes the bytes of a form as a browser sends them, in a `Blob` whose type names the boundary.
 *
 * WebKitGTK (2.50) cannot make them: the reading of a `Request` or `Response` of a `FormData` with a file fails with
 * "Unable to read form data blob".
 *
 * Source: HTML Standard, "multipart/form-data encoding algorithm".
 */
export function toMultipart(form: FormData): Blob {
  // In lower case: `Blob` makes its type lower case, and the boundary in the body must be the same.
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
