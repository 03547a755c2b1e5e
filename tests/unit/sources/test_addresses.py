"""Which addresses are public, whatever way they are written."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from tocsin.sources.addresses import ForbiddenAddressError, is_public, place, resolve_public


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.0.9", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.31.0.1", "192.168.4.4", "169.254.169.254"),
        *("100.64.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:0:7f00:1", "64:ff9b::7f00:1"),
        *("64:ff9b:1::808:808", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "fc00::1", "fd12::1"),
        *("fe80::1", "fe80::1%eth0", "2606:4700::1111%eth0", "fec0::1", "ff02::1", "4000::1", "5f00::1", "100::1"),
    ],
)
def test_everything_else_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("Intranet.Example.", 80, "intranet.example:80"),
        ("::1", 8080, "[::1]:8080"),
        ("[0:0:0:0:0:0:0:1]", 8080, "[::1]:8080"),
        ("2130706433", 80, "2130706433:80"),
        ("fe80::1%25eth0", 80, "[fe80::1%25eth0]:80"),
    ],
)
def test_a_place_has_one_spelling(host: str, port: int, expected: str) -> None:
    assert place(host, port) == expected


def found_at(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Every name stands at these addresses."""

    def look_up(host: Any, port: Any, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, *_, **more: look_up(host, port, **more))


@pytest.mark.parametrize("addresses", [("10.0.0.8",), ("8.8.8.8", "10.0.0.8"), ("8.8.8.8", "::1")])
def test_a_public_name_at_a_private_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    found_at(monkeypatch, *addresses)
    with pytest.raises(ForbiddenAddressError, match=r'news\.example is \S+, .*allow_private: \["news\.example:8900"\]'):
        asyncio.run(resolve_public("news.example", 8900))


def test_the_refusal_of_an_ipv6_address_says_how_to_write_it() -> None:
    with pytest.raises(ForbiddenAddressError, match=r'::1 is no public address .*allow_private: \["\[::1\]:8080"\]'):
        asyncio.run(resolve_public("::1", 8080))


def test_public_names_come_with_all_their_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    found_at(monkeypatch, "8.8.8.8", "1.1.1.1", "8.8.8.8")
    assert asyncio.run(resolve_public("news.example", 443)) == ["8.8.8.8", "1.1.1.1"]
