"""`python -m sidecar_bridge doctor`: what is wrong with an app, and what to do about it.

`finding` is what a check says; `versions`, `setup`, `interpreter`, `grants`, `bindings` and `surroundings` have the
checks, and `command` leads them.
"""
