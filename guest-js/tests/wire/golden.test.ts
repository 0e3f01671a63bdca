import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const golden = fileURLToPath(new URL("../../../tests/golden/", import.meta.url));
const names = readdirSync(golden).map((file) => file.replace(/\.json$/, ""));
const text = (name: string) => readFileSync(`${golden}${name}.json`, "utf8");

test.each(names)("%s is read and written as it is", (name) => {
  expect(JSON.parse(JSON.stringify(JSON.parse(text(name))))).toEqual(JSON.parse(text(name)));
});

/** Whether tsc takes each value for its type in `types.ts`. */
function typechecks(values: [type: string, json: string][]): boolean {
  const folder = fileURLToPath(new URL("../../node_modules/.golden/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const lines = values.map(([type, json], index) => `export const value${index}: wire.${type} = ${json};`);
  writeFileSync(
    `${folder}golden.ts`,
    [`import type * as wire from "../../src/wire/types.js";`, ...lines].join("\n"),
  );
  writeFileSync(
    `${folder}tsconfig.json`,
    `{ "extends": "../../tsconfig.json", "compilerOptions": { "rootDir": "../.." }, "include": ["golden.ts"] }`,
  );
  const tsc = ["--no-install", "tsc", "--noEmit", "--project", folder];
  try {
    execFileSync("npx", tsc, { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

test("each is of its type", { timeout: 60_000 }, () => {
  const type = (name: string) => name.split(".")[0] ?? name;
  expect(typechecks(names.map((name) => [type(name), text(name)]))).toBe(true);
  expect(typechecks([["State", `{ "phase": "asleep" }`]])).toBe(false);
});
