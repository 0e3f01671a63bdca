"""Where the views of the shop are."""

import os

from django.urls import path

from shop import views

urlpatterns = [
    path("greeting/<name>", views.greeting),
    path("async-greeting/<name>", views.async_greeting),
    path("items/<text>", views.add),
    # Django reads a sync stream under ASGI to its end before it sends anything.
    path("news", views.news if os.environ["SERVED_AS"] == "wsgi" else views.async_news),
    path("tick", views.tick),
    path("wait", views.wait),
    path("report/<how>", views.report),
    path("imported", views.imported),
]
