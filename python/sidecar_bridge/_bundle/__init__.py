"""`python -m sidecar_bridge bundle`: a sidecar that brings its Python.

`order` is what was asked for, `spec` what PyInstaller is told, `check` whether the result starts; `build` leads them.
"""
