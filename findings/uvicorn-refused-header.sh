#!/bin/sh
# An ASGI app answers with a header that HTTP forbids, such as a name with a blank. One expects what any other mistake of an app
# brings: a line in the log, and status 500 for the client.
#
# uvicorn raises "Invalid HTTP header name." into the app, and writes it to the log. But it has noted before its check that the
# answer has begun. So it takes the answer for one that broke in the middle, and closes the connection without a byte: the client
# cannot tell a mistake in a header from a server that has died, and a client that sends a GET again carries it out again. An app
# that raises by itself before its head gets its 500, with the same protocol class.
#
# Who wraps an app can check the head before uvicorn sees it, or catch the error of `send` and answer in its place.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder"

python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check uvicorn==0.54.0 httptools==0.9.0

cat >ask.py <<'end'
import asyncio
import logging

import uvicorn

logging.disable(logging.CRITICAL)


async def app(scope, receive, send):
    if scope["path"] == "/raises":
        raise RuntimeError("a mistake of the app")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"two words", b"1")]})
    await send({"type": "http.response.body", "body": b""})


async def ask(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer.split(b"\r\n")[0].decode() or "nothing"


async def main():
    server = uvicorn.Server(uvicorn.Config(app, port=0, http="httptools", lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    print("raises:", await ask(port, "/raises"))
    print("refused header:", await ask(port, "/refused"))
    server.should_exit = True
    await serving


asyncio.run(asyncio.wait_for(main(), 30))
end
echo 'uvicorn 0.54.0, httptools 0.9.0'
seen=$(timeout 60 venv/bin/python ask.py)
printf '%s\n' "$seen"
# Seen on 29 Nov 2026 with uvicorn 0.54.0, httptools 0.9.0, Python 3.11.7.
expected='raises: HTTP/1.1 500 Internal Server Error
refused header: nothing'
[ "$seen" = "$expected" ] || { echo 'this has changed' >&2 && exit 1; }
