import { mediaUrl } from "tauri-plugin-sidecar-bridge-api";

/** Shows what the hash of another window's address asks for: `#show=` a URL, or `#pictures` without end. */
export async function showMedia(hash) {
  if (hash.startsWith("#show=")) await tell(hash.slice("#show=".length));
  if (hash === "#pictures") await load();
}

/** Tells the other windows what comes of a URL that this page was not given, and of one of its own. */
async function tell(given) {
  const own = await mediaUrl("/media/picture?side=6").then(width, (error) => error.message);
  new BroadcastChannel("shown").postMessage({ given: await width(given), own });
}

function width(url) {
  const image = new Image();
  image.src = url;
  return image.decode().then(
    () => image.naturalWidth,
    () => 0,
  );
}

/** Loads pictures, many at once, until the page is left. */
async function load() {
  const url = await mediaUrl("/media/picture");
  for (let i = 0; i < 24; i++) {
    const image = new Image();
    const next = () => {
      image.src = `${url}?side=${(i % 3) * 150 + 1}&i=${Math.random()}`;
    };
    image.onload = next;
    next();
  }
}
