import "./table/request.js";
import "./table/response.js";
import "./table/redirects.js";
import "./table/aborts.js";

export { rows } from "./table/rows.js";
export { sockets } from "./table/sockets.js";
export { standard } from "./table/standard.js";
