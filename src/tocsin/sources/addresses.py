"""Which addresses may be connected to: public ones, checked after the name look-up and before the connection."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ForbiddenAddressError(Exception):
    """The host stands at an address that is not public."""


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, in the resolver's order.

    Raises:
        OSError: the name is not found.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def resolve_public(host: str, port: int) -> list[str]:
    """The addresses of a host, all of them public: one that is not condemns the name.

    Raises:
        ForbiddenAddressError: an address is not public.
        OSError: the name is not found.
    """
    addresses = await resolve(host, port)
    for address in addresses:
        if not is_public(address):
            raise ForbiddenAddressError(f"{host} is {address}, which is no public address")
    return addresses


def is_public(text: str) -> bool:
    """Whether the address belongs to the public internet, also when it is wrapped in an IPv6 one."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in _unwrapped(address))


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
