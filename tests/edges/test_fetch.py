"""Fetching from a real server on loopback that misbehaves in every way we know of."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from servers import Server, broken_off, conditional, drip, endless, redirect, reply, silent
from tocsin.model import FetchReason
from tocsin.sources.fetch import Answer, Failed, Fetched, Fetcher, Limits, NotModified

FEED = "<rss version='2.0'><channel><title>Harbour Post</title></channel></rss>"
QUICK = Limits(connect=5, read=5, total=20, body=100_000, near=2)
IMPATIENT = Limits(connect=0.3, read=0.3, total=0.4, body=100_000)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def fetch(url: str, *, limits: Limits = QUICK, **more: Any) -> Answer:
    async def once() -> Answer:
        async with Fetcher(limits) as fetcher:
            return await fetcher.get(url, **more)

    return asyncio.run(once())


def get(server: Server, path: str, *, limits: Limits = QUICK, **more: Any) -> Answer:
    return fetch(server.url(path), limits=limits, **({"allow": {server.place}} | more))


def self_signed(folder: Path, *, host: str = "127.0.0.1", until: timedelta = timedelta(days=1)) -> ssl.SSLContext:
    """A server's context with a certificate of its own, which `own.pem` lets a client trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    end = datetime.now(UTC) + until
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, end - timedelta(days=9), end)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    file = folder / "own.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def reason(answer: Answer) -> FetchReason:
    assert isinstance(answer, Failed), answer
    assert answer.detail
    return answer.reason


def detail(answer: Answer) -> str:
    return answer.detail if isinstance(answer, Failed) else ""


def test_a_body_comes_with_its_validators(server: Server) -> None:
    server.routes["/"] = reply(
        FEED, content_type="application/rss+xml", etag='"a1"', last_modified="Mon, 01 Jan 2024 00:00:00 GMT"
    )
    answer = get(server, "/")
    assert isinstance(answer, Fetched)
    assert (answer.body.decode(), answer.etag, answer.content_type) == (FEED, '"a1"', "application/rss+xml")


def test_the_user_agent_says_who_we_are(server: Server) -> None:
    server.routes["/"] = reply(FEED)
    get(server, "/")
    assert server.requests[0].headers["user-agent"].startswith("tocsin/")


@pytest.mark.parametrize("validator", ["etag", "last_modified"])
def test_an_unchanged_body_is_not_sent_again(server: Server, validator: str) -> None:
    value = {"etag": '"a1"', "last_modified": "Mon, 01 Jan 2024 00:00:00 GMT"}[validator]
    server.routes["/"] = conditional(FEED, **{validator: value})
    assert isinstance(get(server, "/"), Fetched)
    assert isinstance(get(server, "/", **{validator: value}), NotModified)


def test_304_without_being_asked_is_a_failure(server: Server) -> None:
    server.routes["/"] = reply(b"", status="304 Not Modified")
    assert reason(get(server, "/")) is FetchReason.HTTP_STATUS


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),  # raw, as some servers send it
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
        ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
        ("identity", bytes),
    ],
)
def test_compressed_bodies_are_read(server: Server, encoding: str, encode: Any) -> None:
    server.routes["/"] = reply(encode(FEED.encode()), content_encoding=encoding)
    answer = get(server, "/")
    assert isinstance(answer, Fetched)
    assert answer.body.decode() == FEED


def test_a_gzip_bomb_is_stopped_at_the_limit(server: Server) -> None:
    server.routes["/"] = reply(gzip.compress(bytes(50_000_000)), content_encoding="gzip")
    assert reason(get(server, "/")) is FetchReason.TOO_LARGE


def test_a_huge_body_is_stopped_at_the_limit(server: Server) -> None:
    server.routes["/"] = reply(b"x" * 1_000_000)
    assert reason(get(server, "/")) is FetchReason.TOO_LARGE


def test_an_endless_body_is_stopped_at_the_limit(server: Server) -> None:
    server.routes["/"] = endless
    assert reason(get(server, "/")) is FetchReason.TOO_LARGE


@pytest.mark.parametrize("body", [b"\x1f\x8bnot gzip at all", gzip.compress(FEED.encode(), mtime=0)[:-12]])
def test_a_body_that_is_not_what_it_says_is_undecodable(server: Server, body: bytes) -> None:
    server.routes["/"] = reply(body, content_encoding="gzip")
    assert reason(get(server, "/")) is FetchReason.UNDECODABLE


