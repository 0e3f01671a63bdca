/**
 * What `fetch` does, row by row. Each row is given a `fetch` and the base of its addresses, and gives what can be seen of
 * the outcome, as JSON. The browser's own, over HTTP, and the bridge's must give the same.
 */
export const rows = {};

/** What can be seen of a response, but for its body. */
export const head = (response) => ({
  status: response.status,
  statusText: response.statusText,
  ok: response.ok,
  path:
    response.url &&
    new URL(response.url).pathname + new URL(response.url).search + new URL(response.url).hash,
  redirected: response.redirected,
});

/** How a promise rejects: the kind of error, for its words differ between browsers. */
export const rejection = async (promise) => {
  try {
    return { resolved: head(await promise) };
  } catch (error) {
    // Where a browser has no more to say than "TypeError: Load failed", the bridge has a problem.
    const kind = error?.name === "BridgeError" ? "TypeError" : (error?.name ?? String(error));
    return { rejected: kind };
  }
};

/** The options of a POST. */
export const post = (body, init = {}) => ({ method: "POST", body, ...init });
/** A stream of a text. */
export const streamOf = (text) => new Blob([text]).stream();
/** What the sidecar saw of a request, from its answer. */
export const echoed = async (response) => {
  const { method, path, headers, body } = await response.json();
  return {
    method,
    path,
    body,
    type: headers["content-type"] ?? null,
    length: headers["content-length"] ?? null,
  };
};

/** A body that was compressed, in short. */
export const decodedFrom = async (response) => {
  const text = await response.text();
  return [text.length, text.slice(0, 10), response.headers.get("content-encoding")];
};
