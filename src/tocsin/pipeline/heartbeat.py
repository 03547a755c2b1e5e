"""What a finished pass leaves behind for those who look on: its figures, the totals, and the ping."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tocsin.store import Store, ticks, totals
from tocsin.store.totals import Key, key

if TYPE_CHECKING:
    from tocsin.pipeline.passes import TickReport

log = logging.getLogger(__name__)


def counts(report: TickReport) -> Counter[Key]:
    """What a pass adds to the totals."""
    found: Counter[Key] = Counter()
    for name, number in _numbers(report):
        found[name] += number
    return found


def _numbers(report: TickReport) -> Iterator[tuple[Key, int]]:
    judged = report.judged
    yield key("ticks"), 1
    for outcome, number in judged.outcomes.items():
        yield key("polls", outcome=outcome.value), number
    yield key("articles"), judged.articles
    yield key("revisions"), judged.revisions
    yield key("matches"), judged.matches
    for alert in (*judged.alerts, *report.health):
        yield key("alerts", severity=alert.severity.value), 1
    for one in judged.not_told:
        yield key("held", reason=one.held.reason.value), 1
    for result in report.delivered.results:
        yield key("deliveries", channel=result.delivery.channel, outcome=result.outcome.value), 1


def ping(store: Store, url: str | None, number: int) -> None:
    """Tells whoever waits for it that pass `number` has ended well; how that went is kept with the pass.

    Without an address nothing is done. It takes half a minute at the very most, and its failure is only told.
    """
    if not url:
        return
    from tocsin.alerts.channels.ping import ping as ask  # noqa: PLC0415 - brings httpx

    said = ask(url)
    if not said.ok:
        log.warning("the address of TOCSIN_PING_URL could not be told of the pass: %s", said, extra={"tick": number})
    with store.writing() as connection:
        ticks.note(connection, number, {"ping": str(said)})
        totals.add(connection, {key("pings", outcome="ok" if said.ok else "failed"): 1})
