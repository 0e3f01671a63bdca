import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";

/** Headers that are for one connection, and that HTTP/2 does not take. Source: RFC 9110, 7.6.1; RFC 9113, 8.2.2. */
const OF_A_CONNECTION = [
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** The headers that go on to the other side: all but those of a connection, and the pseudo-headers of HTTP/2. */
export function passedOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const gone = new Set([...OF_A_CONNECTION, ...namesIn(headers.connection)]);
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !gone.has(name) && !name.startsWith(":")),
  );
}

/**
 * The head of an answer as the text of HTTP/1.1, for a socket that Node's server has given away, with the answer's own
 * headers behind `headers`.
 */
export function headOf(answer: IncomingMessage, headers: string[]): string {
  const gone = new Set([...OF_A_CONNECTION, ...namesIn(answer.headers.connection)]);
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`, ...headers];
  for (let n = 0; n < answer.rawHeaders.length; n += 2) {
    const name = answer.rawHeaders[n] ?? "";
    if (!gone.has(name.toLowerCase())) lines.push(`${name}: ${answer.rawHeaders[n + 1]}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function namesIn(connection = ""): string[] {
  return connection.split(",").map((name) => name.trim().toLowerCase());
}
