/**
 * The lines of a body, as they come. CR, LF and CR LF end a line. What follows the last end is a line too if `unfinished`
 * says so, unless it is empty.
 */
export async function* linesOf(
  body: ReadableStream<Uint8Array>,
  unfinished: boolean,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  // The line that has not ended, in the parts that came: a text that grows would be copied with each of them.
  let parts: string[] = [];
  let afterCr = false;
  let ended = false;
  try {
    while (!ended) {
      const { done, value } = await reader.read();
      ended = done;
      const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
      if (text === "") continue;
      // The LF of a CR LF may be in another chunk than the CR, which has ended the line.
      const lines = (afterCr && text.startsWith("\n") ? text.slice(1) : text).split(/\r\n|\r|\n/);
      afterCr = text.endsWith("\r");
      const last = lines.pop() ?? "";
      if (lines.length > 0) {
        lines[0] = parts.join("") + lines[0];
        parts = [];
        yield* lines;
      }
      parts.push(last);
    }
    const rest = parts.join("");
    if (unfinished && rest !== "") yield rest;
  } finally {
    if (!ended) reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/**
 * The values of an NDJSON response ("JSON lines"), one for each line, as they come. Blank lines are skipped.
 *
 * ```ts
 * for await (const row of jsonLines<Row>(await fetch("/rows"))) show(row);
 * ```
 *
 * The end of the loop ends the request, also before the last line. Throws a `SyntaxError` for a line that is not
 * JSON, and the error of a body that breaks off. Nothing checks that a value is a `T`.
 */
export async function* jsonLines<T>(response: Response): AsyncGenerator<T, void, undefined> {
  if (response.body === null) return;
  for await (const line of linesOf(response.body, true)) {
    if (line.trim() !== "") yield JSON.parse(line) as T;
  }
}
