"""A runtime hook of PyInstaller: what a program that was built with `--optimize` does first."""

from sidecar_bridge._serve.collecting import hold

hold()
