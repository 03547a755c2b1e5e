import pytest

from receivers import http_receiver
from servers import Server, silent
from tocsin.alerts.channels.ping import ping

SECRET = "0fd1a2b3-mark"


def test_a_ping_is_a_get_and_any_2xx_is_well():
    with http_receiver(204) as receiver:
        assert ping(f"{receiver.address}/{SECRET}").ok
    (asked,) = receiver.requests
    assert (asked.method, asked.path, asked.body) == ("GET", f"/{SECRET}", b"")


def test_what_fails_once_is_tried_once_more():
    with http_receiver() as receiver:
        receiver.answers = [503]
        assert ping(receiver.address).ok
        assert len(receiver.requests) == 2


@pytest.mark.parametrize(("answer", "detail"), [(500, "HTTP 500"), (404, "HTTP 404"), (302, "HTTP 302")])
def test_a_refusal_is_told_without_the_address(answer, detail):
    with http_receiver(answer) as receiver:
        said = ping(f"{receiver.address}/{SECRET}")
        assert len(receiver.requests) == 2
    assert not said.ok
    assert detail in str(said)
    assert SECRET not in str(said)


def test_nobody_there_is_told_and_no_error():
    with http_receiver() as receiver:
        address = receiver.address
    assert str(ping(f"{address}/{SECRET}")) == "connection refused"


def test_silence_ends_in_time():
    with Server() as server:
        server.routes["/"] = silent
        assert str(ping(server.url("/"), 0.2)) == "no answer in time"


@pytest.mark.parametrize("address", ["http://[::1/x", "https://exa\x00mple.org/", "http://a:b/", "http://\udc80.org/"])
def test_an_address_that_none_can_read_is_no_error_either(address):
    assert str(ping(address)) in {"its address cannot be read", "the receiver's host name is not known"}
