"""The sidecar itself: the lease that the host gives, and the server of the ASGI app."""
