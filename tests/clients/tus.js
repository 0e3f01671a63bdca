/** The way of tus to its server, over a `fetch`: the one of tus itself is `XMLHttpRequest`. */
export class FetchStack {
  constructor(fetch) {
    this.fetch = fetch;
  }

  getName() {
    return "fetch";
  }

  createRequest(method, url) {
    const headers = new Headers();
    const aborting = new AbortController();
    return {
      getMethod: () => method,
      getURL: () => url,
      setHeader: (name, value) => headers.set(name, value),
      getHeader: (name) => headers.get(name) ?? undefined,
      setProgressHandler() {},
      abort: async () => aborting.abort(),
      getUnderlyingObject: () => null,
      send: async (body) => {
        const response = await this.fetch(url, { method, headers, body, signal: aborting.signal });
        const text = await response.text();
        return {
          getStatus: () => response.status,
          getHeader: (name) => response.headers.get(name) ?? undefined,
          getBody: () => text,
          getUnderlyingObject: () => response,
        };
      },
    };
  }
}
