"""What Tauri's commands take and give: a module for each plugin, such as `sidecar_bridge.tauri.dialog`.

The commands themselves are members of a host: `host.dialog.open(filters=[Filter("CSV", ["csv"])])`. Each module is
loaded when it is used.
"""
