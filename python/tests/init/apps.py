"""Apps in the shape of public ones, as their files are: no more of each than what `init` and `doctor` read."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CAPABILITY = """
    {
      "$schema": "../gen/schemas/desktop-schema.json",
      "identifier": "default",
      "description": "Capability for the main window",
      "windows": ["main"],
      "permissions": [
        "core:default",
        "opener:default"
      ]
    }
"""

_LIB = """
    // Learn more about Tauri commands at https://tauri.app/develop/calling-rust/
    #[tauri::command]
    fn greet(name: &str) -> String {
        format!("Hello, {}! You've been greeted from Rust!", name)
    }

    #[cfg_attr(mobile, tauri::mobile_entry_point)]
    pub fn run() {
        tauri::Builder::default()
            .plugin(tauri_plugin_opener::init())
            .invoke_handler(tauri::generate_handler![greet])
            .run(tauri::generate_context!())
            .expect("error while running tauri application");
    }
"""

_CARGO = """
    [package]
    name = "app"
    version = "0.1.0"
    edition = "2021"

    # See more keys and their definitions at https://doc.rust-lang.org/cargo/reference/manifest.html

    [lib]
    name = "app_lib"
    crate-type = ["staticlib", "cdylib", "rlib"]

    [build-dependencies]
    tauri-build = { version = "2", features = [] }

    [dependencies]
    tauri = { version = "2", features = [] } # the framework
    tauri-plugin-opener = "2"
    serde = { version = "1", features = ["derive"] }

    [profile.release]
    strip = true
"""

_CONFIG = """
    {
      "$schema": "https://schema.tauri.app/config/2",
      "productName": "app",
      "version": "0.1.0",
      "identifier": "com.example.app",
      "build": {
        "frontendDist": "../src"
      },
      "app": {
        "withGlobalTauri": true,
        "windows": [
          {
            "title": "app",
            "width": 800,
            "height": 600
          }
        ],
        "security": {
          "csp": null
        }
      },
      "bundle": {
        "active": true,
        "targets": "all",
        "icon": ["icons/32x32.png"]
      }
    }
