"""Outgoing HTTP calls of our own channels: one request, one answer, every failure a value.

Apart from `sources/fetch`: that one reads what strangers publish and refuses private addresses; this one carries
secrets to addresses that the operator chose. It follows no redirect (a POST would become an empty GET, or carry the
secret elsewhere), keeps no connection open, and reads no more of an answer than a receipt needs.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpx

from tocsin.alerts.channels import failures
from tocsin.model import SendResult

TIMEOUT_SECONDS = 15.0
"""For connecting and for each read, unless the address says otherwise."""

_LONGEST_CALL = 4  # times the time-out: an answer that drips ends then
_ENOUGH = 65536  # bytes of an answer
_OK = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A 2xx answer; `data` is its JSON object, empty when it is none."""

    status: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Any other answer, for the services that explain themselves in the body."""

    status: int
    data: Mapping[str, Any]
    retry_after: float | None
    """Seconds the receiver asked us to wait, by its header or its body."""

    def result(self, reason: str = "") -> SendResult:
        """As an outcome; `reason` must be free of secrets."""
        return failures.http(self.status, reason, self.retry_after)


def call(
    method: str, url: str, *, body: bytes, headers: Mapping[str, str] = {}, seconds: float = TIMEOUT_SECONDS
) -> Answer | Refusal | SendResult:
    """One request with a JSON body. A SendResult when there was no answer; nothing in it names the address."""
    sending = {"content-type": "application/json", "accept-encoding": "identity", "user-agent": "tocsin"}
    try:
        with (
            httpx.Client(verify=_trust(), timeout=seconds, follow_redirects=False) as client,
            client.stream(method, url, content=body, headers={**sending, **headers}) as response,
        ):
            data = _object(_read(response, time.monotonic() + _LONGEST_CALL * seconds))
    except (httpx.ConnectTimeout, httpx.ConnectError, httpx.PoolTimeout, httpx.ProxyError) as error:
        return failures.transient(failures.sentence(_said(error)) or "the receiver cannot be reached")
    except httpx.TransportError:
        return failures.transient(failures.UNSURE)
    except (httpx.InvalidURL, UnicodeError):
        return failures.permanent("its address cannot be read")
    if response.status_code in _OK:
        return Answer(status=response.status_code, data=data)
    asked = _header_wait(response.headers.get("retry-after"), datetime.now(UTC))
    asked = _body_wait(data) if asked is None else asked
    return Refusal(status=response.status_code, data=data, retry_after=asked)


def compact(value: object) -> bytes:
    """As JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _read(response: httpx.Response, deadline: float) -> bytes:
    """The beginning of the answer's body; what breaks off after the status has not undone the send."""
    read = b""
    try:
        for piece in response.iter_raw():
            read += piece
            if len(read) >= _ENOUGH or time.monotonic() > deadline:
                break
    except httpx.TransportError:
        return b""
    return read


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _said(error: BaseException) -> str:
    return f"{type(error).__name__} {error}"


def _header_wait(value: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header: a number, or a date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):  # no date; a date without a zone
        return None


def _body_wait(data: Mapping[str, Any]) -> float | None:
    """Seconds that Matrix (`retry_after_ms`), Discord (`retry_after`) or Telegram (`parameters.retry_after`) ask."""
    parameters = data.get("parameters")
    inner = parameters if isinstance(parameters, dict) else {}
    for value, unit in (
        (data.get("retry_after_ms"), 0.001),
        (data.get("retry_after"), 1),
        (inner.get("retry_after"), 1),
    ):
        if isinstance(value, int | float) and value >= 0:
            return value * unit
    return None
