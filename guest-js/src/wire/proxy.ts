/**
 * The path under which the Vite plugin takes requests of a page in a plain browser. A sidecar's name follows, or `-`
 * for the only sidecar, then the path of the request.
 */
export const PROXY_PREFIX = "/@sidecar-bridge/";

/** The header with which the Vite plugin marks its answers: a server without the plugin answers with a page of its own. */
export const PROXY_MARK = "sidecar-bridge";
