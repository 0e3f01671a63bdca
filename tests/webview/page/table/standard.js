import { decodedFrom, post, rejection, streamOf } from "./rows.js";

/** Where WebKitGTK 2.50 does not do what the standard says: what it should be, for the bridge to do. */
export const standard = {
  timeout: [
    { rejected: "TimeoutError" },
    (fetch, base) => rejection(fetch(`${base}/hang`, { signal: AbortSignal.timeout(50) })),
  ],
  "raw deflate, byte by byte": [
    [5000, "growngrown", "deflate"],
    async (fetch, base) => decodedFrom(await fetch(`${base}/coded-stream/raw`)),
  ],
  "body in an unknown coding": [
    { rejected: "TypeError" },
    async (fetch, base) => rejection((await fetch(`${base}/coded/unknown`)).text()),
  ],
  // The page is of the same origin as what it asks: the sidecar's own, which servers compare.
  "origin of a POST": [
    [true, null],
    async (fetch, base) => {
      const headersOf = async (init) => (await (await fetch(`${base}/echo`, init)).json()).headers;
      const { origin, host } = await headersOf({ method: "POST", headers: { origin: "http://elsewhere" } });
      return [origin === `http://${host}`, (await headersOf({})).origin ?? null];
    },
  ],
  "header in Latin-1": [
    "J\u00fcrgen",
    async (fetch, base) => {
      const response = await fetch(`${base}/echo`, { headers: { "x-latin": "J\u00fcrgen" } });
      return (await response.json()).headers["x-latin"];
    },
  ],
  "type of a blob": [
    "text/plain; charset=utf-8",
    async (fetch, base) => (await (await fetch(`${base}/text`)).blob()).type,
  ],
  "reason of an abort": [
    { rejected: "RangeError" },
    async (fetch, base) => {
      const controller = new AbortController();
      const response = await fetch(`${base}/endless`, { signal: controller.signal });
      setTimeout(() => controller.abort(new RangeError("enough")), 20);
      return rejection(response.text());
    },
  ],
  "abort while clones are read": [
    [{ rejected: "AbortError" }, { rejected: "AbortError" }],
    async (fetch, base) => {
      const controller = new AbortController();
      const response = await fetch(`${base}/endless`, { signal: controller.signal });
      const reading = [response.clone().text(), response.text()].map(rejection);
      setTimeout(() => controller.abort(), 20);
      return Promise.all(reading);
    },
  ],
  "clone of an opaque redirect": [
    ["opaqueredirect", 0, false, "", "opaqueredirect"],
    async (fetch, base) => {
      const copy = (await fetch(`${base}/redirect/302?to=/echo`, { redirect: "manual" })).clone();
      return [copy.type, copy.status, copy.ok, await copy.text(), copy.clone().type];
    },
  ],
  "a Request with a body as options": [
    ["POST", [120], "text/x"],
    async (fetch, base) => {
      const options = new Request(`${base}/x`, post("x", { headers: { "content-type": "text/x" } }));
      const { method, body, headers } = await (await fetch(`${base}/echo`, options)).json();
      return [method, body, headers["content-type"]];
    },
  ],
  "a stream that was read as body": [
    { rejected: "TypeError" },
    async (fetch, base) => {
      const stream = streamOf("ab");
      const reader = stream.getReader();
      await reader.read();
      reader.releaseLock();
      return rejection(fetch(`${base}/echo`, post(stream, { duplex: "half" })));
    },
  ],
  "a stream is cancelled by an abort before": [
    [{ rejected: "RangeError" }, "RangeError"],
    async (fetch, base) => {
      let cancelled = null;
      const stream = new ReadableStream({
        cancel(reason) {
          cancelled = reason.name;
        },
      });
      const signal = AbortSignal.abort(new RangeError("enough"));
      return [await rejection(fetch(`${base}/echo`, post(stream, { signal, duplex: "half" }))), cancelled];
    },
  ],
  "no body of an opaque redirect": [
    null,
    async (fetch, base) => (await fetch(`${base}/redirect/302?to=/echo`, { redirect: "manual" })).body,
  ],
};
// A stream can be sent once, so only a 303, which never sends the body again, is followed.
for (const [status, outcome] of [
  [301, { rejected: "TypeError" }],
  [302, { rejected: "TypeError" }],
  [303, { resolved: 200 }],
  [307, { rejected: "TypeError" }],
]) {
  standard[`${status} of a POST of a stream`] = [
    outcome,
    async (fetch, base) => {
      const init = post(streamOf("ab"), { duplex: "half" });
      const { resolved, rejected } = await rejection(fetch(`${base}/redirect/${status}?to=/echo`, init));
      return resolved ? { resolved: resolved.status } : { rejected };
    },
  ];
}
for (const status of [204, 205, 304]) {
  standard[`no body of a ${status}`] = [
    null,
    async (fetch, base) => (await fetch(`${base}/status/${status}`)).body,
  ];
}
