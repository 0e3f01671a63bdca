/**
 * What `fetch` does, row by row. Each row is given a `fetch` and the base of its addresses, and gives what can be seen of
 * the outcome, as JSON. The browser's own, over HTTP, and the bridge's must give the same.
 */
export const rows = {};

/** What can be seen of a response, but for its body. */
const head = (response) => ({
  status: response.status,
  statusText: response.statusText,
  ok: response.ok,
  path:
    response.url &&
    new URL(response.url).pathname + new URL(response.url).search + new URL(response.url).hash,
  redirected: response.redirected,
});

/** How a promise rejects: the kind of error, for its words differ between browsers. */
const rejection = async (promise) => {
  try {
    return { resolved: head(await promise) };
  } catch (error) {
    // Where a browser has no more to say than "TypeError: Load failed", the bridge has a problem.
    const kind = error?.name === "BridgeError" ? "TypeError" : (error?.name ?? String(error));
    return { rejected: kind };
  }
};

const post = (body, init = {}) => ({ method: "POST", body, ...init });
const streamOf = (text) => new Blob([text]).stream();
const echoed = async (response) => {
  const { method, path, headers, body } = await response.json();
  return {
    method,
    path,
    body,
    type: headers["content-type"] ?? null,
    length: headers["content-length"] ?? null,
  };
};

// --- the request
rows["GET"] = async (fetch, base) => echoed(await fetch(`${base}/echo?a=1&b=ü`));
rows["fragment"] = async (fetch, base) => head(await fetch(`${base}/echo#part`));
rows["dot segments"] = async (fetch, base) => echoed(await fetch(`${base}/x/../echo/./y`));
rows["two slashes"] = async (fetch, base) => echoed(await fetch(`${base}/echo//x`));
rows["encoded slash"] = async (fetch, base) => echoed(await fetch(`${base}/echo/a%2Fb`));
// No entry of the window's scope denies anything to a PUT, so the sidecar may read the path as it likes.
for (const path of ["/echo/a%5Cb", "/echo/a%00b", "/echo/..%2Fb"]) {
  rows[`PUT ${path}`] = async (fetch, base) => echoed(await fetch(`${base}${path}`, { method: "PUT" }));
}
rows["URL"] = async (fetch, base) => echoed(await fetch(new URL(`${base}/echo`)));
for (const method of ["POST", "PUT", "PATCH", "DELETE", "post", "OPTIONS", "QUERY"]) {
  rows[`method ${method}`] = async (fetch, base) => echoed(await fetch(`${base}/echo`, { method }));
}
rows["HEAD"] = async (fetch, base) => {
  const response = await fetch(`${base}/echo`, { method: "HEAD" });
  return { ...head(response), text: await response.text() };
};
rows["text"] = async (fetch, base) => echoed(await fetch(`${base}/echo`, post("grüße")));
rows["empty text"] = async (fetch, base) => echoed(await fetch(`${base}/echo`, post("")));
rows["text with a type"] = async (fetch, base) =>
  echoed(await fetch(`${base}/echo`, post("{}", { headers: { "content-type": "application/json" } })));
rows["URLSearchParams"] = async (fetch, base) =>
  echoed(await fetch(`${base}/echo`, post(new URLSearchParams({ a: "1 2", b: "ü" }))));
rows["ArrayBuffer"] = async (fetch, base) =>
  echoed(await fetch(`${base}/echo`, post(new Uint8Array([1, 2, 255]).buffer)));
rows["view"] = async (fetch, base) =>
  echoed(await fetch(`${base}/echo`, post(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))));
rows["DataView"] = async (fetch, base) =>
  echoed(await fetch(`${base}/echo`, post(new DataView(new Uint8Array([1, 2, 3]).buffer, 1))));
rows["Blob"] = async (fetch, base) =>
  echoed(await fetch(`${base}/echo`, post(new Blob(["a", "b"], { type: "text/x" }))));
