/**
 * The lines of a body, as they come. CR, LF and CR LF end a line. What follows the last end is a line too, unless it is
 * empty.
 */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let ended = false;
  try {
    while (!ended) {
      const { done, value } = await reader.read();
      ended = done;
      text += done ? decoder.decode() : decoder.decode(value, { stream: true });
      // The LF of a CR LF may be in the next chunk.
      const complete = ended || !text.endsWith("\r") ? text : text.slice(0, -1);
      const lines = complete.split(/\r\n|\r|\n/);
      text = (lines.pop() ?? "") + text.slice(complete.length);
      yield* lines;
    }
    if (text !== "") yield text;
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
  for await (const line of linesOf(response.body)) {
    if (line.trim() !== "") yield JSON.parse(line) as T;
  }
}
