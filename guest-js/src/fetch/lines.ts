/** The lines of a body, as they come; their ends are CR, LF or both. A last line without an end counts unless it is empty. */
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
      // A CR at the very end may be half of a CR LF.
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
 * The values of an NDJSON response ("JSON lines"), as they come; blank lines are skipped.
 *
 * ```ts
 * for await (const row of jsonLines<Row>(await fetch("/rows"))) show(row);
 * ```
 *
 * Leaving the loop ends the exchange. Throws a `SyntaxError` for a line that is no JSON, and what the body fails with.
 * That a value is a `T` is the caller's word.
 */
export async function* jsonLines<T>(response: Response): AsyncGenerator<T, void, undefined> {
  if (response.body === null) return;
  for await (const line of linesOf(response.body)) {
    if (line.trim() !== "") yield JSON.parse(line) as T;
  }
}
