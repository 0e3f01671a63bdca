"""The shop, served as Django's ASGI app or as its WSGI app."""

from __future__ import annotations

import os
from threading import Event, Thread
from typing import Any

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from sidecar_bridge import get_host, serve


def django() -> Any:
    os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
    app = get_asgi_application() if os.environ["SERVED_AS"] == "asgi" else WSGIMiddleware(get_wsgi_application())
    call_command("migrate", run_syncdb=True, verbosity=0)
    return app


def tick(ended: Event) -> None:
    while not ended.wait(0.2):
        get_host().emit("tick", {"by": "django"})


if __name__ == "__main__":
    ended = Event()
    app = django()
    scheduler = Thread(target=tick, args=[ended])
    scheduler.start()
    try:
        serve(app, log_level="warning")
    finally:
        ended.set()
