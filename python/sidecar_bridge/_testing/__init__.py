"""What `sidecar_bridge.testing` is made of: the socket, the answers and the windows of a fake host."""