rows["Blob without a type"] = async (fetch, base) =>
  echoed(await fetch(`${base}/echo`, post(new Blob(["ab"]))));
rows["File"] = async (fetch, base) =>
  echoed(await fetch(`${base}/echo`, post(new File(["ab"], "a.txt", { type: "text/plain" }))));
rows["FormData"] = async (fetch, base) => {
  const form = new FormData();
  form.append("name", "Ada");
  form.append("name", 'Ü\n"');
  form.append("file", new File(["ab"], 'ä".txt', { type: "text/plain" }));
  form.append("blob", new Blob([new Uint8Array([0, 255])]), "b");
  return (await fetch(`${base}/form`, post(form))).json();
};
rows["FormData without files"] = async (fetch, base) => {
  const form = new FormData();
  form.append("a", "1");
  return (await fetch(`${base}/form`, post(form))).json();
};
rows["number as body"] = async (fetch, base) => echoed(await fetch(`${base}/echo`, post(7)));
rows["large body"] = async (fetch, base) => {
  const response = await fetch(`${base}/length`, post(new Uint8Array(3_000_000).fill(7)));
  return response.json();
};
rows["large Blob"] = async (fetch, base) => {
  const response = await fetch(`${base}/length`, post(new Blob([new Uint8Array(3_000_000).fill(7)])));
  return response.json();
};
rows["body that changes meanwhile"] = async (fetch, base) => {
  const bytes = new Uint8Array([1, 2, 3]);
  const response = fetch(`${base}/echo`, post(bytes));
  bytes.fill(9);
  return echoed(await response);
};
rows["headers"] = async (fetch, base) => {
  const headers = [
    ["X-One", "1"],
    ["x-one", "2"],
    ["Authorization", "Bearer x"],
    ["Accept", "text/x"],
  ];
  const { headers: seen } = await (await fetch(`${base}/echo`, { headers })).json();
  return ["x-one", "authorization", "accept"].map((name) => seen[name]);
};
rows["default Accept"] = async (fetch, base) => (await (await fetch(`${base}/echo`)).json()).headers.accept;
rows["headers that a browser sends unasked"] = async (fetch, base) => {
  const { headers } = await (await fetch(`${base}/echo`)).json();
  return ["user-agent", "accept-language", "accept-encoding"].map((name) => headers[name]);
};
rows["forbidden headers"] = async (fetch, base) => {
  const headers = {
    Host: "evil",
    Cookie: "a=1",
    Connection: "close",
    "Transfer-Encoding": "x",
    "Content-Length": "9",
  };
  const { headers: seen } = await (await fetch(`${base}/echo`, { headers })).json();
  return [
    seen.host !== "evil",
    seen.cookie ?? null,
    seen["content-length"] ?? null,
    seen["transfer-encoding"] ?? null,
  ];
};
rows["address that the API made for itself"] = async (fetch, base) => {
  const { headers } = await (await fetch(`${base}/echo`)).json();
  const response = await fetch(`http://${headers.host}/echo?a=1`);
  return [head(response), await echoed(response)];
};
rows["Request"] = async (fetch, base) =>
  echoed(await fetch(new Request(`${base}/echo`, post("a", { headers: { "content-type": "text/x" } }))));
rows["Request and options"] = async (fetch, base) =>
  echoed(await fetch(new Request(`${base}/echo`, post("a")), { method: "PUT", body: "b" }));
rows["Request is used up"] = async (fetch, base) => {
  const request = new Request(`${base}/echo`, post("a"));
  await fetch(request);
  return [request.bodyUsed, await rejection(fetch(request))];
};
rows["Request with bytes"] = async (fetch, base) =>
  echoed(await fetch(new Request(`${base}/echo`, post(new Uint8Array([1, 2])))));

