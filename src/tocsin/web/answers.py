"""What the pages say, from the store as it is when they are asked: several processes say the same."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from tocsin.alerts import publish
from tocsin.errors import TocsinError
from tocsin.pipeline.condition import Condition, condition
from tocsin.store import told, totals
from tocsin.store.view import open_view
from tocsin.times import utc_now
from tocsin.web.latest import Latest
from tocsin.web.metrics import CONTENT_TYPE, exposition

log = logging.getLogger(__name__)

NEWEST = 100
"""Alerts in a feed."""
_SENDER = "tocsin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An answer."""

    body: bytes
    kind: str
    """Its content type."""
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages of one workspace. `every` is the time between two passes."""

    workspace: Latest
    database: str
    every: timedelta

    def health(self) -> Page:
        """200 while tocsin does its work, else 503; why not, and what else is not well, as JSON."""
        try:
            found, _ = self._look()
        except TocsinError as error:
            return _json({"ok": False, "reasons": [str(error)]}, 503)
        stops = [each.text for each in found.ailments if each.stops]
        others = [each.text for each in found.ailments if not each.stops]
        lag = found.lag.total_seconds() if found.lag else None
        return _json({"ok": not stops, "reasons": stops, "ailments": others, "lag": lag}, 503 if stops else 200)

    def metrics(self) -> Page:
        """For Prometheus. A store that cannot be read is a metric too."""
        try:
            found, counted = self._look()
        except TocsinError as error:
            log.warning("no metrics: %s", error)
            return Page(body=exposition(None, {}), kind=CONTENT_TYPE)
        return Page(body=exposition(found, counted), kind=CONTENT_TYPE)

    def atom(self) -> Page:
        """The newest alerts as an Atom feed."""
        with open_view(self.database) as view, view.reading() as connection:
            alerts = told.newest(connection, NEWEST)
        return Page(body=publish.atom(alerts), kind="application/atom+xml; charset=utf-8")

    def json_feed(self) -> Page:
        """The newest alerts as a JSON feed."""
        with open_view(self.database) as view, view.reading() as connection:
            alerts = told.newest(connection, NEWEST)
        return Page(body=publish.json_feed(alerts), kind="application/feed+json; charset=utf-8")

    def cap(self, alert: str) -> Page | None:
        """One alert as a CAP 1.2 message; None when there is none with this id."""
        with open_view(self.database) as view, view.reading() as connection:
            found = told.with_earlier(connection, alert)
        return found and Page(body=publish.cap(*found, _SENDER), kind="application/cap+xml; charset=utf-8")

    def _look(self) -> tuple[Condition, Mapping[totals.Key, int]]:
        workspace = self.workspace()
        with open_view(self.database) as view, view.reading() as connection:
            found = condition(workspace, connection, every=self.every, now=utc_now())
            return found, totals.counted(connection)


def refused(error: TocsinError) -> Page:
    """What is said when the store cannot be read; never with a traceback."""
    return _json({"ok": False, "reasons": [str(error)]}, 503)


def _json(value: object, status: int = 200) -> Page:
    body = json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
    return replace(Page(body=body, kind="application/json; charset=utf-8"), status=status)
