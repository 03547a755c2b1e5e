"""The last step of judging: threshold rules over everything stored, in a transaction of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from tocsin.alerts.decide import report_of
from tocsin.model import Alert, Article, Assertion, Evidence, Grade, Held, HeldReason, Match, Reason, Report, Status
from tocsin.pipeline.commit import Judged, NotTold
from tocsin.pipeline.telling import Telling
from tocsin.rules.thresholds import Reached, Record, reached
from tocsin.specs.sources import SourceKind, SourceSpec
from tocsin.specs.thresholds import ThresholdSpec
from tocsin.store import Store, articles, ledger, records
from tocsin.workspace import Workspace

_REPORTS = 5
"""Further articles named in an alert, the newest."""


def commit_thresholds(workspace: Workspace, store: Store, judged: Judged, now: datetime) -> None:
    """Raises what the workspace's threshold rules find; `judged` is added to."""
    specs = [one.spec for one in workspace.book.thresholds]
    if not specs:
        return
    with store.writing() as connection:
        began = records.began(connection)
        if began is None:
            return
        told = records.last_raised(connection, [spec.id for spec in specs])
        for one in reached(specs, _records(connection, specs, now), told, began=began, now=now):
            _Raising(workspace, connection, judged, now).put_out(one)


def _records(connection: Connection, specs: Collection[ThresholdSpec], now: datetime) -> list[Record]:
    counting = [spec.threshold for spec in specs if spec.threshold.rules]
    watching = [spec.threshold for spec in specs if not spec.threshold.rules]
    rules = {rule for given in counting for rule in given.rules}
    return [
        *(records.events(connection, rules, now - max(given.reach for given in counting)) if counting else ()),
        *(records.arrivals(connection, now - max(given.reach for given in watching)) if watching else ()),
    ]


@dataclass(frozen=True, slots=True)
class _Raising:
    """One transaction's alerts about thresholds."""

    workspace: Workspace
    connection: Connection
    judged: Judged
    now: datetime

    def put_out(self, one: Reached) -> None:
        """Stores the alert with its deliveries, or why nobody is to be told."""
        found = [articles.find(self.connection, record.article) for record in one.records[: _REPORTS + 1]]
        newest, *others = [article for article in found if article]
        alert = self._alert(one, newest, others)
        held = self._told(one.spec, alert, newest)
        ledger.save_match(self.connection, newest.id, alert.match, story_id=one.story, held=held, now=self.now)
        if held:
            source = alert.article.source_name
            self.judged.not_told.append(NotTold(held=held, title=newest.title, source=source, match=alert.match))
        else:
            self.judged.alerts.append(alert)

    def _told(self, spec: ThresholdSpec, alert: Alert, newest: Article) -> Held | None:
        """Puts the alert out; or says why nobody is to be told."""
        if spec.status is Status.DRAFT:
            held: Held | None = Held(rule=spec.id, article=alert.article.article, reason=HeldReason.DRAFT)
        else:
            tier = self._source(newest).tier
            held = Telling(workspace=self.workspace, connection=self.connection, tier=tier, now=self.now).put_out(alert)
        return replace(held, detail=held.detail or alert.note) if held else None

    def _alert(self, one: Reached, newest: Article, others: Collection[Article]) -> Alert:
        spec = one.spec
        made = hashlib.sha256(f"{spec.id}\n{one.story}\n{Reason.THRESHOLD}\n{newest.id}".encode()).hexdigest()
        return Alert(
            id=made[:32],
            rule=spec.id,
            title=f"{spec.title} ({one.key})" if one.key else spec.title,
            reason=Reason.THRESHOLD,
            severity=spec.severity,
            story=one.story,
            match=_match(spec, newest),
            article=self._report(newest),
            reports=tuple(map(self._report, others)),
            origins=len({record.source for record in one.records}),
            note=one.note,
            created_at=self.now,
        )

    def _report(self, article: Article) -> Report:
        return report_of(article, self._source(article), (), article.fetched_at or self.now)

    def _source(self, article: Article) -> SourceSpec:
        gone = SourceSpec(id=article.source, kind=SourceKind.FILES, path=".")  # no longer among the sources
        return next((each for each in self.workspace.sources if each.id == article.source), gone)


def _match(spec: ThresholdSpec, article: Article) -> Match:
    """What stands for a match: the newest article's headline."""
    return Match(
        rule=spec.id,
        title=spec.title,
        severity=spec.severity,
        grade=Grade.EVENT,
        assertion=Assertion.ASSERTED,
        evidence=(),
        sentence=Evidence("title", 0, len(article.title), article.title),
        tags=spec.tags,
        status=spec.status,
    )
