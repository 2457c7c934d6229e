"""Which addresses may be asked at all: schemes, private networks, other hosts."""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class RefusedError(Exception):
    """We don't go there; the message says why and, where there is one, the way to allow it."""


@lru_cache(maxsize=4096)  # asked many times for the same address
def host_port(url: str) -> tuple[str, int]:
    """The host (lower case) and port of a URL. Raises RefusedError when it has none."""
    parts = _split(url)
    return (parts.hostname or "").lower(), parts.port or DEFAULT_PORTS[parts.scheme]


def is_private_literal(host: str) -> bool:
    """Whether `host`, as written, names this machine or a private network."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return _is_private(host)
    except ValueError:
        return False


def check_address(url: str, *, allow_private: bool, resolve: bool = True) -> None:
    """Refuse addresses of this machine or of private networks, unless they are configured.

    Every address the name resolves to is looked at (`resolve=False`: only the name as written,
    for requests that a proxy resolves). Raises RefusedError, or OSError when the name is unknown.
    """
    host, port = host_port(url)
    if allow_private:
        return
    if is_private_literal(host):
        raise RefusedError(_private(host, host))
    if not resolve:
        return
    for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = str(info[4][0])
        if _is_private(address):
            raise RefusedError(_private(host, address))


def check_peer(host: str, address: str) -> None:
    """Refuse the address that `host` was connected to, if it is private. Raises RefusedError."""
    if _is_private(address):
        raise RefusedError(_private(host, address))


def check_redirect(origin: str, target: str, allowed_hosts: tuple[str, ...]) -> None:
    """Refuse redirects that leave the host or TLS. `allowed_hosts` are named in the config."""
    here, there = _split(origin), _split(target)
    if here.scheme == "https" and there.scheme == "http":
        raise RefusedError(f"The redirect to {target} gives up TLS: refused.")
    if host_port(origin) == host_port(target) or there.hostname in allowed_hosts:
        return
    upgrade = (here.scheme, there.scheme) == ("http", "https") and not here.port and not there.port
    if upgrade and here.hostname == there.hostname:
        return
    raise RefusedError(
        f"The redirect leads to another host ({there.netloc}): refused. If that host belongs to "
        "the platform, name it under redirect_hosts in sources.yml."
    )


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise RefusedError(f"{url} is not a usable address: {error}.") from error
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise RefusedError(f"{url} is not an http or https address: refused.")
    return parts


def _is_private(address: str) -> bool:
    found = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(found, ipaddress.IPv6Address):
        found = _inner_ipv4(found) or found
    return not found.is_global or found.is_multicast


def _inner_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads on to, if it is of a kind that does."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _private(host: str, address: str) -> str:
    where = host if host == address else f"{host} ({address})"
    return (
        f"{where} is on this machine or in a private network: refused. For a replica, set "
        "allow_private_hosts: true for the source in sources.yml."
    )
