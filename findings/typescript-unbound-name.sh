#!/bin/sh
# A module with no error of its own exports what a method of a library returns. One expects that tsc, when it exits
# with 0, writes a declaration file that compiles: with an import of the type's name, with import("…").Name, or else an
# error.
#
# `onTick` returns what `Webview.listen` of @tauri-apps/api returns. With `module: nodenext` and `skipLibCheck: true`,
# TypeScript 5.9 and 7.0 exit with 0 and write `Promise<UnlistenFn>`, a name that the file neither imports nor
# declares; with the resolution of bundlers they write import("@tauri-apps/api/event").UnlistenFn. The cause is in a
# third file: webview.d.ts imports './event' without an extension, which nodenext does not find. That `skipLibCheck`
# then makes `any` of the type is known; here the name of what was not found also reaches the output.
#
# That file stays wrong wherever it is used. An app with the resolution of bundlers, with which @tauri-apps/api is in
# order, gets TS2304 in it, and with `skipLibCheck: true` an `any` in which a wrong type passes. The author of the
# module sees nothing of it. The remedy is theirs: to write the return type out, or to build with the resolution of
# bundlers.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
    old@npm:typescript@5.9.3 new@npm:typescript@7.0.2 @tauri-apps/api@2.12.5 || exit 2

mkdir module app
cat >module/page.ts <<'end'
import type { Webview } from "@tauri-apps/api/webview";
export const onTick = (webview: Webview) => webview.listen("tick", () => {});
end
# `listen` gives no number: the right answer to this line is TS2322.
cat >app/main.ts <<'end'
import type { Webview } from "@tauri-apps/api/webview";
import { onTick } from "../module/out/page.js";
export const wrong = (webview: Webview): Promise<number> => onTick(webview);
end
for part in module app; do
    cat >$part/tsconfig.json <<'end'
{
  "compilerOptions": {
    "strict": true, "declaration": true, "target": "es2022", "lib": ["esnext", "dom"], "types": [],
    "rootDir": ".", "outDir": "out"
  },
  "exclude": ["out"]
}
end
done

# Prints the exit code and the errors: compile PART RESOLUTION SKIP_LIB_CHECK
compile() {
    case $2 in
        nodenext) set -- "$1" "$3" --module nodenext ;;
        bundler) set -- "$1" "$3" --module esnext --moduleResolution bundler ;;
    esac
    part=$1 skip=$2
    shift 2
    code=0
    "node_modules/$compiler/bin/tsc" -p "$part" --pretty false --skipLibCheck "$skip" "$@" >log || code=$?
    echo "exit $code"
    grep 'error TS' log || true
}

changed=
# Prints what was seen, and notes when it does not contain the text: expect TEXT WHAT SEEN
expect() {
    printf '%s:\n' "$2"
    printf '%s\n' "$3" | sed 's/^/    /'
    case $3 in
        *"$1"*) ;;
        *) changed=yes && printf '    CHANGED, expected: %s\n' "$1" ;;
    esac
}

echo '@tauri-apps/api 2.12.5'
for compiler in old new; do
    printf '\ntypescript, %s\n' "$("node_modules/$compiler/bin/tsc" --version)"

    rm -rf module/out
    expect 'exit 0' 'module, nodenext, skipLibCheck: true' "$(compile module nodenext true)"
    expect '=> Promise<UnlistenFn>;' 'its page.d.ts' "$(cat module/out/page.d.ts)"
    ! grep -q 'import.*UnlistenFn' module/out/page.d.ts || changed=yes
    expect "page.d.ts(2,60): error TS2304: Cannot find name 'UnlistenFn'" \
        'app on it, bundler, skipLibCheck: false' "$(compile app bundler false)"
    expect 'exit 0' 'app on it, bundler, skipLibCheck: true (a number is asked for)' "$(compile app bundler true)"

    rm -rf module/out
    expect 'exit 0' 'module, bundler, skipLibCheck: true' "$(compile module bundler true)"
    expect '=> Promise<import("@tauri-apps/api/event").UnlistenFn>;' 'its page.d.ts' "$(cat module/out/page.d.ts)"
    expect 'error TS2322' 'app on it, bundler, skipLibCheck: true' "$(compile app bundler true)"

    errors=$(compile module nodenext false)
    expect '7 errors' 'the cause: module, nodenext, skipLibCheck: false' \
        "$(printf '%s\n' "$errors" | grep -c 'webview.d.ts.*TS2835') errors in webview.d.ts, of them for './event'
$(printf '%s\n' "$errors" | grep event)"
done

[ -z "$changed" ]
