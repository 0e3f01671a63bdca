// Prints what the npm packages beside this file say, as JSON: versions, calls of commands, declarations.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { invokesOf } from "./invokes.mjs";
import { Declarations } from "./types.mjs";

const folder =
  process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "node_modules", "@tauri-apps");

function modulesOf(name) {
  const root = join(folder, name);
  const start = existsSync(join(root, "dist-js")) ? join(root, "dist-js") : root;
  const below = (path) =>
    readdirSync(path, { withFileTypes: true }).flatMap((each) => {
      if (each.isDirectory()) return each.name === "external" ? [] : below(join(path, each.name));
      return each.name.endsWith(".js") ? [join(path, each.name)] : [];
    });
  return below(start).filter((path) => existsSync(path.replace(/\.js$/, ".d.ts")));
}

const names = readdirSync(folder).sort();
const modules = names.flatMap((name) => modulesOf(name).map((path) => ({ name, path })));
const declarations = new Declarations(modules.map(({ path }) => path.replace(/\.js$/, ".d.ts")));
const read = modules.map(({ name, path }) => {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ESNext, true);
  const module = path.slice(join(folder, name).length + 1).replace(/^dist-js\//, "");
  const { functions, classes } = declarations.module(path.replace(/\.js$/, ".d.ts"));
  return {
    package: `@tauri-apps/${name}`,
    module: module.replace(/\.js$/, ""),
    calls: invokesOf(file),
    functions,
    classes,
  };
});
const versions = Object.fromEntries(
  names.map((name) => [
    `@tauri-apps/${name}`,
    JSON.parse(readFileSync(join(folder, name, "package.json"))).version,
  ]),
);
process.stdout.write(`${JSON.stringify({ versions, modules: read, named: declarations.named }, null, 1)}\n`);
