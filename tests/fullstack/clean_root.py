"""A system of its own to install a package on: this machine's files, without Python, Node and Rust.

What is changed there is in memory, seen by no other process, and gone with it.
"""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

SCRIPT = r"""
set -u
{
    mount -t tmpfs tmpfs "$1" && cd "$1" && mkdir upper work root &&
        mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" root
} || exit 77
set -e
for place in dev proc tmp; do mount --rbind "/$place" "root/$place"; done
mount -t tmpfs tmpfs root/root
mount -t tmpfs tmpfs root/usr/local
cd root/usr/bin
rm -rf python* pydoc* node* npm* npx* cargo* rust*
echo ready
# Until whoever started this is gone.
exec cat >/dev/null
"""


class RefusedError(Exception):
    """This machine lets nobody make such a system here."""


@dataclass(frozen=True)
class CleanRoot:
    """The system, and how to do something in it."""

    enter: list[str]
    upper: Path

    def run(self, *command: str | Path) -> str:
        """What a command says there."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        words = [*self.enter, *map(str, command)]
        done = subprocess.run(words, env=env, timeout=120, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def has(self, program: str) -> bool:
        """Whether there is such a program."""
        return self.run("sh", "-c", f"command -v {program} || :").strip() != ""


@contextmanager
def clean_root() -> Iterator[CleanRoot]:
    """Such a system; `RefusedError` where there can be none."""
    with TemporaryDirectory(prefix="root-") as directory:
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", SCRIPT, "sh", directory]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                said = b""
                while b"ready" not in said and select.select([process.stdout], [], [], 60)[0]:
                    chunk = os.read(process.stdout.fileno(), 4096)
                    if not chunk:
                        raise RefusedError(said.decode().strip())
                    said += chunk
                inside = f"--mount=/proc/{process.pid}/ns/mnt"
                upper = Path(f"/proc/{process.pid}/root{directory}/upper")
                yield CleanRoot(["/usr/bin/nsenter", inside, "/usr/sbin/chroot", f"{directory}/root"], upper)
            finally:
                process.stdin.close()
                process.wait(10)
