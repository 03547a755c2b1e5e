"""Real receivers on loopback: an HTTP and a mail server that keep what arrives and misbehave on demand."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header by its name in any case."""
        return next((value for known, value in self.headers.items() if known.lower() == name.lower()), None)

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass
class HttpReceiver:
    """Keeps every request. `answers` is used up in order, then `answer` counts; an answer is a status or `hang`."""

    address: str = ""
    requests: list[Received] = field(default_factory=list)
    answer: int | str = 200
    answers: list[int | str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    """Sent with every answer, such as Location."""
    body: object = None
    """Sent with every answer, as JSON; a function is asked for it with each request."""
    released: threading.Event = field(default_factory=threading.Event)
    """Set when hanging answers may end."""

    @property
    def host(self) -> str:
        """`127.0.0.1:port`."""
        return urlsplit(self.address).netloc

    def next_answer(self) -> int | str:
        """What the next request gets."""
        return self.answers.pop(0) if self.answers else self.answer

    def posts(self) -> list[Received]:
        """Only what was posted."""
        return [request for request in self.requests if request.method == "POST"]


@contextmanager
def http_receiver(answer: int | str = 200) -> Iterator[HttpReceiver]:
    """An HTTP server on a free loopback port."""
    receiver = HttpReceiver(answer=answer)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            receiver.requests.append(Received(self.command, self.path, dict(self.headers), body))
            answer = receiver.next_answer()
            if answer == "hang":
                receiver.released.wait(30)
                self.close_connection = True
                return
            self.send_response(int(answer))
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            said = receiver.body(receiver.requests[-1]) if callable(receiver.body) else receiver.body
            body = b"" if said is None else json.dumps(said).encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class MailReceiver:
    """Keeps every mail; `refuse` is the answer to DATA when set, as in `550 no`."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    refuse: str = ""
    refuse_sender: str = ""
    refuse_recipient: str = ""
    silent: bool = False
    """Takes the mail and never answers."""

    async def handle_MAIL(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]):  # noqa: N802
        """aiosmtpd's hook."""
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]):  # noqa: N802
        """aiosmtpd's hook."""
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's hook."""
        if self.refuse:
            return self.refuse
        content = envelope.original_content or b""
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.raw.append(content)
        if self.silent:
            await asyncio.Event().wait()
        return "250 kept"


class Controller0(Controller):
    """A controller that may choose its own port: aiosmtpd's tries the server out on the port it was given, 0."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_receiver(**options: Any) -> Iterator[MailReceiver]:
    """A mail server on a free loopback port, with the usual limit of 1,001 octets a line; options are aiosmtpd's."""
    receiver = MailReceiver()
    controller = Controller0(receiver, hostname="127.0.0.1", port=0, **options)
    controller.start()
    receiver.port = controller.port
    try:
        yield receiver
    finally:
        controller.stop()