// --- the response
for (const status of [200, 201, 202, 203, 204, 205, 206, 304, 400, 404, 409, 418, 422, 500, 503, 599]) {
  rows[`status ${status}`] = async (fetch, base) => {
    const response = await fetch(`${base}/status/${status}`);
    return { ...head(response), text: await response.text() };
  };
}
rows["own reason phrase"] = async (fetch, base) => head(await fetch(`${base}/reason`));
rows["json"] = async (fetch, base) => (await fetch(`${base}/json`)).json();
rows["text in UTF-8"] = async (fetch, base) => (await fetch(`${base}/text`)).text();
rows["bytes"] = async (fetch, base) => [
  ...new Uint8Array(await (await fetch(`${base}/bytes/5`)).arrayBuffer()),
];
rows["blob"] = async (fetch, base) => {
  const blob = await (await fetch(`${base}/text`)).blob();
  return [blob.size, blob.type.split(";")[0]];
};
rows["formData"] = async (fetch, base) => [...(await (await fetch(`${base}/urlencoded`)).formData())];
rows["clone"] = async (fetch, base) => {
  const response = await fetch(`${base}/json`);
  const copy = response.clone();
  return [head(copy), await response.json(), await copy.json(), response.bodyUsed, copy instanceof Response];
};
rows["body used twice"] = async (fetch, base) => {
  const response = await fetch(`${base}/json`);
  await response.json();
  return rejection(response.json());
};
rows["not JSON"] = async (fetch, base) => rejection((await fetch(`${base}/text`)).json());
rows["repeated headers"] = async (fetch, base) => (await fetch(`${base}/repeated`)).headers.get("x-many");
rows["set-cookie is not shown"] = async (fetch, base) =>
  (await fetch(`${base}/repeated`)).headers.get("set-cookie");
rows["content-length"] = async (fetch, base) => (await fetch(`${base}/json`)).headers.get("content-length");
rows["large body down"] = async (fetch, base) => {
  const bytes = new Uint8Array(await (await fetch(`${base}/bytes/3000000`)).arrayBuffer());
  return [bytes.length, bytes[0], bytes[1], bytes.at(-1)];
};
rows["large body down, streamed"] = async (fetch, base) => {
  let length = 0;
  const reader = (await fetch(`${base}/stream/3000000`)).body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return length;
    length += value.length;
  }
};
rows["gzip"] = async (fetch, base) => {
  const response = await fetch(`${base}/gzip`);
  return [await response.text(), response.headers.get("content-encoding")];
};
rows["deflate"] = async (fetch, base) => (await fetch(`${base}/deflate`)).text();
const decodedFrom = async (response) => {
  const text = await response.text();
  return [text.length, text.slice(0, 10), response.headers.get("content-encoding")];
};
for (const path of ["/coded/raw", "/coded/empty", "/coded/twice", "/coded-stream/empty", "/coded-stream/twice"]) {
  rows[`body of ${path}`] = async (fetch, base) => decodedFrom(await fetch(`${base}${path}`));
}
const chunksOf = async (response) => {
  const chunks = [];
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks;
    chunks.push(value.length);
  }
};
for (const path of ["/reason", "/coded/empty", "/coded-stream/empty", "/stream/0", "/bytes/3"]) {
  rows[`chunks of ${path}`] = async (fetch, base) => chunksOf(await fetch(`${base}${path}`));
}
rows["a hundred fields and many more"] = async (fetch, base) => {
  const { headers } = await fetch(`${base}/fields/300`);
  return [...headers.keys()].filter((name) => name.startsWith("x-field-")).length;
};
rows["headers of a response cannot be changed"] = async (fetch, base) => {
  const { headers } = await fetch(`${base}/json`);
  const kinds = ["append", "delete", "set"].map((change) => {
    try {
      headers[change]("x-a", "1");
      return "changed";
    } catch (error) {
      return error.name;
    }
  });
  return [kinds, headers.get("x-a")];
};
rows["stream of pieces"] = async (fetch, base) => {
  const decoder = new TextDecoder();
  const seen = [];
  const reader = (await fetch(`${base}/ticks/3`)).body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return seen;
    seen.push(decoder.decode(value));
  }
};
rows["cancel of a body"] = async (fetch, base) => {
  const response = await fetch(`${base}/endless`);
  const reader = response.body.getReader();
  await reader.read();
  await reader.cancel();
  return reader.closed.then(() => "closed");
};
rows["body that breaks off"] = async (fetch, base) => rejection((await fetch(`${base}/breaks`)).text());

