// The package's files, and the app's own TypeScript to read them with.
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

export const [root, ...places] = process.argv.slice(2).map((each) => resolve(each));
export const ts = compiler();

function compiler() {
  for (const place of [root, ...places]) {
    let found;
    try {
      found = createRequire(join(place, "package.json"))("typescript");
    } catch {
      continue;
    }
    if (found.createProgram) return found;
  }
  process.stderr.write("no typescript with a compiler API\n");
  process.exit(3);
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((each) => {
    if (each.isDirectory())
      return ["node_modules", ".git"].includes(each.name) ? [] : files(join(folder, each.name));
    return [join(folder, each.name)];
  });
}

const all = files(root);
/** The declarations of the package. */
export const declared = all.filter((path) => /\.d\.[mc]?ts$/.test(path));
const modules = all.filter((path) => /\.m?js$/.test(path));
/** Its JavaScript, in one of the forms that it has. */
export const code = modules.length ? modules : all.filter((path) => path.endsWith(".cjs"));
