"""A sidecar of the standard library alone: what docs/wire.md asks of one, and nothing else."""

import http.client
import json
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from dial import dial


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/die":
            os._exit(9)
        if self.path == "/slow":
            time.sleep(0.3)
        if self.path == "/block":
            blocked.set()
        if self.path == "/unblock":
            blocked.clear()
        status = 404 if self.path == "/nowhere" else 200
        reply = {"method": self.command, "path": self.path, "body": json.loads(body or b"null")}
        data = json.dumps({"detail": "no such thing"} if status == 404 else reply).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: object) -> None:
        pass


blocked = threading.Event()
lease, hello, listener = dial()
words = lease.makefile("rb")
lease.sendall(b"alive\n")
server = ThreadingHTTPServer(("", 0), Handler, bind_and_activate=False)
server.socket = socket.socket(fileno=listener)
threading.Thread(target=server.serve_forever, daemon=True).start()


def beat() -> None:
    while True:
        if not blocked.is_set():
            lease.sendall(b"beat\n")
        time.sleep(hello["beatMs"] / 1000)


if "beatMs" in hello:
    threading.Thread(target=beat, daemon=True).start()

host = http.client.HTTPConnection("localhost")
host.sock = socket.socket(socket.AF_UNIX)
host.sock.connect(hello["host"]["unix"])
announcement = json.dumps({"pid": os.getpid(), "version": sys.argv[1]})
host.request("POST", "/v1/ready", announcement, {"Authorization": f"Bearer {hello['token']}"})
assert host.getresponse().status == 204
for word in words:
    if word == b"stop\n":
        break
    if word == b"probe\n":
        lease.sendall(b"alive\n")
