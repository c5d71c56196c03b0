"""The web server (waitress) as the application and the floor of `make bench` are served by it."""
import ctypes
import gc
import sys
from contextlib import suppress
from logging import getLogger

from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

# Browsers keep connections open: with waitress's limit of 100 the next one would wait until somebody's ends.
SETTINGS = {"threads": 2, "ident": None, "clear_untrusted_proxy_headers": True, "connection_limit": 1000,
            "asyncore_use_poll": True}
M_ARENA_MAX = -8  # of malloc.h


class Channel(HTTPChannel):
    """A connection that the loop leaves alone while a thread writes to it.

    Waitress's own is said to wait for writing meanwhile, so the loop asks without pause what it cannot have and keeps
    Python's lock from the thread that can: with 200 connections a request took 9 ms of CPU and takes 3. A thread that
    leaves something unwritten wakes the loop itself.
    """

    def writable(self):
        if not super().writable() or not self.outbuf_lock.acquire(False):
            return False
        self.outbuf_lock.release()
        return True


BaseWSGIServer.channel_class = Channel


def listen(wsgi, host: str, port: int, proxies: int = 0):
    """A server that has taken its port; `run()` serves until a SystemExit. OSError where the port is not to be had."""
    getLogger("waitress.queue").setLevel("ERROR")  # it warns of each request that waits for another one
    return create_server(wsgi, host=host, port=port, **SETTINGS, **_behind(proxies))


def _behind(proxies: int) -> dict:
    """How the server finds out who asks where proxies stand before it: else everybody would be one address."""
    return {"trusted_proxy": "127.0.0.1", "trusted_proxy_count": proxies,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}} if proxies else {}


def settle() -> None:
    """Of a server before its first request. What was loaded stays for good, so the garbage collector need not look
    through it (80 ms in the midst of a request); a thread hands over sooner than after 5 ms, or the one that reads and
    writes the sockets waits so long for each of the others; and threads share what one of them has freed (glibc)."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(0.001)
