import { echoed, head, post, rejection, rows } from "./rows.js";

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
    await fetch(`${base}/echo`, {
      method: undefined,
      body: undefined,
      headers: undefined,
      signal: undefined,
    }),
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
