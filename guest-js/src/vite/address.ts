import { constants, lstatSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The address of a sidecar: the path of a Unix socket, or a host and a port. */
export type Address = { path: string } | { host: string; port: number };

/** The address in an `http:` URL. */
export function addressOf(url: string): Address {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
}

/**
 * Reads the address of a sidecar from the connection file of the app that runs; `docs/wire.md` describes that file.
 *
 * Rejects when no app runs, or when the app has no such sidecar.
 */
export async function runningSidecar(identifier: string, sidecar: string | null): Promise<Address> {
  const path = join(runtimeDirectory(), `sidecar-bridge-${identifier}.json`);
  const { sidecars } = JSON.parse(await readPrivate(path, identifier));
  const names = Object.keys(sidecars);
  const name = sidecar ?? (names.length === 1 ? names[0] : null);
  const found = name == null ? undefined : sidecars[name]?.listen;
  if (typeof found?.unix === "string") return { path: found.unix };
  if (typeof found?.http === "string") return addressOf(found.http);
  throw new Error(
    `the app has no sidecar ${sidecar ?? "that could be the only one"}; it has: ${names.join(", ")}`,
  );
}

/**
 * The directory of the connection file: `$XDG_RUNTIME_DIR` if only this user may enter it, else the temporary
 * directory.
 */
function runtimeDirectory(): string {
  const candidate = process.env.XDG_RUNTIME_DIR;
  const found = candidate ? lstatSync(candidate, { throwIfNoEntry: false }) : undefined;
  const isOurs = found?.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o777) === 0o700;
  return candidate && isOurs ? candidate : tmpdir();
}

/** Reads a file that no other user can have written. */
async function readPrivate(path: string, identifier: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => {
    throw new Error(`no app \`${identifier}\` runs in development (${path}); start it with \`tauri dev\``);
  });
  try {
    const found = await file.stat();
    if (!found.isFile() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
      throw new Error(`${path} is not a file of this user alone, so it is not trusted; remove it`);
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** The identifier in the Tauri configuration of the app around a Vite project. */
export function configuredIdentifier(root: string): string {
  for (const folder of ["src-tauri", "../src-tauri"]) {
    const path = resolve(root, folder, "tauri.conf.json");
    try {
      const { identifier } = JSON.parse(readFileSync(path, "utf8"));
      if (typeof identifier === "string") return identifier;
    } catch {
      // No configuration in this folder: look in the next one.
    }
  }
  throw new Error(
    `no identifier in src-tauri/tauri.conf.json below ${root}; give sidecarBridge the option \`identifier\``,
  );
}
