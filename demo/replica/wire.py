"""How an answer's bytes reach the visitor: whole, or broken in one of the ways wires break.

Nothing here sleeps longer than it takes the visitor to hang up, and everything is bounded in bytes.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Protocol


@dataclass(frozen=True)
class Line:
    """The connection to one visitor. `stopping` is set when the server goes down."""

    sock: socket.socket
    out: BufferedIOBase
    stopping: threading.Event

    def send(self, data: bytes) -> None:
        """Send now."""
        self.out.write(data)
        self.out.flush()

    def is_over(self, pause: float) -> bool:
        """Wait up to `pause` seconds; whether the visitor hung up or the server stops."""
        if self.stopping.is_set():
            return True
        readable, _, _ = select.select([self.sock], [], [], pause)
        return bool(readable) and not self.sock.recv(1, socket.MSG_PEEK)


class Delivery(Protocol):
    """A way to send an answer."""

    @property
    def keeps_open(self) -> bool:
        """Whether the connection can be used for another request afterwards."""

    @property
    def is_measured(self) -> bool:
        """Whether the head carries a Content-Length."""

    def send(self, line: Line, head: bytes, body: bytes) -> None:
        """Send the head (without its closing empty line) and the body."""


@dataclass(frozen=True)
class Whole:
    """Everything, at once."""

    keeps_open: bool = True
    is_measured: bool = True

    def send(self, line: Line, head: bytes, body: bytes) -> None:
        """See Delivery."""
        line.send(head + b"\r\n" + body)


WHOLE = Whole()


@dataclass(frozen=True)
class Cut:
    """Promises the whole body and hangs up after `at` bytes; `reset` hangs up rudely (TCP RST)."""

    at: int
    reset: bool = False
    keeps_open: bool = False
    is_measured: bool = True

    def send(self, line: Line, head: bytes, body: bytes) -> None:
        """See Delivery."""
        line.send(head + b"\r\n" + body[: self.at])
        if self.reset:
            linger = struct.pack("ii", 1, 0)  # on, for 0 seconds: closing sends RST, not FIN
            line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            os.close(line.sock.detach())


@dataclass(frozen=True)
class Drip:
    """Sends the body by `size` bytes, every `pause` seconds, until the visitor hangs up."""

    size: int = 1
    pause: float = 0.0
    keeps_open: bool = False
    is_measured: bool = True

    def send(self, line: Line, head: bytes, body: bytes) -> None:
        """See Delivery."""
        line.send(head + b"\r\n")
        for start in range(0, len(body), self.size):
            if line.is_over(self.pause):
                return
            line.send(body[start : start + self.size])


@dataclass(frozen=True)
class Endless:
    """Sends the body again and again without a length, `limit` bytes at most."""

    limit: int = 50_000_000
    keeps_open: bool = False
    is_measured: bool = False

    def send(self, line: Line, head: bytes, body: bytes) -> None:
        """See Delivery."""
        line.send(head + b"\r\n")
        for part in self._parts(body or b" "):
            if line.is_over(0):
                return
            line.send(part)

    def _parts(self, body: bytes) -> Iterator[bytes]:
        part = body * (65_536 // len(body) + 1)
        for start in range(0, self.limit, len(part)):
            yield part[: self.limit - start]


@dataclass(frozen=True)
class HeaderDrip:
    """Never comes to the body: a header that grows by a byte every `pause` seconds.

    Ends with the connection after `limit` bytes.
    """

    limit: int = 60_000
    pause: float = 0.002
    keeps_open: bool = False
    is_measured: bool = True

    def send(self, line: Line, head: bytes, body: bytes) -> None:
        """See Delivery."""
        line.send(head + b"X-Padding: ")
        for _ in range(self.limit):
            if line.is_over(self.pause):
                return
            line.send(b"a")
