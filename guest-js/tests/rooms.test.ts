import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** From which rooms each room imports; `.` is `index.ts`. ARCHITECTURE.md says what is in each of them. */
const IMPORTS: Record<string, string[]> = {
  wire: [],
  fetch: ["wire"],
  events: ["wire", "fetch"],
  sidecar: ["wire"],
  worker: ["wire"],
  ".": ["wire", "fetch", "events", "sidecar", "worker"],
  jobs: ["wire", "fetch", "events"],
  react: ["wire", "events", "sidecar", "jobs"],
  testing: ["wire"],
  vite: ["wire"],
};

const src = new URL("../src/", import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts"));

const textOf = (file: string) => readFileSync(new URL(file, src), "utf8");

/** What a file imports, as paths below `src` or names of packages. */
function importsOf(file: string): string[] {
  return [...textOf(file).matchAll(/^(?:import|export|\}) [^;]*?from "([^"]+)";$/gm)].map(([, name = ""]) =>
    name.startsWith(".")
      ? fileURLToPath(new URL(name, new URL(file, src))).slice(fileURLToPath(src).length)
      : name,
  );
}

const roomOf = (path: string) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : ".");

test("every room is in the table", () => {
  expect([...new Set(files.map(roomOf))].sort()).toEqual(Object.keys(IMPORTS).sort());
});

test.each(files)("%s imports from the rooms that its own may import from", (file) => {
  const room = roomOf(file);
  const own = importsOf(file).filter((path) => path.endsWith(".js"));
  const rooms = own.map(roomOf).filter((other) => other !== room);
  expect(IMPORTS[room]).toEqual(expect.arrayContaining(rooms));
});

test("only this file calls the host", () => {
  const callers = files.filter((file) => /\binvoke\b.*"@tauri-apps\/api\/core"/.test(textOf(file)));
  expect(callers.sort()).toEqual(["wire/tauri.ts"]);
});
