import { STATUS_CODES } from "node:http";

/** Why the plugin itself answers a request, and the sidecar does not. */
export class Refusal {
  /** The problem as JSON, the error shape of every wire; see `docs/wire.md`. */
  readonly body: string;
  /** The headers that go with the body. */
  readonly headers: Record<string, string>;

  constructor(
    readonly status: number,
    code: string,
    detail: string,
  ) {
    this.body = JSON.stringify({ type: "about:blank", title: code.replace("_", " "), status, detail, code });
    this.headers = {
      "content-type": "application/problem+json",
      "content-length": String(Buffer.byteLength(this.body)),
    };
  }

  /** The whole answer as the text of HTTP/1.1. */
  get text(): string {
    const headers = { ...this.headers, connection: "close" };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const head = [`HTTP/1.1 ${this.status} ${STATUS_CODES[this.status]}`, ...lines];
    return `${head.join("\r\n")}\r\n\r\n${this.body}`;
  }
}

/** The refusal of a request whose sidecar cannot be found or does not answer. */
export function unavailable(why: unknown): Refusal {
  return new Refusal(503, "unavailable", why instanceof Error ? why.message : String(why));
}
