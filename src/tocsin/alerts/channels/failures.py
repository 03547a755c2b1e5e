"""What went wrong with a send, in a sentence that holds no part of an address; and whether another try may help."""

from __future__ import annotations

import re
from http import HTTPStatus

from tocsin.model import SendOutcome, SendResult

_KNOWN = (
    (re.compile(r"timed? ?out", re.IGNORECASE), "timed out"),
    (re.compile(r"refused", re.IGNORECASE), "connection refused"),
    (re.compile(r"resol|name or service|nodename|getaddrinfo", re.IGNORECASE), "the receiver's host name is not known"),
    (re.compile(r"certificate|\bSSL|\bTLS", re.IGNORECASE), "TLS error: the receiver's certificate cannot be trusted"),
    (re.compile(r"unreachable|no route to host", re.IGNORECASE), "the receiver cannot be reached"),
    (
        re.compile(r"reset by peer|aborted|disconnected|closed|broken pipe", re.IGNORECASE),
        "the connection broke",
    ),
)
_HTTP_PERMANENT = frozenset({400, 404, 405, 406, 410, 411, 413, 414, 415, 422, 451})
"""What no repetition of the same message to the same address will change. 401 and 403 are not here: a token that is
renewed lets waiting messages through."""
_SMTP_LOGIN = frozenset({530, 534, 535, 538})
"""Refused logins: like a 401, they end when the password is put right."""

UNSURE = "no answer after the message was handed over: it may have arrived, and is sent again with the same id"


def transient(detail: str, retry_after: float | None = None) -> SendResult:
    """A failure that may pass."""
    return SendResult(outcome=SendOutcome.TRANSIENT, detail=detail, retry_after=retry_after)


def permanent(detail: str) -> SendResult:
    """A failure that no further try will change."""
    return SendResult(outcome=SendOutcome.PERMANENT, detail=detail)


def sent(receipt: str = "") -> SendResult:
    """The receiver has taken it, and calls it `receipt`."""
    return SendResult(outcome=SendOutcome.SENT, receipt=receipt)


def sentence(said: str) -> str | None:
    """Our words for what a library or the system said of a broken connection; None when it is none we know."""
    return next((ours for pattern, ours in _KNOWN if pattern.search(said)), None)


def http(status: int, reason: str = "", retry_after: float | None = None) -> SendResult:
    """An HTTP answer that is not 2xx; `reason` is the service's own code for it."""
    try:
        detail = f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        detail = f"HTTP {status}"
    if 300 <= status < 400:  # noqa: PLR2004  # the redirects
        detail += ": the receiver has moved — write its new address"
    detail += f" ({reason})" if reason else ""
    return permanent(detail) if status in _HTTP_PERMANENT else transient(detail, retry_after)


def smtp(code: int, what: str) -> SendResult:
    """A mail server's refusal of `what`, as in `the recipient`."""
    detail = f"the mail server refused {what} with {code}"
    lasting = 500 <= code < 600 and code not in _SMTP_LOGIN  # noqa: PLR2004  # the class of lasting refusals
    return permanent(detail) if lasting else transient(detail)
