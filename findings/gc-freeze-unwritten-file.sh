#!/bin/sh
# gc.freeze is documented as something for programs that fork, and servers call it once all is imported, to spare the collector a walk
# through what stays anyway. One would expect it to change when memory is given back, and nothing else.
#
# A file that is part of a reference cycle, such as an object that knows its owner, and that nobody closes, is written when the
# interpreter ends: its last collection frees the cycle, and the file with it. What is frozen is not collected then either. The text
# that the file holds back is gone, and nothing says so: no ResourceWarning, exit code 0.
#
# Who calls gc.freeze has to write what such files hold. gc.get_objects does not name them, for it leaves out what is frozen, too: only after
# gc.unfreeze are they found.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

cat >program.py <<'end'
import gc
import sys


class Journal:
    def __init__(self, name):
        self.file = open(name, "w")
        self.me = self


journal = Journal(sys.argv[1])
journal.file.write("a line\n")
if sys.argv[1] == "frozen":
    gc.freeze()
    print("named:", any(each is journal for each in gc.get_objects()))
    gc.unfreeze()
    print("named when thawed:", any(each is journal for each in gc.get_objects()))
    gc.freeze()
end
python3 --version
seen=$(for name in ordinary frozen; do
    python3 -W error program.py "$name"
    echo "$name: exit code $?, $(wc -c <"$name") bytes"
done)
printf '%s\n' "$seen"
# Seen on 30 Nov 2026 with Python 3.11.2, 3.11.7, 3.12.1 and 3.13.0, Debian 12. The ordinary one also warns of its file on standard error.
expected='ordinary: exit code 0, 7 bytes
named: False
named when thawed: True
frozen: exit code 0, 0 bytes'
[ "$seen" = "$expected" ] || { echo 'this has changed' >&2 && exit 1; }
