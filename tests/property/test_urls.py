"""Addresses: one spelling, reached once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.urls import canonical, family, host, host_port, is_web


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "HTTPS://A.Example:443/x/#top"),
        ("https://a.example/", "https://a.example"),
        ("https://a.example./x", "https://a.example/x"),
        ("https://a.example/x?id=3", "https://a.example/x?utm_source=rss&id=3&fbclid=1"),
        ("https://a.example/x", "https://a.example/x/amp"),
        ("https://a.example/x", "https://a.example/x.amp?amp=1"),
        ("https://a.example/%7Ex", "https://a.example/~x"),
        ("https://a.example/%ED%95%9C", "https://a.example/한"),
        ("https://a.example/a%2fb", "https://a.example/a%2Fb"),
        ("https://a.example/x", "https://user:pw@a.example/x"),
    ],
)
def test_spellings_of_one_page_are_one(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x?id=3", "https://a.example/x?id=4"),
        ("https://a.example/x?cid=3", "https://a.example/x"),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
        ("https://a.example/X", "https://a.example/x"),
        ("https://a.example:8443/x", "https://a.example/x"),
        ("https://a.example/#!/one", "https://a.example/#!/two"),
    ],
)
def test_different_pages_stay_different(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@given(st.text(max_size=80) | st.builds("http://{}/{}?{}#{}".format, *[st.text(max_size=15)] * 4))
def test_any_text_has_one_spelling_and_never_fails(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
    host(text), host_port(text), family(text), is_web(text)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://en.wire.example/rss", "wire.example"),
        ("https://www.wire.example/", "wire.example"),
        ("https://en.post.co.kr/rss", "post.co.kr"),
        ("https://world.post.or.jp/", "post.or.jp"),
        ("http://127.0.0.1:8900/feed", "127.0.0.1"),
        ("http://[::1]:80/", "::1"),
        ("https://someone.substack.com/feed", "someone.substack.com"),
        ("http://localhost/x", "localhost"),
        ("nonsense", ""),
    ],
)
def test_family_is_the_publishers_own_domain(url: str, expected: str) -> None:
    assert family(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://A.example/x", "a.example:443"),
        ("http://a.example", "a.example:80"),
        ("http://[::1]:8900/", "[::1]:8900"),
        ("http://a.example:99999/", ""),
        ("file:///etc/passwd", ""),
    ],
)
def test_host_port_is_spelled_out(url: str, expected: str) -> None:
    assert host_port(url) == expected


@given(st.from_regex(r"https?://[a-z]{1,3}\.[a-z]{2}(/[a-zA-Z0-9_.~-]{0,5}){0,3}(/amp|\.AMP|/)?", fullmatch=True))
def test_a_plain_address_is_spelled_as_when_it_is_taken_apart(text: str) -> None:
    assert canonical(text) == canonical(text + "#part")
