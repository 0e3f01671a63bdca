import { head, post, rejection, rows } from "./rows.js";

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