def test_an_encoding_we_did_not_ask_for_is_undecodable(server: Server) -> None:
    server.routes["/"] = reply(b"??", content_encoding="compress")
    assert reason(get(server, "/")) is FetchReason.UNDECODABLE


def test_monstrous_headers_are_refused(server: Server) -> None:
    server.routes["/"] = reply(FEED, x_padding="y" * 80_000)
    assert reason(get(server, "/")) is FetchReason.TOO_LARGE


@pytest.mark.parametrize("path", ["/drip", "/silent"])
def test_a_slow_server_costs_no_more_than_the_time_limit(server: Server, path: str) -> None:
    server.routes |= {"/drip": drip, "/silent": silent}
    assert reason(get(server, path, limits=IMPATIENT)) is FetchReason.TIMEOUT


def test_a_reset_in_the_body_is_a_broken_connection(server: Server) -> None:
    server.routes["/"] = broken_off(b"<rss>", 10_000)
    assert reason(get(server, "/")) is FetchReason.CONNECTION


def test_a_body_shorter_than_promised_is_a_broken_connection(server: Server) -> None:
    server.routes["/"] = reply(b"<rss>", content_length="9999")
    assert reason(get(server, "/")) is FetchReason.CONNECTION


def test_bytes_that_are_no_http_are_a_broken_connection(server: Server) -> None:
    server.routes["/"] = lambda exchange: exchange.send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    assert reason(get(server, "/")) is FetchReason.CONNECTION


def test_redirects_are_followed_to_where_the_body_is(server: Server) -> None:
    server.routes |= {
        "/a": redirect("/b", "301 Moved Permanently"),
        "/b": redirect(server.url("/c"), "308 Permanent Redirect"),
    }
    server.routes["/c"] = reply(FEED)
    answer = get(server, "/a")
    assert isinstance(answer, Fetched)
    assert answer.url == server.url("/c")


def test_a_redirect_loop_ends(server: Server) -> None:
    server.routes |= {"/a": redirect("/b"), "/b": redirect("/a")}
    assert reason(get(server, "/a")) is FetchReason.REDIRECTS


def test_a_long_redirect_chain_ends(server: Server) -> None:
    server.routes |= {f"/{n}": redirect(f"/{n + 1}") for n in range(50)}
    assert reason(get(server, "/0")) is FetchReason.REDIRECTS
    assert len(server.requests) == QUICK.redirects + 1


@pytest.mark.parametrize(
    "scheme", ["file:///etc/passwd", "ftp://example.org/", "javascript:alert(1)", "data:text/xml,x", "gopher://x/"]
)
def test_only_http_is_followed(server: Server, scheme: str) -> None:
    server.routes["/"] = redirect(scheme)
    assert reason(get(server, "/")) is FetchReason.FORBIDDEN_SCHEME


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "localhost",
            "2130706433",
            "0x7f.1",
            "0.0.0.0",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "017700000001",
            "127.1",
            "LOCALHOST",
            "localhost.",
            "[0:0:0:0:0:0:0:1]",
            "[::127.0.0.1]",
            "[::1%25lo]",
        ),
        *(
            "169.254.169.254",
            "10.0.0.1",
            "192.168.0.1",
            "172.16.0.1",
            "100.64.0.1",
            "[fe80::1]",
            "[fd00::1]",
            "224.0.0.1",
        ),
        *("[64:ff9b::7f00:1]", "[2002:7f00:1::]"),
    ],
)
def test_private_addresses_are_refused(server: Server, host: str) -> None:
    answer = fetch(f"http://{host}:{server.port}/")
    assert reason(answer) is FetchReason.FORBIDDEN_ADDRESS
    assert "write allow_private: [" in detail(answer)
    assert server.requests == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "127.1", "[::ffff:127.0.0.1]", "localhost"])
def test_an_allowed_place_under_another_name_is_refused(server: Server, host: str) -> None:
    server.routes["/"] = redirect(f"http://{host}:{server.port}/secret")
    assert reason(get(server, "/")) is FetchReason.FORBIDDEN_ADDRESS
    assert server.asked("/secret") == []


