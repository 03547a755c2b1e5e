"""The pages of a running `tocsin pages`: a real server in a process of its own, a real client."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from receivers import http_receiver

SOURCES = "sources:\n  - {id: wire, kind: files, path: inbox, alert_on_first: true}\n"
RULES = """
id: flood
title: Flood
severity: high
when: {words: flood}
tests: [{event: A flood came.}, {none: It rained.}]
"""
CHANNELS = 'channels:\n  - {id: desk, kind: webhook, url: "${DESK}"}\n'
ARTICLE = "Flood in the vale\n\nA <b>flood</b> came down the vale on Sunday & took the bridge."


def environment(**more):
    return {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")} | more


def tocsin(root, *arguments, **more):
    command = [sys.executable, "-m", "tocsin", *arguments]
    return subprocess.run(
        command, cwd=root, env=environment(**more), capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    root = tmp_path_factory.mktemp("desk")
    for name, text in {
        "sources/s.yaml": SOURCES,
        "rules/r.yaml": RULES,
        "rules/channels.yaml": CHANNELS,
        "inbox/000_00000000000000a1.txt": ARTICLE,
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


@pytest.fixture(scope="module")
def process(desk):
    command = [sys.executable, "-m", "tocsin", "pages", "--port", "0"]
    with subprocess.Popen(
        command, cwd=desk, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        yield child
        child.kill()


@pytest.fixture(scope="module")
def address(process):
    said = re.search(r"pages at (http://127\.0\.0\.1:\d+) ", process.stdout.readline())
    assert said, process.stderr.read()
    return said[1]


@pytest.fixture(scope="module")
def before(address):
    """What is said before there is a store."""
    return {path: httpx.get(address + path) for path in ("/healthz", "/metrics", "/alerts.atom", "/alerts.json")}


@pytest.fixture(scope="module")
def passed(desk, address, before):
    """What the metrics were after one pass that told of one alert and pinged: other tests make more passes."""
    with http_receiver() as receiver:
        done = tocsin(desk, "run", DESK=f"{receiver.address}/hook", TOCSIN_PING_URL=f"{receiver.address}/ping")
        assert done.returncode == 0, done.stdout + done.stderr
        assert [request.path for request in receiver.requests] == ["/hook", "/ping"]
    return metrics(address)


def metrics(address):
    families = text_string_to_metric_families(httpx.get(f"{address}/metrics").text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_before_the_first_pass_health_says_why_not_and_nothing_breaks(before):
    assert {path: answer.status_code for path, answer in before.items()} == {
        "/healthz": 503,
        "/metrics": 200,
        "/alerts.atom": 503,
        "/alerts.json": 503,
    }
    assert "there is no database yet" in before["/healthz"].json()["reasons"][0]
    assert "tocsin_store_up 0.0" in before["/metrics"].text


def test_after_a_pass_it_is_healthy(address, passed):
    answer = httpx.get(f"{address}/healthz")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["ok"], told["reasons"], told["ailments"]) == (True, [], [])
    assert 0 <= told["lag"] < 600


def test_the_metrics_say_what_the_pass_did(address, passed):
    values = passed
    assert values["tocsin_ticks_total", ()] == 1
    assert values["tocsin_articles_total", ()] == 1
    assert values["tocsin_alerts_total", (("severity", "high"),)] == 1
    assert values["tocsin_deliveries_total", (("channel", "desk"), ("outcome", "sent"))] == 1
    assert values["tocsin_pings_total", (("outcome", "ok"),)] == 1
    assert values["tocsin_sources", (("state", "ok"),)] == 1
    assert httpx.get(f"{address}/metrics").headers["content-type"].startswith("text/plain; version=0.0.4")


def test_the_alerts_can_be_read_in_three_forms(address, passed):
    (item,) = httpx.get(f"{address}/alerts.json").json()["items"]
    atom = ET.fromstring(httpx.get(f"{address}/alerts.atom").content)
    assert atom.find("{*}entry/{*}id").text == item["id"]
    alert = item["id"].rpartition(":")[2]
    cap = httpx.get(f"{address}/alerts/{alert}.cap")
    assert cap.headers["content-type"].startswith("application/cap+xml")
    assert ET.fromstring(cap.content).find("{*}identifier").text == f"tocsin.{alert}"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/alerts/0123456789abcdef.cap", 404),
        ("/alerts/..%2f..%2fetc.cap", 404),
        ("/alerts/x' OR 1=1.cap", 422),
        ("/", 404),
        ("/docs", 404),
        ("/openapi.json", 404),
    ],
)
def test_there_is_nothing_else_to_be_had(address, passed, path, status):
    assert httpx.get(address + path).status_code == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_the_pages_can_only_be_read(address, method):
    assert httpx.request(method, f"{address}/healthz").status_code == 405
    assert httpx.head(f"{address}/metrics").content == b""


def test_every_answer_forbids_browsers_what_they_need_not_do(address):
    for path in ("/metrics", "/nowhere"):
        headers = httpx.get(address + path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_a_web_page_cannot_reach_them_by_a_name_of_its_own(address):
    assert httpx.get(f"{address}/alerts.json", headers={"Host": "evil.example"}).status_code == 400


def test_many_can_ask_at_once_while_passes_are_made(desk, address, passed):
    with ThreadPoolExecutor(9) as pool:
        made = pool.submit(tocsin, desk, "run", "--all")
        answers = list(pool.map(lambda _: httpx.get(f"{address}/metrics", timeout=60).status_code, range(40)))
        assert made.result().returncode == 0, made.result().stderr
    assert set(answers) == {200}


def test_a_database_that_can_never_work_is_refused_and_not_waited_for(desk):
    done = tocsin(desk, "pages", "--port", "0", TOCSIN_DATABASE_URL="mysql://127.0.0.1/x")
    assert done.returncode == 1
    assert "mysql databases are not supported — write sqlite:" in done.stderr


def test_a_port_that_is_taken_is_a_sentence(desk):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = tocsin(desk, "pages", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "already in use — choose another --host or --port" in done.stderr
    assert "Traceback" not in done.stderr


def test_they_stop_when_told_and_leave_the_log_in_the_form_asked_for(desk):
    command = [sys.executable, "-m", "tocsin", "pages", "--port", "0", "--log", "json"]
    with subprocess.Popen(
        command, cwd=desk, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert "pages at" in child.stdout.readline()
        child.send_signal(signal.SIGTERM)
        _, errors = child.communicate(timeout=60)
    assert [json.loads(line) for line in errors.splitlines()] == []
    assert child.returncode in {0, -signal.SIGTERM}
