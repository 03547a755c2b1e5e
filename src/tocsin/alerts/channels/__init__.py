"""Opens channels: our own where ids, threads and receipts are to be had, Apprise for the long tail.

Which one an address gets is told by its scheme, or by the channel's `kind`. Each own channel is a module with one
dataclass that sends and one function that reads its address; nothing is imported before a channel needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from tocsin.alerts.channels.address import address_of, parse, secret_of
from tocsin.alerts.channels.waiting import WaitingChannel
from tocsin.alerts.outbox import Channel
from tocsin.specs.channels import ChannelSpec, Kind

__all__ = ["Channel", "WaitingChannel", "kind_of", "open_channel"]

TIMEOUT_SECONDS = 15.0
"""For connecting and for each read, unless the address says otherwise (`?rto=5`)."""

_SCHEMES = {
    Kind.MAIL: ("mailto", "mailtos"),
    Kind.WEBHOOK: ("http", "https"),
    Kind.MATRIX: ("matrix", "matrixs"),
    Kind.SLACK: ("slack",),
    Kind.DISCORD: ("discord", "http", "https"),
    Kind.TELEGRAM: ("tgram",),
    Kind.NTFY: ("ntfy", "ntfys"),
}
_DISCORD = ("https://discord.com/api/webhooks/", "https://discordapp.com/api/webhooks/")


def open_channel(spec: ChannelSpec, env: Mapping[str, str], root: Path) -> Channel:
    """A channel ready to send, or one that says which variable or file is missing. Sends nothing.

    Raises:
        ChannelError: the address or the secret cannot work.
    """
    address, secret = address_of(spec, env, root), secret_of(spec, env, root)
    if missing := address.missing or secret.missing:
        return WaitingChannel(id=spec.id, missing=missing)
    kind = spec.kind or _kind(spec.id, address.value)
    if kind is Kind.APPRISE:
        from tocsin.alerts.channels.longtail import longtail  # noqa: PLC0415 - brings Apprise, half a second

        return longtail(spec.id, address.value)
    parsed = parse(spec.id, address.value, secret.value)
    if parsed.scheme not in _SCHEMES[kind]:
        wanted = " or ".join(f"{scheme}://…" for scheme in _SCHEMES[kind])
        raise parsed.wrong(f"kind: {kind.value} needs an address like {wanted}")
    # A module and its function are named like the kind; one is imported when a channel of it is opened.
    opened: Channel = getattr(import_module(f"{__name__}.{kind.value}"), kind.value)(
        parsed, parsed.seconds(TIMEOUT_SECONDS)
    )
    return opened


def kind_of(spec: ChannelSpec, env: Mapping[str, str], root: Path) -> Kind | None:
    """Who sends for this channel; None while it has no address.

    Raises:
        ChannelError: the address cannot be read.
    """
    if spec.kind:
        return spec.kind
    address = address_of(spec, env, root)
    return None if address.missing else _kind(spec.id, address.value)


def _kind(channel: str, address: str) -> Kind:
    """Who sends to an address whose channel does not say. Shapes that only Apprise knows stay with it."""
    if address.startswith(_DISCORD):
        return Kind.DISCORD
    scheme, _, rest = address.partition("://")
    found = next((kind for kind, schemes in _SCHEMES.items() if scheme.lower() in schemes), Kind.APPRISE)
    login = parse(channel, address) if found in {Kind.MATRIX, Kind.WEBHOOK} else None
    if found is Kind.WEBHOOK or (found is Kind.MATRIX and login and login.password):
        return Kind.APPRISE
    if found is Kind.SLACK and not rest.startswith("xoxb-"):
        return Kind.APPRISE
    return found
