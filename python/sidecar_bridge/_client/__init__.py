"""The way to the host: calls, events and windows, blocking and for asyncio.

`async_link` and `link` carry requests and are written by hand, one for each kind of code. What stands on a link is
written once, for asyncio; `python/tools/blocking.py` makes the blocking twin of it.
"""
