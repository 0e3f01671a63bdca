import { decodedFrom, head, rejection, rows } from "./rows.js";

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
for (const path of [
  "/coded/raw",
  "/coded/empty",
  "/coded/twice",
  "/coded-stream/empty",
  "/coded-stream/twice",
]) {
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
