"""Metrics in Prometheus' text format (0.0.4), by its own client library. Pure.

What is counted comes from the store's totals, which only grow; what is measured is how things are at this moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from tocsin.model import FetchOutcome, SendOutcome, Severity
from tocsin.pipeline.condition import Condition
from tocsin.store.totals import Key, key

__all__ = ["CONTENT_TYPE", "exposition"]

_COUNTED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ticks": ("Passes that ended.", ()),
    "polls": ("Polls of sources, by how they ended.", ("outcome",)),
    "articles": ("Articles that were new.", ()),
    "revisions": ("Known articles that were rewritten.", ()),
    "matches": ("Rules that fired on an article, told or not.", ()),
    "alerts": ("Alerts raised, by severity.", ("severity",)),
    "held": ("Matches that were not told, by the reason.", ("reason",)),
    "deliveries": ("Attempts to send, by channel and outcome.", ("channel", "outcome")),
    "pings": ("Pings of the dead man's switch, by how they went.", ("outcome",)),
}
_FROM_THE_START = (
    *(key("polls", outcome=each.value) for each in FetchOutcome),
    *(key("alerts", severity=each.value) for each in Severity),
    *(key(name) for name, (_, labels) in _COUNTED.items() if not labels),
)
"""Shown at 0 before anything is counted, so that the first increase can be seen."""


def exposition(found: Condition | None, counted: Mapping[Key, int]) -> bytes:
    """The page; with None for a store that cannot be read it says only that."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Shown(found, counted))
    return generate_latest(registry)


class _Shown(Collector):
    """Values that were read already, handed to the library."""

    def __init__(self, found: Condition | None, counted: Mapping[Key, int]) -> None:
        self._found = found
        self._counted = counted

    def collect(self) -> Iterator[Metric]:
        """Every metric."""
        yield _gauge("tocsin_store_up", "1 when the store can be read.", int(self._found is not None))
        if self._found is None:
            return
        yield from _totals(self._found, self._counted)
        yield from _times(self._found)
        yield from _states(self._found)


def _totals(found: Condition, counted: Mapping[Key, int]) -> Iterator[Metric]:
    start = dict.fromkeys(_FROM_THE_START, 0)
    start |= {
        key("deliveries", channel=channel.id, outcome=each.value): 0
        for channel in found.channels
        for each in SendOutcome
    }
    values = start | dict(counted)
    for name, (text, labels) in _COUNTED.items():
        family = CounterMetricFamily(f"tocsin_{name}", text, labels=labels)
        for (_, said), value in sorted((one, value) for one, value in values.items() if one[0] == name):
            family.add_metric([dict(said).get(label, "") for label in labels], value)
        yield family


def _times(found: Condition) -> Iterator[Metric]:
    if found.last and found.lag is not None:
        ended: datetime = found.last["ended_at"]
        yield _gauge("tocsin_last_tick_timestamp_seconds", "When the last pass ended.", ended.timestamp())
        yield _gauge("tocsin_tick_lag_seconds", "How long ago the last pass ended.", found.lag.total_seconds())
        took = (ended - found.last["started_at"]).total_seconds()
        yield _gauge("tocsin_tick_duration_seconds", "How long the last pass took.", took)
    yield _gauge("tocsin_tick_late", "1 when a pass should have been made and was not.", int(found.is_late))
    age = (found.now - found.oldest).total_seconds() if found.oldest else 0.0
    yield _gauge("tocsin_outbox_age_seconds", "How long the oldest delivery that is due has waited.", age)


def _states(found: Condition) -> Iterator[Metric]:
    yield _family("tocsin_sources", "Sources by how their last poll ended.", "state", found.sources)
    yield _family("tocsin_outbox_deliveries", "Deliveries in the store by state.", "state", found.deliveries)
    resting = {channel.id: int(channel.resting_until is not None) for channel in found.channels}
    yield _family("tocsin_channel_resting", "1 while a channel is left alone after failures.", "channel", resting)
    sent = {channel.id: channel.last_sent.timestamp() for channel in found.channels if channel.last_sent}
    about = "When a message last arrived, by channel."
    yield _family("tocsin_channel_last_sent_timestamp_seconds", about, "channel", sent)
    kinds = [outage.kind.value for outage in found.outages]
    outages = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    yield _family("tocsin_outages", "Outages of the watch itself that are open, by kind.", "kind", outages)
    yield _gauge("tocsin_file_problems", "Mistakes in files of the workspace.", len(found.problems))
    yield _gauge("tocsin_stored_articles", "Articles in the store.", found.articles)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _family(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for each, value in values.items():
        family.add_metric([each], value)
    return family
