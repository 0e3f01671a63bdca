import { linesOf } from "../fetch/lines.js";

/** An event of a stream of Server-Sent Events, with the members that a listener of an `EventSource` finds in its event. */
export interface ServerEvent<T> {
  /** The event's name; `message` where the stream gives none. */
  type: string;
  /** What the event says. */
  data: T;
  /** The last id that the stream gave, to go on behind with `Last-Event-ID`; empty where it gave none. */
  lastEventId: string;
}

/**
 * The Server-Sent Events of any answer, also to a POST, as they come. Each `data` is JSON, as FastAPI's `EventSourceResponse`
 * sends; `parse` reads other data, or checks the type.
 *
 * ```ts
 * const response = await fetch("/chat", { method: "POST", body: question, signal });
 * for await (const { data } of events<Token>(response)) show(data.text);
 * ```
 *
 * The end of the loop ends the request, also before the last event. An event without its blank line at the end of the stream
 * is left out, as in a browser. An answer without a body has no events. Nothing asks again for what breaks off; a
 * {@link BridgeEventSource} does.
 *
 * @param parse Makes the item of the `data` of an event. Default: `JSON.parse`; nothing checks then that the item is a `T`.
 *
 * Throws a `TypeError` for an answer of another type than `text/event-stream`, such as FastAPI's to a wrong request, what
 * `parse` throws, and the error of a body that breaks off.
 */
export async function* events<T = unknown>(
  response: Response,
  parse: (data: string) => T = JSON.parse,
): AsyncGenerator<ServerEvent<T>, void, undefined> {
  const { body, status, headers } = response;
  if (body === null) return;
  const type = headers.get("content-type");
  if (!isEventStream(type)) {
    body.cancel().catch(() => {});
    throw new TypeError(
      `an answer with status ${status} and type ${type} has no events; look at \`response.ok\` first, and answer with text/event-stream`,
    );
  }
  for await (const block of blocksOf(body, "")) {
    if (block.data === undefined) continue;
    const { type, data, lastEventId } = block;
    yield { type, data: parse(data), lastEventId };
  }
}

/** Whether a content type is that of Server-Sent Events. */
export function isEventStream(type: string | null): boolean {
  return /^text\/event-stream\s*(;|$)/i.test(type ?? "");
}

/** What a blank line ends, which is an event if it has `data`; or how long to wait before the next connection, in ms. */
export type Block =
  | { type: string; data: string; lastEventId: string }
  | { lastEventId: string; data?: undefined }
  | { reconnectMs: number; data?: undefined };

/**
 * The events of a stream, and what else it says. `lastEventId` is the id that counts until the stream gives one.
 *
 * Source: HTML Standard, 9.2.6 "Interpreting an event stream".
 */
export async function* blocksOf(
  body: ReadableStream<Uint8Array>,
  lastEventId: string,
): AsyncGenerator<Block, void, undefined> {
  let data: string[] = [];
  let type = "";
  let id = lastEventId;
  for await (const line of linesOf(body, false)) {
    if (line === "") {
      if (data.length === 0) yield { lastEventId: id };
      else yield { type: type || "message", data: data.join("\n"), lastEventId: id };
      data = [];
      type = "";
      continue;
    }
    const [field, value] = fieldOf(line);
    if (field === "data") data.push(value);
    else if (field === "event") type = value;
    else if (field === "id" && !value.includes("\0")) id = value;
    else if (field === "retry" && /^\d+$/.test(value)) yield { reconnectMs: Number(value) };
  }
}

/** The name and the value of a line. */
function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  return [line.slice(0, colon), line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1)];
}
