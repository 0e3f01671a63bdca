# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's app."""

from __future__ import annotations

from enum import Enum


class BundleType(Enum):
    """Bundle type of the current application."""

    NSIS = "nsis"
    """Window NSIS."""
    MSI = "msi"
    """Window MSI."""
    DEB = "deb"
    """Linux Debian package."""
    RPM = "rpm"
    """Linux RPM."""
    APP_IMAGE = "appimage"
    """Linux AppImage."""
    APP = "app"
    """macOS app bundle."""
