"""`python -m sidecar_bridge init`: the bridge in an app that is there.

`edits` has what changes, `rust` where the plugin is registered, `sidecars` which Python is there, `python_project` what
it requires, `ignored` what git leaves out, `former` what an earlier way to a sidecar leaves; `writing` writes all
or nothing, and `command` leads them.
"""
