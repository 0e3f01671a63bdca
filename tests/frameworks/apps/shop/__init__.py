"""A shop in Django: models, signals, sync and async views."""
