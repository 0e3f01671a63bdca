// Prints what the npm package of a plugin says, as JSON: which commands its JavaScript calls with which arguments, and
// the types that its declarations give to these. Arguments: the package's folder, and where else to look for `typescript`.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { callsOf } from "./calls.mjs";
import { code, root } from "./compiler.mjs";
import { functions, named } from "./types.mjs";

const calls = code.flatMap(callsOf);
const about = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const silent = [...functions.keys()].filter((name) => !calls.some((each) => each.function === name));
const printed = { name: about.name ?? basename(root), version: about.version ?? "", calls, named, silent };
process.stdout.write(`${JSON.stringify(printed, null, 1)}\n`);
