/** Stands in for the sidecar: answers a request of the page. It may throw a `problem`, for there is no answer then. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** Answers the requests of one route; `params` are the parts of the path that the route has in braces. */
export type Route = (request: Request, params: Record<string, string>) => Response | Promise<Response>;

interface Compiled {
  method: string;
  pattern: RegExp;
  route: Route;
}

/**
 * Makes a handler of routes as FastAPI writes them, `"GET /api/users/{id}"`, the first that fits. What no route fits is
 * answered like FastAPI does: 404, or 405 if only the method is wrong.
 *
 * Throws a `TypeError` for a key that is no route.
 */
export function handlerOf(routes: Record<string, Route>): Handler {
  const compiled = Object.entries(routes).map(([key, route]) => compile(key, route));
  return (request) => {
    const { pathname } = new URL(request.url);
    const onPath = compiled.filter(({ pattern }) => pattern.test(pathname));
    const found = onPath.find(({ method }) => method === request.method);
    if (found) return found.route(request, paramsOf(found.pattern, pathname));
    return onPath.length > 0 ? refusal(405, "Method Not Allowed") : refusal(404, "Not Found");
  };
}

function compile(key: string, route: Route): Compiled {
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(key) ?? [];
  if (method === undefined || path === undefined) {
    throw new TypeError(`${JSON.stringify(key)} is not a route; write it like "GET /api/users/{id}"`);
  }
  const literal = path.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  const pattern = new RegExp(`^${literal.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
  return { method, pattern, route };
}

function paramsOf(pattern: RegExp, pathname: string): Record<string, string> {
  const groups = Object.entries(pattern.exec(pathname)?.groups ?? {});
  return Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]));
}

function refusal(status: number, detail: string): Response {
  return Response.json({ detail }, { status });
}