// --- redirects
for (const status of [301, 302, 303, 307, 308]) {
  for (const method of ["GET", "POST", "PUT", "HEAD"]) {
    rows[`${method} ${status}`] = async (fetch, base) => {
      const init =
        method === "GET" || method === "HEAD"
          ? { method }
          : { method, body: "body", headers: { "x-kept": "1" } };
      const response = await fetch(`${base}/redirect/${status}?to=/echo`, init);
      const seen = method === "HEAD" ? null : await response.json();
      const kept = seen && [
        seen.method,
        seen.body,
        seen.headers["content-type"] ?? null,
        seen.headers["x-kept"] ?? null,
      ];
      return [head(response), kept];
    };
  }
}
rows["redirect to an absolute address"] = async (fetch, base) =>
  head(await fetch(`${base}/redirect/absolute`));
rows["redirect: relative location"] = async (fetch, base) =>
  head(await fetch(`${base}/redirect/302?to=../echo`));
rows["redirect: manual"] = async (fetch, base) => {
  const response = await fetch(`${base}/redirect/302?to=/echo`, { redirect: "manual" });
  return [response.type, response.status, response.ok, await response.text(), [...response.headers]];
};
rows["redirect: error"] = async (fetch, base) =>
  rejection(fetch(`${base}/redirect/302?to=/echo`, { redirect: "error" }));
rows["redirect without a location"] = async (fetch, base) => head(await fetch(`${base}/status/302`));
rows["redirect for ever"] = async (fetch, base) => rejection(fetch(`${base}/redirect/loop`));
rows["redirect elsewhere"] = async (fetch, base) =>
  rejection(fetch(`${base}/redirect/302?to=http://127.0.0.1:9/`));
rows["large body and 307"] = async (fetch, base) => {
  const response = await fetch(`${base}/redirect/307?to=/length`, post(new Uint8Array(1_000_000)));
  return response.json();
};

// --- aborts
rows["abort before"] = async (fetch, base) =>
  rejection(fetch(`${base}/echo`, { signal: AbortSignal.abort() }));
rows["abort before, with a reason"] = async (fetch, base) =>
  rejection(fetch(`${base}/echo`, { signal: AbortSignal.abort(new RangeError("x")) }));