@pytest.mark.parametrize("port", ["80", "443", "8080"])
def test_another_port_of_an_allowed_host_is_refused(server: Server, port: str) -> None:
    server.routes["/"] = redirect(f"http{'s' * (port == '443')}://127.0.0.1:{port}/")
    assert reason(get(server, "/")) is FetchReason.FORBIDDEN_ADDRESS


@pytest.mark.parametrize("written", ["LocalHost:{}", "localhost.:{}", "localhost:{}"])
def test_a_place_is_allowed_in_any_case(server: Server, written: str) -> None:
    server.routes["/"] = reply(FEED)
    url = f"http://LOCALHOST:{server.port}/"
    assert isinstance(fetch(url, allow={written.format(server.port)}), Fetched)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1/", "127.0.0.1:80"),
        ("https://127.0.0.1/", "127.0.0.1:443"),
        ("http://[::1]:9/", "[::1]:9"),
        ("http://[0:0::1]:9/", "[::1]:9"),
    ],
)
def test_default_ports_and_brackets_are_understood(url: str, allowed: str) -> None:
    """Nobody listens there: what counts is that it is tried."""
    assert reason(fetch(url, allow={allowed})) is not FetchReason.FORBIDDEN_ADDRESS
    assert reason(fetch(url)) is FetchReason.FORBIDDEN_ADDRESS


@pytest.mark.parametrize("url", ["http://{}\\@10.0.0.1/", "http://{}@10.0.0.1/", "http://{}#@10.0.0.1/"])
def test_an_address_that_readers_read_differently_opens_nothing(server: Server, url: str) -> None:
    answer = fetch(url.format(server.place), allow={server.place})
    assert reason(answer) in {FetchReason.FORBIDDEN_ADDRESS, FetchReason.HTTP_STATUS}
    assert "10.0.0.1" in detail(answer) or server.asked("/")


