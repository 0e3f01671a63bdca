"""`python -m sidecar_bridge init`: what is asked, said and written."""

from __future__ import annotations

import os
import sys
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar_bridge._app.documents import at, table
from sidecar_bridge._app.errors import AppError
from sidecar_bridge._app.packages import checked

if TYPE_CHECKING:
    import argparse

    from sidecar_bridge._app.places import App
    from sidecar_bridge._init.edits import Plan

_PROGRAMS_OF = {"npm": "npx", "bun": "bunx"}
"""What runs the program of a package; the other managers do that by themselves."""

_NEEDED = ("tomlkit", "tree_sitter", "tree_sitter_javascript", "tree_sitter_rust")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `init` takes."""
    parser.add_argument("--yes", action="store_true", help="write without a question")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and write nothing")
    parser.add_argument("--tauri", type=Path, metavar="FOLDER", help="the Tauri folder, where there are several")
    parser.add_argument("--builder", metavar="FILE:LINE", help="the `tauri::Builder`, where there are several")
    parser.add_argument(
        "--from", type=Path, dest="checkout", metavar="PATH", help="take the packages from a checkout of the repository"
    )


def run(given: argparse.Namespace) -> int:
    """Show the changes, ask, write them, and say what comes next; give the exit status.

    Raises:
        AppError: The app cannot be changed; it is as it was.
    """
    if missing := [name for name in _NEEDED if util.find_spec(name) is None]:
        raise AppError(f"no module {', '.join(f'`{name}`' for name in missing)}; install `tauri-sidecar-bridge[init]`")
    # Only now, since all of these need that extra.
    from sidecar_bridge._app.places import find_app  # noqa: PLC0415
    from sidecar_bridge._init.edits import Order, plan  # noqa: PLC0415
    from sidecar_bridge._init.former import leftovers  # noqa: PLC0415
    from sidecar_bridge._init.writing import difference, write_all  # noqa: PLC0415

    app = find_app(Path.cwd(), given.tauri)
    checkout = None if given.checkout is None else checked(given.checkout)
    made = plan(Order(app, metadata.version("tauri-sidecar-bridge"), checkout, given.builder))
    changes = made.changes
    can_go = leftovers(app)
    if not changes:
        sys.stdout.write(f"nothing to do: {app.tauri} has the bridge\n")
    else:
        sys.stdout.write(difference(changes, Path.cwd()))
        new = sum(each.before is None for each in changes)
        sys.stdout.write(f"\nfiles: {len(changes) - new} changed, {new} new\n")
    for note in made.notes if changes else ():
        sys.stdout.write(f"note: {note}\n")
    if can_go:
        sys.stdout.write("what an earlier sidecar leaves, and what can go once the bridge is used:\n")
    for each in can_go:
        sys.stdout.write(f"  {_shown(each.path)}:{each.line}: {each.reason}\n")
    if not changes or given.dry_run:
        return 0
    if not given.yes and not _agreed():
        sys.stderr.write("nothing was written\n")
        return 1
    write_all(changes)
    sys.stdout.write("written. Next:\n" + "".join(f"  {line}\n" for line in _next(made)))
    return 0


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise AppError("there is nobody to ask; say --yes to write, or --dry-run to see")
    return input("write them? [y/N] ").strip().lower() in ("y", "yes")


def _next(made: Plan) -> list[str]:
    """Give the commands that are left, for a shell in the working directory."""
    from sidecar_bridge._init.python_project import install_command  # noqa: PLC0415 - needs the extra

    app, checkout = made.order.app, made.order.checkout
    here = Path.cwd()
    lines = []
    if checkout is not None and not (checkout / "guest-js/dist-js").is_dir():
        guest = _shown(checkout / "guest-js")
        lines.append(f"npm --prefix {guest} ci && npm --prefix {guest} run build")
    there, run_tauri = "", "cargo tauri dev"
    if app.page is not None:
        there = "" if app.page == here else f"cd {_shown(app.page)} && "
        lines.append(_there(there, f"{app.node} install"))
        run_tauri = _tauri_dev(app, run_tauri)
    if made.project.manager == "pip":
        lines.append("python3 -m venv .venv && . .venv/bin/activate, where no environment is active")
    lines.append(install_command(made.project, here))
    if not made.sidecar.serves:
        lines.append(f"in {_shown(made.sidecar.entry)}: `from sidecar_bridge import serve`, at its end `serve(app)`")
    lines.append(_in_environment(made, there, run_tauri))
    return lines + _asking(made)


def _tauri_dev(app: App, otherwise: str) -> str:
    """Give what starts the app by its page's packages, if these have a script or a program for that."""
    from sidecar_bridge._app.formats import open_document  # noqa: PLC0415 - needs the extra

    package = open_document(app.page / "package.json").value if app.page else None
    if at(package, "scripts", "tauri") is not None:
        return f"{app.node}{' run' if app.node in ('npm', 'bun') else ''} tauri dev"
    if any(at(package, kind, "@tauri-apps/cli") for kind in ("devDependencies", "dependencies")):
        return f"{_PROGRAMS_OF.get(app.node, app.node)} tauri dev"
    return otherwise


def _asking(made: Plan) -> list[str]:
    """Give how the page asks the sidecar: by an import, or by a script where no bundler resolves one."""
    from sidecar_bridge._init.edits import PACKAGE  # noqa: PLC0415 - needs the extra

    app, checkout = made.order.app, made.order.checkout
    # What `init` writes has that one; of another program nobody knows the routes.
    route = "/hello" if made.sidecar.is_new else "/…"
    build = table(app.merged, "build")
    # Without these Tauri shows a folder of sources as it is.
    is_built = build.get("devUrl") or build.get("beforeDevCommand") or build.get("beforeBuildCommand")
    if app.page is not None and is_built:
        return [f'in the page: import {{ fetch }} from "{PACKAGE}"; await fetch("{route}")']
    script = f"dist-js/global.js of the npm package {PACKAGE}"
    if app.page is not None:
        script = _shown(app.page / "node_modules" / PACKAGE / "dist-js/global.js")
    elif checkout is not None:
        script = _shown(checkout / "guest-js/dist-js/global.js")
    return [
        f"copy {script} beside the page, which has no bundler",
        f'in the page: <script src="global.js"></script>, then await SidecarBridge.fetch("{route}")',
    ]


def _in_environment(made: Plan, there: str, command: str) -> str:
    """Give the command that starts the app, such that `python3` is the one with the package."""
    manager = made.project.manager
    if manager == "pip":
        return f"{_there(there, command)}, in that environment: `python3` is then the one with the package"
    return _there(there, f"{manager} run {command}")


def _there(there: str, command: str) -> str:
    """Give a command in its folder, after which the shell is where it was."""
    return f"({there}{command})" if there else command


def _shown(path: Path) -> str:
    return Path(os.path.relpath(path)).as_posix()