rows["abort while waiting for the head"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = fetch(`${base}/hang`, { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  return rejection(response);
};
rows["abort during the body"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = await fetch(`${base}/endless`, { signal: controller.signal });
  const reader = response.body.getReader();
  await reader.read();
  controller.abort();
  return rejection(
    (async () => {
      for (;;) await reader.read();
    })(),
  );
};
rows["abort after the body"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = await fetch(`${base}/json`, { signal: controller.signal });
  const value = await response.json();
  controller.abort();
  return value;
};
rows["signal of a Request"] = async (fetch, base) => {
  const controller = new AbortController();
  const request = new Request(`${base}/hang`, { signal: controller.signal });
  const response = fetch(request);
  controller.abort();
  return rejection(response);
};

for (const method of ["arrayBuffer", "blob", "bytes", "formData", "json", "text"]) {
  rows[`abort while ${method} reads`] = async (fetch, base) => {
    const controller = new AbortController();
    const response = await fetch(`${base}/endless`, { signal: controller.signal });
    const reading = rejection(response[method]());
    setTimeout(() => controller.abort(), 20);
    return reading;
  };
}
rows["abort between the head and the reading"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = await fetch(`${base}/json`, { signal: controller.signal });
  controller.abort();
  return rejection(response.json());
};
rows["abort between the head and the reading of an endless body"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = await fetch(`${base}/endless`, { signal: controller.signal });
  controller.abort();
  return [await rejection(response.text()), response.bodyUsed];
};
rows["abort of a response without a body"] = async (fetch, base) => {
  const controller = new AbortController();
  const response = await fetch(`${base}/status/204`, { signal: controller.signal });
  controller.abort();
  return rejection(response.text());
};
rows["abort at each microtask"] = async (fetch, base) => {
  const outcomes = new Set();
  for (let ticks = 0; ticks < 30; ticks++) {
    const controller = new AbortController();
    const response = fetch(`${base}/hang`, { method: "POST", body: "x", signal: controller.signal });
    const outcome = rejection(response);
    for (let tick = 0; tick < ticks; tick++) await null;
    controller.abort();
    outcomes.add((await outcome).rejected);
  }
  return [...outcomes];
};
rows["abort at each microtask around the head"] = async (fetch, base) => {
  const outcomes = new Set();
  for (let ticks = 0; ticks < 30; ticks++) {
    const controller = new AbortController();
    const fetching = fetch(`${base}/endless`, { signal: controller.signal });
    const head = fetching.then(async () => {
      for (let tick = 0; tick < ticks; tick++) await null;
      controller.abort();
    });
    outcomes.add((await rejection(fetching.then((response) => response.text()))).rejected);
    await head;
  }
  return [...outcomes];
};
rows["wrong arguments and an aborted signal"] = async (fetch) =>
  rejection(fetch("http://[x", { signal: AbortSignal.abort() }));

// --- options as Web IDL reads them
rows["no options"] = async (fetch, base) => echoed(await fetch(`${base}/echo`, null));
rows["no argument"] = async (fetch) => rejection(fetch());
rows["options that are no object"] = async (fetch, base) => rejection(fetch(`${base}/echo`, 7));
rows["options of a class"] = async (fetch, base) => {
  class Options {
    get method() {
      return "PUT";
    }
    get headers() {
      return { authorization: "Bearer x" };
    }
    get body() {
      return "body";
    }
  }
  const { method, headers, body } = await (await fetch(`${base}/echo`, new Options())).json();
  return [method, headers.authorization, body];
};
rows["a Request as options"] = async (fetch, base) => {
  const options = new Request(`${base}/x`, { method: "DELETE", headers: { authorization: "Bearer x" } });
  const { method, headers } = await (await fetch(`${base}/echo`, options)).json();
  return [method, headers.authorization];
};
rows["signal of a Request as options"] = async (fetch, base) => {
  const options = new Request(`${base}/x`, { signal: AbortSignal.abort() });
  return rejection(fetch(`${base}/echo`, options));
};
rows["options that are undefined"] = async (fetch, base) =>
  echoed(
    await fetch(`${base}/echo`, { method: undefined, body: undefined, headers: undefined, signal: undefined }),
  );
rows["options that are null"] = async (fetch, base) =>
  echoed(await fetch(`${base}/echo`, { body: null, signal: null }));
rows["a stream with a reader as body"] = async (fetch, base) => {
  const stream = new ReadableStream();
  stream.getReader();
  return rejection(fetch(`${base}/echo`, post(stream, { duplex: "half" })));
};

// --- what cannot be
rows["GET with a body"] = async (fetch, base) => rejection(fetch(`${base}/echo`, { body: "x" }));
rows["method that is none"] = async (fetch, base) => rejection(fetch(`${base}/echo`, { method: "A B" }));
rows["method that is forbidden"] = async (fetch, base) =>
  rejection(fetch(`${base}/echo`, { method: "CONNECT" }));
rows["header that is none"] = async (fetch, base) =>
  rejection(fetch(`${base}/echo`, { headers: { "a b": "1" } }));
rows["header value that is none"] = async (fetch, base) =>
  rejection(fetch(`${base}/echo`, { headers: { a: "1\n2" } }));
rows["header beyond Latin-1"] = async (fetch, base) =>
  rejection(fetch(`${base}/echo`, { headers: { a: "\u20ac" } }));
rows["address that is none"] = async (fetch) => rejection(fetch("http://[x"));

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
