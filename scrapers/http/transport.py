"""The wire: connections that are vetted before a byte is sent, and that no drip keeps open."""

from __future__ import annotations

import http.client
import io
import math
import socket
from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from scrapers.http.address import check_peer


class Deadline:
    """How long one response may take in all: status, headers and body. Times in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._end = math.inf
        self.seconds = math.inf

    def start(self, seconds: float) -> None:
        """The time of the next response begins now."""
        self.seconds = seconds
        self._end = self._monotonic() + seconds

    def stop(self) -> None:
        """No response is being read."""
        self._end = math.inf

    @property
    def left(self) -> float:
        """What is left; 0 or less when the time is up."""
        return self._end - self._monotonic()


class Guard:
    """What a source's connections keep to; `deadline` is started anew for every request."""

    def __init__(self, monotonic: Callable[[], float], *, allow_private: bool) -> None:
        self.deadline = Deadline(monotonic)
        self.allow_private = allow_private


class _Bounded(io.RawIOBase):
    """A socket's incoming bytes, until the deadline.

    A timeout on the socket alone bounds only the silence between two bytes: a server that sends a
    byte a second would never meet it.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline
        self._patience = sock.gettimeout()
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.left
        if left <= 0:
            raise TimeoutError("the time for the whole response is up")
        self._sock.settimeout(left if self._patience is None else min(left, self._patience))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def guarded_session(guard: Guard) -> requests.Session:
    """A session that uses nothing of its surroundings and keeps to `guard`."""
    session = requests.Session()
    session.trust_env = False  # no netrc: we never log in with what lies about
    session.headers.clear()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _GuardedAdapter(guard))
    return session


class _GuardedAdapter(HTTPAdapter):
    """Makes its connections with `guard`, those through a proxy included."""

    def __init__(self, guard: Guard) -> None:
        self._pools = _guarded_pools(guard)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):  # whose connections are of another kind
            manager.pool_classes_by_scheme = self._pools
        return manager


def _guarded_pools(guard: Guard) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3 makes connections by class, so the guard is bound to classes of its own."""

    class BoundedResponse(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            self.fp.close()
            self.fp = io.BufferedReader(_Bounded(sock, guard.deadline))

    class PlainConnection(HTTPConnection):
        response_class = BoundedResponse

        def _new_conn(self) -> socket.socket:
            return _vetted(self, super()._new_conn(), guard)

    class TlsConnection(HTTPSConnection):
        response_class = BoundedResponse

        def _new_conn(self) -> socket.socket:
            return _vetted(self, super()._new_conn(), guard)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    return {"http": PlainPool, "https": TlsPool}


def _vetted(connection: HTTPConnection, sock: socket.socket, guard: Guard) -> socket.socket:
    """The socket, if it leads where it may.

    A name that was public when it was looked up can lead to this machine a moment later (DNS
    rebinding): only the address that was connected to counts. What a proxy connects to is its own
    business.
    """
    if connection.proxy is None and not guard.allow_private:
        try:
            check_peer(connection.host, str(sock.getpeername()[0]))
        except Exception:
            sock.close()
            raise
    return sock