"""

VANILLA = {
    "package.json": """
        {
          "name": "app",
          "private": true,
          "version": "0.1.0",
          "type": "module",
          "scripts": {
            "tauri": "tauri"
          },
          "devDependencies": {
            "@tauri-apps/cli": "^2"
          }
        }
    """,
    "package-lock.json": "{}",
    "src/main.js": 'const { invoke } = window.__TAURI__.core;\ninvoke("greet", { name: "" });\n',
    "src-tauri/Cargo.toml": _CARGO,
    "src-tauri/build.rs": "fn main() {\n    tauri_build::build()\n}\n",
    "src-tauri/src/lib.rs": _LIB,
    "src-tauri/src/main.rs": "fn main() {\n    app_lib::run()\n}\n",
    "src-tauri/tauri.conf.json": _CONFIG,
    "src-tauri/capabilities/default.json": _CAPABILITY,
}
"""`create-tauri-app`, vanilla, npm."""

REACT = VANILLA | {
    "package.json": """
        {
          "name": "app",
          "private": true,
          "version": "0.1.0",
          "packageManager": "pnpm@9.12.0",
          "dependencies": {
            "@tauri-apps/api": "^2",
            "react": "^19.1.0",
            "zod": "^4.0.0"
          },
          "devDependencies": { "@tauri-apps/cli": "^2", "typescript": "~5.8.3", "vite": "^7.0.4" }
        }
    """,
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
    "src-tauri/tauri.conf.json": _CONFIG.replace(
        '"frontendDist": "../src"', '"devUrl": "http://localhost:1420", "frontendDist": "../dist"'
    ),
    "src/main.tsx": 'import { createRoot } from "react-dom/client";\n',
    "pyproject.toml": """
        [project]
        name = "backend"
        version = "0.1.0"
        requires-python = ">=3.11"
        # What the backend needs.
        dependencies = [
            "fastapi>=0.115", # the web framework
        ]

        [tool.uv]
        package = false
    """,
    "uv.lock": "version = 1\n",
}
del REACT["package-lock.json"]
"""React and TypeScript with pnpm, and a Python project with uv."""

WORKSPACE = {
    "package.json": '{ "name": "root", "private": true, "workspaces": ["apps/*"] }\n',
    "yarn.lock": "# yarn lockfile v1\n",
    "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["apps/desktop/src-tauri"]\n',
    "apps/web/package.json": '{ "name": "web" }\n',
    "apps/desktop/package.json": '{\n\t"name": "desktop",\n\t"dependencies": { "react": "^19.0.0" }\n}\n',
    "apps/desktop/src-tauri/Cargo.toml": """
        [package]
        name = "desktop"
        version.workspace = true

        [dependencies]
        log = "0.4"

        [dependencies.tauri]
        version = "2"
        features = ["tray-icon"]

        [target.'cfg(not(any(target_os = "android", target_os = "ios")))'.dependencies]
        tauri-plugin-updater = "2"
    """,
    "apps/desktop/src-tauri/src/lib.rs": """
        use tauri::{plugin::Builder as PluginBuilder, AppHandle, Builder};

        fn plugin() -> tauri::plugin::TauriPlugin<tauri::Wry> {
            tauri::plugin::Builder::new("mine").build()
        }

        pub fn run() {
            let mut builder = Builder::default();
            #[cfg(desktop)]
            {
                builder = builder.plugin(plugin());
            }
            builder.run(tauri::generate_context!()).unwrap();
        }

        #[cfg(test)]
        mod tests {
            fn app() {
                tauri::Builder::default();
            }
        }
    """,
    "apps/desktop/src-tauri/tauri.conf.json": _CONFIG.replace(
        '"icon": ["icons/32x32.png"]', '"resources": ["models/*"], "icon": []'
    ).replace('"title": "app"', '"label": "shell"'),
    "apps/desktop/src-tauri/capabilities/pages.toml": """
        # What the pages may do.
        identifier = "pages"
        windows = ["*"]
        permissions = [
            "core:default", # windows, events
        ]
    """,
}
"""A workspace with yarn, tabs, and its Tauri folder elsewhere."""

JSON5 = VANILLA | {
    "package.json": '{ "name": "app", "dependencies": {} }\n',
    "bun.lock": "{}\n",
    "src-tauri/tauri.conf.json5": """
        // The app.
        {
          productName: 'app',
          identifier: 'com.example.app', // never changes
          app: {
            windows: [{ title: 'It\\'s ours', width: 0x320 }],
            security: { csp: null, capabilities: ['default'] },
          },
          /* What people install. */
          bundle: {
            active: true,
            icon: [], // none yet
          },
        }
    """,
}
del JSON5["src-tauri/tauri.conf.json"], JSON5["package-lock.json"]
"""JSON5 with comments, bun, and capabilities that the configuration names."""

TOML = {
    "pyproject.toml": """
        [tool.poetry]
        name = "backend"
        version = "0.1.0"

        [tool.poetry.dependencies]
        python = "^3.11" # as in CI
        fastapi = "^0.115"

        [build-system]
        requires = ["poetry-core"]
    """,
    "poetry.lock": "",
    "dist/index.html": "<!doctype html>\n",
    "src-tauri/Cargo.toml": '[package]\nname = "app"\nrust-version = "1.77.2"\n\n[dependencies]\ntauri = "2"\n',
    "src-tauri/src/main.rs": (
        "fn main() {\r\n    tauri::Builder::<tauri::Wry>::new()\r\n        // ours\r\n"
        "        .setup(|_app| Ok(()))\r\n        .run(tauri::generate_context!())\r\n        .unwrap();\r\n}\r\n"
    ),
    "src-tauri/Tauri.toml": """
        # The app.
        product-name = "app"
        identifier = "com.example.app"

        [build]
        frontend-dist = "../dist"

        [[app.windows]]
        title = "app" # for people

        [bundle]
        active = true
    """,
}
"""`Tauri.toml`, a builder in main.rs alone, no package.json, poetry, and lines that end as on Windows."""

SHELL = VANILLA | {
    "backend/server.py": """
        import uvicorn
        from fastapi import FastAPI
        from fastapi.middleware.cors import CORSMiddleware

        app = FastAPI()
        app.add_middleware(CORSMiddleware, allow_origins=["*"])

        if __name__ == "__main__":
            uvicorn.run(app, port=8008)
    """,
    "backend/routes/__init__.py": "",
    "backend/requirements.txt": "fastapi\nuvicorn",
    "src/main.js": """
        import { Command } from "@tauri-apps/plugin-shell";
        await Command.sidecar("binaries/server").spawn();
        const timer = setInterval(check, 500);
        const check = () => fetch("http://localhost:8008/health").then(() => clearInterval(timer));
    """,
    "src-tauri/src/lib.rs": _LIB.replace("opener", "shell").replace(
        "pub fn run", "pub fn stop(child: CommandChild) {\n        child.kill().unwrap();\n    }\n\n    pub fn run"
    ),
    "src-tauri/tauri.conf.json": _CONFIG.replace(
        '"active": true,', '"active": true,\n        "externalBin": ["binaries/server"],'
    ),
    "src-tauri/capabilities/default.json": _CAPABILITY.replace("opener:default", "shell:allow-spawn"),
}
"""A sidecar by the shell plugin and a port."""

ALL = {"vanilla": VANILLA, "react": REACT, "workspace": WORKSPACE, "json5": JSON5, "toml": TOML, "shell": SHELL}


def make(folder: Path, app: dict[str, str]) -> Path:
    """Write an app's files."""
    for name, text in app.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dedent(text.removeprefix("\n")).encode())
    return folder
