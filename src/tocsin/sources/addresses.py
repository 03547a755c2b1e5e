"""Which addresses may be connected to: public ones, checked after the name look-up and before the connection."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from contextlib import suppress

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
"""All that IANA has given out of IPv6 so far; the rest has old meanings (compatible, site-local) or none."""
_SPECIAL = tuple(
    ipaddress.ip_network(each)
    for each in ("0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4", "2001:db8::/32", "3fff::/20")
)
"""Set aside by IANA, whatever this version of Python knows of them."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ForbiddenAddressError(Exception):
    """The host stands at an address that is not public."""


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, in the resolver's order.

    Raises:
        OSError: the name is not found.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host.rstrip("."), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def resolve_public(host: str, port: int) -> list[str]:
    """The addresses of a host, all of them public: one that is not condemns the name.

    Raises:
        ForbiddenAddressError: an address is not public.
        OSError: the name is not found.
    """
    if "%" in host:  # a zone: the address of a link, which resolvers read in different ways
        raise ForbiddenAddressError(refusal(host, port, host))
    addresses = await resolve(host, port)
    for address in addresses:
        if not is_public(address):
            raise ForbiddenAddressError(refusal(host, port, address))
    return addresses


def refusal(host: str, port: int, address: str) -> str:
    """Why nothing is fetched from there, and what to write if it is meant."""
    where = place(host, port)
    what = f"{host} is no public address" if host == address else f"{host} is {address}, which is no public address"
    return f'{what} — if this source is meant to go there, write allow_private: ["{where}"] beside it'


def is_public(text: str) -> bool:
    """Whether the address belongs to the public internet, also when it is wrapped in an IPv6 one."""
    if "%" in text:  # a zone: of a link, and of no use beyond it
        return False
    return all(_is_plainly_public(each) for each in _unwrapped(ipaddress.ip_address(text)))


def place(host: str, port: int) -> str:
    """`host:port` in one spelling: lower case, no dot at the end, IPv6 short and in brackets."""
    name = host.strip("[]").rstrip(".").lower()
    if ":" not in name:
        return f"{name}:{port}"
    with suppress(ValueError):  # what is no address will not be found
        name = str(ipaddress.IPv6Address(name))
    return f"[{name}]:{port}"


def _is_plainly_public(address: Address) -> bool:
    given_out = address.version == 4 or address in _UNICAST  # noqa: PLR2004 - the name of the protocol
    special = any(address.version == each.version and address in each for each in _SPECIAL)
    return given_out and address.is_global and not address.is_multicast and not special


def _unwrapped(address: Address) -> list[Address]:
    """The address and any IPv4 address inside it (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    inner: list[Address] = [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)] if address in _NAT64 else []
    inner += [address.sixtofour] if address.sixtofour else []
    inner += list(address.teredo or ())
    return [*([] if address in _NAT64 else [address]), *inner]


def literal(host: str) -> str | None:
    """The address that a host's name itself spells, also in the old forms (`2130706433`, `0x7f.1`); None for a name."""
    bare = host.strip("[]")
    try:
        return str(ipaddress.ip_address(bare.partition("%")[0]))
    except ValueError:
        pass
    if not bare or not bare.isascii() or not bare[0].isdigit():
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(bare))
    except OSError:
        return None
