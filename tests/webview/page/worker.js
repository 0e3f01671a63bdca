// Asks from a worker. It is bundled, since a worker has no import map.
import { fetch } from "../../../guest-js/dist-js/index.js";

fetch("/json")
  .then(
    (response) => response.text(),
    ({ code, message }) => `${code}: ${message}`,
  )
  .then(postMessage);
