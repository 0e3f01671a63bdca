"""What the shop keeps, and whom it tells."""

from __future__ import annotations

from django.db import models, transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from sidecar_bridge import get_host


class Order(models.Model):
    """An order of a customer."""

    text = models.CharField(max_length=100)


@receiver(post_save, sender=Order)
def tell_the_app(instance: Order, **_more: object) -> None:
    """Tell the app once the order is really there."""
    transaction.on_commit(lambda: get_host().emit("item-added", {"text": instance.text}))
