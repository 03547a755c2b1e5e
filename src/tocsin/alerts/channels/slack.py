"""A Slack channel, by a bot token and chat.postMessage: only so does a message have an id to answer in a thread."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tocsin.alerts.channels import failures
from tocsin.alerts.channels.address import Address
from tocsin.alerts.channels.calls import Answer, Refusal, call, compact
from tocsin.alerts.channels.fit import fitted
from tocsin.alerts.render import Message
from tocsin.model import SendResult

API = "https://slack.com/api"

_LIMIT = 3500  # characters; Slack cuts at 4,000, and escaping makes some longer
_CODE = re.compile(r"[a-z_]{1,40}")
_LASTING = frozenset({"channel_not_found", "is_archived", "msg_too_long", "no_text", "invalid_arguments"})
"""Everything else may be put right while the message waits: a token, a scope, an invitation into the channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackChannel:
    """One Slack channel."""

    id: str
    api: str = field(default=API, repr=False)
    token: str = field(repr=False)
    channel: str = field(repr=False)
    seconds: float
    missing: str = ""

    def send(self, message: Message, delivery_id: str, thread: str = "") -> SendResult:  # noqa: ARG002  # no key there
        """One message; the receipt is its `ts`."""
        text = fitted(message, _LIMIT).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        body: dict[str, object] = {"channel": self.channel, "text": text, "mrkdwn": False, "parse": "none"}
        body |= {"link_names": False, "unfurl_links": False, "unfurl_media": False}
        body |= {"thread_ts": thread} if thread else {}
        headers = {"authorization": f"Bearer {self.token}"}
        answer = call("POST", f"{self.api}/chat.postMessage", body=compact(body), headers=headers, seconds=self.seconds)
        if isinstance(answer, Answer):
            return _said(answer)
        return answer.result() if isinstance(answer, Refusal) else answer


def slack(address: Address, seconds: float) -> SlackChannel:
    """A channel of `slack://xoxb-TOKEN/#channel`.

    Raises:
        ChannelError: there is no channel in it, or several.
    """
    options = address.options("api")
    if len(address.path) != 1:
        raise address.wrong("it needs one channel: slack://TOKEN/#channel")
    return SlackChannel(
        id=address.channel,
        api=options.get("api", API).rstrip("/"),
        token=address.token(address.place, "the bot token"),
        channel=address.path[0],
        seconds=seconds,
    )


def _said(answer: Answer) -> SendResult:
    """Slack says 200 to everything; `ok` tells."""
    if answer.data.get("ok") is True:
        return failures.sent(str(answer.data.get("ts", "")))
    if "ok" not in answer.data:
        return failures.transient(failures.UNSURE)
    code = str(answer.data.get("error", ""))
    code = code if _CODE.fullmatch(code) else "no reason given"
    detail = f"Slack refused: {code}"
    return failures.permanent(detail) if code in _LASTING else failures.transient(detail)
