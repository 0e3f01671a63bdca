/** Answers a request of the page in place of the sidecar. Throws a `problem` for a request without an answer. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** Answers the requests of one route. `params` has the parts of the path that stand in braces in the route, decoded. */
export type Route = (request: Request, params: Record<string, string>) => Response | Promise<Response>;

/** A route, ready to be compared with requests. */
interface CompiledRoute {
  method: string;
  pattern: RegExp;
  route: Route;
}

/**
 * Makes a handler of routes in FastAPI's notation, such as `"GET /api/users/{id}"`. The first route that fits
 * answers. A request for no route gets 404, or 405 if only the method is wrong, as from FastAPI.
 *
 * Throws a `TypeError` for a key that is not a route.
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

function compile(key: string, route: Route): CompiledRoute {
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
