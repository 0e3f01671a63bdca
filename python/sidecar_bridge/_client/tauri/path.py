# Generated from `_client/tauri/async_path.py` by `python/tools/blocking.py`: do not edit.

# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Tauri's directories and paths, for blocking code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar_bridge._client.tauri.plugin import Plugin
from sidecar_bridge.tauri import _arguments as arguments
from sidecar_bridge.tauri import _results as results

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path


class TauriPath(Plugin):
    """Directories and paths.

    Every method has Tauri's own meaning, and needs its permission.
    """

    _prefix = "plugin:path|"

    def app_config_dir(self) -> Path:
        """Give the path to the suggested directory for your app's config files.

        Resolves to `${configDir}/${bundleIdentifier}`, where `bundleIdentifier` is the `identifier` value configured in
        `tauri.conf.json`, unless overridden with the `app > appDirectoriesOverride` config.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 13}, results.path)

    def app_data_dir(self) -> Path:
        """Give the path to the suggested directory for your app's data files.

        Resolves to `${dataDir}/${bundleIdentifier}`, where `bundleIdentifier` is the `identifier` value configured in
        `tauri.conf.json`, unless overridden with the `app > appDirectoriesOverride` config.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 14}, results.path)

    def app_local_data_dir(self) -> Path:
        """Give the path to the suggested directory for your app's local data files.

        Resolves to `${localDataDir}/${bundleIdentifier}`, where `bundleIdentifier` is the `identifier` value configured
        in `tauri.conf.json`, unless overridden with the `app > appDirectoriesOverride` config.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 15}, results.path)

    def app_cache_dir(self) -> Path:
        """Give the path to the suggested directory for your app's cache files.

        Resolves to `${cacheDir}/${bundleIdentifier}`, where `bundleIdentifier` is the `identifier` value configured in
        `tauri.conf.json`, unless overridden with the `app > appDirectoriesOverride` config (a single root override
        resolves to `${root}/caches`).

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 16}, results.path)

    def audio_dir(self) -> Path:
        """Give the path to the user's audio directory.

        - Linux: Resolves to `xdg-user-dirs`' `XDG_MUSIC_DIR`.
        - macOS: Resolves to `$HOME/Music`.
        - Windows: Resolves to `{FOLDERID_Music}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 1}, results.path)

    def cache_dir(self) -> Path:
        """Give the path to the user's cache directory.

        - Linux: Resolves to `$XDG_CACHE_HOME` or `$HOME/.cache`.
        - macOS: Resolves to `$HOME/Library/Caches`.
        - Windows: Resolves to `{FOLDERID_LocalAppData}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 2}, results.path)

    def config_dir(self) -> Path:
        """Give the path to the user's config directory.

        - Linux: Resolves to `$XDG_CONFIG_HOME` or `$HOME/.config`.
        - macOS: Resolves to `$HOME/Library/Application Support`.
        - Windows: Resolves to `{FOLDERID_RoamingAppData}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 3}, results.path)

    def data_dir(self) -> Path:
        """Give the path to the user's data directory.

        - Linux: Resolves to `$XDG_DATA_HOME` or `$HOME/.local/share`.
        - macOS: Resolves to `$HOME/Library/Application Support`.
        - Windows: Resolves to `{FOLDERID_RoamingAppData}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 4}, results.path)

    def desktop_dir(self) -> Path:
        """Give the path to the user's desktop directory.

        - Linux: Resolves to `xdg-user-dirs`' `XDG_DESKTOP_DIR`.
        - macOS: Resolves to `$HOME/Desktop`.
        - Windows: Resolves to `{FOLDERID_Desktop}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 18}, results.path)

    def document_dir(self) -> Path:
        """Give the path to the user's document directory.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 6}, results.path)

    def download_dir(self) -> Path:
        """Give the path to the user's download directory.

        - Linux: Resolves to `xdg-user-dirs`' `XDG_DOWNLOAD_DIR`.
        - macOS: Resolves to `$HOME/Downloads`.
        - Windows: Resolves to `{FOLDERID_Downloads}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 7}, results.path)

    def executable_dir(self) -> Path:
        """Give the path to the user's executable directory.

        - Linux: Resolves to `$XDG_BIN_HOME/../bin` or `$XDG_DATA_HOME/../bin` or `$HOME/.local/bin`.
        - macOS: Not supported.
        - Windows: Not supported.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 19}, results.path)

    def font_dir(self) -> Path:
        """Give the path to the user's font directory.

        - Linux: Resolves to `$XDG_DATA_HOME/fonts` or `$HOME/.local/share/fonts`.
        - macOS: Resolves to `$HOME/Library/Fonts`.
        - Windows: Not supported.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 20}, results.path)

    def home_dir(self) -> Path:
        """Give the path to the user's home directory.

        - Linux: Resolves to `$HOME`.
        - macOS: Resolves to `$HOME`.
        - Windows: Resolves to `{FOLDERID_Profile}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 21}, results.path)

    def local_data_dir(self) -> Path:
        """Give the path to the user's local data directory.

        - Linux: Resolves to `$XDG_DATA_HOME` or `$HOME/.local/share`.
        - macOS: Resolves to `$HOME/Library/Application Support`.
        - Windows: Resolves to `{FOLDERID_LocalAppData}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 5}, results.path)

    def picture_dir(self) -> Path:
        """Give the path to the user's picture directory.

        - Linux: Resolves to `xdg-user-dirs`' `XDG_PICTURES_DIR`.
        - macOS: Resolves to `$HOME/Pictures`.
        - Windows: Resolves to `{FOLDERID_Pictures}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 8}, results.path)

    def public_dir(self) -> Path:
        """Give the path to the user's public directory.

        - Linux: Resolves to `xdg-user-dirs`' `XDG_PUBLICSHARE_DIR`.
        - macOS: Resolves to `$HOME/Public`.
        - Windows: Resolves to `{FOLDERID_Public}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 9}, results.path)

    def resource_dir(self) -> Path:
        """Give the path to the application's resource directory.

        To resolve a resource path, see `resolve_resource`.

        Although we provide the exact path where this function resolves to, this is not a contract and things might
        change in the future

        - Windows: Resolves to the directory that contains the main executable.
        - Linux: When running in an AppImage, the `APPDIR` variable will be set to the mounted location of the app, and
          the resource dir will be `${APPDIR}/usr/lib/${exe_name}`. If not running in an AppImage, the path is
          `/usr/lib/${exe_name}`. When running the app from `src-tauri/target/(debug|release)/`, the path is
          `${exe_dir}/../lib/${exe_name}`.
        - macOS: Resolves to `${exe_dir}/../Resources` (inside .app).

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 11}, results.path)

    def resolve_resource(self, resource_path: str | PathLike[str]) -> Path:
        """Resolve the path to a resource file.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.

        Args:
            resource_path: The path to the resource. Must follow the same syntax as defined in `tauri.conf.json > bundle
                > resources`, i.e. keeping subfolders and parent dir components (`../`).
        """
        return self._call(
            "resolve_directory", {"path": arguments.path(resource_path, "resource_path"), "directory": 11}, results.path
        )

    def runtime_dir(self) -> Path:
        """Give the path to the user's runtime directory.

        - Linux: Resolves to `$XDG_RUNTIME_DIR`.
        - macOS: Not supported.
        - Windows: Not supported.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 22}, results.path)

    def template_dir(self) -> Path:
        """Give the path to the user's template directory.

        - Linux: Resolves to `xdg-user-dirs`' `XDG_TEMPLATES_DIR`.
        - macOS: Not supported.
        - Windows: Resolves to `{FOLDERID_Templates}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 23}, results.path)

    def video_dir(self) -> Path:
        """Give the path to the user's video directory.

        - Linux: Resolves to `xdg-user-dirs`' `XDG_VIDEOS_DIR`.
        - macOS: Resolves to `$HOME/Movies`.
        - Windows: Resolves to `{FOLDERID_Videos}`.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 10}, results.path)

    def app_log_dir(self) -> Path:
        """Give the path to the suggested directory for your app's log files.

        - Linux: Resolves to `${localDataDir}/${bundleIdentifier}/logs`.
        - macOS: Resolves to `${homeDir}/Library/Logs/{bundleIdentifier}`
        - Windows: Resolves to `${localDataDir}/${bundleIdentifier}/logs`.

        All of them can be overridden with the `app > appDirectoriesOverride` config (a single root override resolves to
        `${root}/logs`).

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 17}, results.path)

    def temp_dir(self) -> Path:
        """Give a temporary directory.

        Needs `core:path:allow-resolve-directory`, which `core:path:default` has.
        """
        return self._call("resolve_directory", {"directory": 12}, results.path)

    def resolve(self, *paths: str | PathLike[str]) -> Path:
        """Resolve a sequence of `paths` or `path` segments into an absolute path.

        Needs `core:path:allow-resolve`, which `core:path:default` has.
        """
        return self._call("resolve", {"paths": arguments.many(arguments.path)(paths, "paths")}, results.path)

    def normalize(self, path: str | PathLike[str]) -> Path:
        """Normalize the given `path`, resolving `'..'` and `'.'` segments and resolve symbolic links.

        Needs `core:path:allow-normalize`, which `core:path:default` has.
        """
        return self._call("normalize", {"path": arguments.path(path, "path")}, results.path)

    def join(self, *paths: str | PathLike[str]) -> Path:
        """Join all given `path` segments together using the platform-specific separator as a delimiter.

        Join all given `path` segments together using the platform-specific separator as a delimiter, then normalizes
        the resulting path.

        Needs `core:path:allow-join`, which `core:path:default` has.
        """
        return self._call("join", {"paths": arguments.many(arguments.path)(paths, "paths")}, results.path)

    def dirname(self, path: str | PathLike[str]) -> Path:
        """Give the parent directory of a given `path`.

        Trailing directory separators are ignored.

        Needs `core:path:allow-dirname`, which `core:path:default` has.
        """
        return self._call("dirname", {"path": arguments.path(path, "path")}, results.path)

    def extname(self, path: str | PathLike[str]) -> str:
        """Give the extension of the `path`.

        A name without an extension is a `CommandError`.

        Needs `core:path:allow-extname`, which `core:path:default` has.
        """
        return self._call("extname", {"path": arguments.path(path, "path")}, results.text)

    def basename(self, path: str | PathLike[str], ext: str | PathLike[str] | None = None) -> str:
        """Give the last portion of a `path`.

        Trailing directory separators are ignored.

        Needs `core:path:allow-basename`, which `core:path:default` has.

        Args:
            ext: An optional file extension to be removed from the returned path.
        """
        args: dict[str, object] = {"path": arguments.path(path, "path")}
        if ext is not None:
            args["ext"] = arguments.path(ext, "ext")
        return self._call("basename", args, results.text)

    def is_absolute(self, path: str | PathLike[str]) -> bool:
        """Give whether the path is absolute or not.

        Needs `core:path:allow-is-absolute`, which `core:path:default` has.
        """
        return self._call("is_absolute", {"path": arguments.path(path, "path")}, results.boolean)