def test_a_name_is_looked_up_once_and_connected_to_where_it_was_found(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers otherwise the second time (rebinding) gains nothing."""
    answers = iter(["192.0.2.1", "127.0.0.1"])
    asked = []

    def look_up(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert reason(fetch(f"http://news.example:{server.port}/")) is FetchReason.FORBIDDEN_ADDRESS
    assert (len(asked), server.requests) == (1, [])


def test_a_redirect_to_another_private_address_is_refused(server: Server) -> None:
    with Server() as inner:
        inner.routes["/secret"] = reply("secret")
        server.routes["/"] = redirect(inner.url("/secret"))
        assert reason(get(server, "/")) is FetchReason.FORBIDDEN_ADDRESS
        assert inner.requests == []


def test_an_allowed_address_does_not_open_it_to_others(server: Server) -> None:
    """The connection that was kept open for one source may not serve another one, which is not trusted there."""
    server.routes["/"] = reply(FEED)

    async def both() -> tuple[Answer, Answer]:
        async with Fetcher(QUICK) as fetcher:
            return await fetcher.get(server.url(), allow={server.place}), await fetcher.get(server.url())

    first, second = asyncio.run(both())
    assert isinstance(first, Fetched)
    assert reason(second) is FetchReason.FORBIDDEN_ADDRESS


def test_a_sources_own_headers_do_not_follow_a_redirect_elsewhere(server: Server) -> None:
    with Server() as other:
        other.routes["/"] = reply(FEED)
        server.routes["/"] = redirect(other.url())
        get(server, "/", headers={"Authorization": "Bearer s3cret"}, allow={server.place, other.place})
        assert server.requests[0].headers["authorization"] == "Bearer s3cret"
        assert "authorization" not in other.requests[0].headers


def test_cookies_are_not_kept(server: Server) -> None:
    server.routes["/"] = reply(FEED, set_cookie="id=1; Path=/")

    async def twice() -> None:
        async with Fetcher(QUICK) as fetcher:
            for _ in range(2):
                await fetcher.get(server.url(), allow={server.place})

    asyncio.run(twice())
    assert all("cookie" not in request.headers for request in server.requests)


@pytest.mark.parametrize(("status", "code"), [("404 Not Found", 404), ("403 Forbidden", 403), ("500 Oops", 500)])
def test_an_error_answer_names_its_status(server: Server, status: str, code: int) -> None:
    server.routes["/"] = reply("no", status=status)
    answer = get(server, "/")
    assert reason(answer) is FetchReason.HTTP_STATUS
    assert isinstance(answer, Failed)
    assert answer.status == code
    assert str(code) in answer.detail


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("Mon, 01 Jan 2024 00:10:00 GMT", 600.0), ("soon", None), ("99999999999999999999", 604800.0)],
)
def test_retry_after_is_read_in_both_forms(server: Server, header: str, seconds: float | None) -> None:
    server.routes["/"] = reply(
        "", status="429 Too Many Requests", retry_after=header, date="Mon, 01 Jan 2024 00:00:00 GMT"
    )
    answer = get(server, "/")
    assert isinstance(answer, Failed)
    assert answer.retry_after == seconds


def test_an_empty_answer_is_a_failure(server: Server) -> None:
    server.routes["/"] = reply(b" \n ")
    assert reason(get(server, "/")) is FetchReason.EMPTY


def test_a_closed_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert reason(fetch(f"http://127.0.0.1:{port}/", allow={f"127.0.0.1:{port}"})) is FetchReason.REFUSED


def test_a_name_that_does_not_exist_is_told_so() -> None:
    assert reason(fetch("http://no-such-host.invalid/feed")) is FetchReason.DNS


def test_a_server_without_tls_is_a_tls_error(server: Server) -> None:
    server.routes["/"] = reply(FEED)
    answer = fetch(server.url().replace("http:", "https:"), allow={server.place})
    assert reason(answer) is FetchReason.TLS


def test_a_certificate_of_nobody_we_know_is_refused(tmp_path: Path) -> None:
    with Server(tls=self_signed(tmp_path)) as server:
        server.routes["/"] = reply(FEED)
        assert reason(get(server, "/")) is FetchReason.TLS
        assert server.requests == []


@pytest.mark.parametrize(
    ("host", "days", "expected"), [("127.0.0.1", 1, None), ("127.0.0.1", -1, "expired"), ("127.0.0.2", 1, "mismatch")]
)
def test_a_certificate_must_be_of_that_host_and_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, days: int, expected: str | None
) -> None:
    """Who signed it is trusted here, so that nothing else is wrong with it."""
    with Server(tls=self_signed(tmp_path, host=host, until=timedelta(days=days))) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
        server.routes["/"] = reply(FEED)
        answer = get(server, "/")
        assert expected or isinstance(answer, Fetched)
        assert not expected or reason(answer) is FetchReason.TLS
        assert not expected or expected in detail(answer)
        assert len(server.requests) == (0 if expected else 1)


@pytest.mark.parametrize(
    "url", ["http://", "http:///x", "http://a b/", "http://[::1/", "http://x:99999/", "", "http://\u2028/"]
)
def test_addresses_that_make_no_sense_are_failures_not_errors(url: str) -> None:
    assert isinstance(fetch(url), Failed)


def test_no_message_holds_a_password(server: Server) -> None:
    server.routes["/"] = redirect("/")
    answer = fetch(f"http://user:s3cret@127.0.0.1:{server.port}/", allow={server.place})
    assert isinstance(answer, Failed)
    assert "s3cret" not in answer.detail


def test_a_host_is_not_asked_by_more_than_a_few_at_a_time(server: Server) -> None:
    running, most = [0], [0]

    def counted(exchange: Any) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        exchange.stopping.wait(0.02)
        running[0] -= 1
        reply(FEED)(exchange)

    server.routes["/"] = counted

    async def many() -> None:
        async with Fetcher(QUICK) as fetcher:
            await asyncio.gather(*(fetcher.get(server.url(), allow={server.place}) for _ in range(8)))

    asyncio.run(many())
    assert len(server.requests) == 8
    assert most[0] <= QUICK.near


def test_the_limit_of_a_public_host_is_not_that_of_our_own_network() -> None:
    limits = Limits(per_host=1, near=5)

    async def places(host: str) -> bool:
        async with Fetcher(limits) as fetcher, fetcher._turn(host) as turn:
            return turn.places.locked()

    assert asyncio.run(places("post.example:443"))
    assert asyncio.run(places("203.0.114.9:443"))
    assert not asyncio.run(places("127.0.0.1:8900"))
    assert not asyncio.run(places("[fd00::1]:80"))
