"""Decides what is told: rule × story, once for each named reason; everything else is held with a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.model import (
    Alert,
    Article,
    Assertion,
    Grade,
    Held,
    HeldReason,
    Match,
    Reason,
    Report,
    Status,
    Story,
)
from tocsin.specs.rules import Node, RuleSpec
from tocsin.specs.sources import SourceSpec
from tocsin.stories.origin import Origin
from tocsin.urls import family

_ON_TRIAL = frozenset({Status.DRAFT, Status.EXPERIMENTAL})
"""Rules that keep no other from telling: a draft is never told, an experimental one in digests only."""
_GROWTH = 3
"""Reports at which a story's growth is first told; then at each doubling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of an article's matches: each is in one of the two."""

    alerts: tuple[Alert, ...] = ()
    """Most severe first."""
    held: tuple[Held, ...] = ()
    grown: tuple[Alert, ...] = ()
    """Besides: what held matches add to stories that were told, for channels that want to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """Everything one decision looks at."""

    report: Report
    matches: Sequence[Match]
    story: Story
    rules: Mapping[str, RuleSpec]
    now: datetime

    @property
    def reports(self) -> tuple[Report, ...]:
        """The story's reports with this one last."""
        return (*self.earlier, self.report)

    @property
    def earlier(self) -> tuple[Report, ...]:
        return tuple(report for report in self.story.reports if report.article != self.report.article)


def publisher_of(article: Article, source: SourceSpec) -> str:
    """The outlet's publisher family: as its source says, or by the address."""
    return source.publisher or family(article.url or source.url or "") or source.id


def report_of(
    article: Article, source: SourceSpec, matches: Sequence[Match], now: datetime, origin: Origin | None = None
) -> Report:
    """The article as a report of its story; `now` is when it was first seen. Its origin is its publisher by default."""
    publisher = publisher_of(article, source)
    origin = origin or Origin(id=publisher)
    events = {rule for match in matches if match.grade is Grade.EVENT for rule in (match.rule, *match.builds_on)}
    return Report(
        article=article.id,
        source=source.id,
        source_name=source.name or source.id,
        publisher=publisher,
        title=article.title,
        url=article.url,
        published=article.published,
        language=article.language or source.language,
        seen_at=now,
        day_only=article.day_only,
        events=tuple(sorted(events)),
        origin=origin.id,
        origin_why=origin.why,
        official=origin.official,
    )


def decide(
    *,
    article: Article,
    source: SourceSpec,
    matches: Sequence[Match],
    story: Story,
    rules: Mapping[str, RuleSpec],
    now: datetime,
) -> Decision:
    """Alerts and held matches of one article.

    `story` is the article's story as the store knows it, with or without the article's own report; `story.told` must
    hold only what had a channel to go to.
    """
    own = next((report for report in story.reports if report.article == article.id), None)
    report = own or report_of(article, source, matches, now)
    case = _Case(report=report, matches=matches, story=story, rules=rules, now=now)
    outcomes = [_judge(match, case) for match in matches]
    alerts = [outcome for outcome in outcomes if isinstance(outcome, Alert)]
    return Decision(
        alerts=tuple(sorted(alerts, key=lambda alert: (-alert.severity.rank, alert.rule))),
        held=tuple(outcome for outcome in outcomes if isinstance(outcome, Held)),
        grown=tuple(
            grown
            for match, outcome in zip(matches, outcomes, strict=True)
            if isinstance(outcome, Held) and outcome.reason is HeldReason.SAME_STORY and (grown := _grown(match, case))
        ),
    )


def origins(reports: Sequence[Report], rule: str, within: timedelta) -> int:
    """The most origins that an event of `rule` was reported from inside any stretch of time of that length.

    A report of which nobody knows who said it first is not independent of anything: it counts for nobody.
    """
    counted = [(origin_id(report), report.seen_at) for report in reports if rule in report.events]
    counted = [(origin, seen) for origin, seen in counted if origin]
    return max(
        (len({origin for origin, seen in counted if timedelta(0) <= last - seen <= within}) for _, last in counted),
        default=0,
    )


def origin_id(report: Report) -> str:
    """Who first said what it reports; the publisher where nobody else is known."""
    return report.origin or report.publisher


def withdrawn(told: Alert, story: Story, changed: Report, now: datetime, how: str = "") -> Alert | None:
    """The word that `told` holds no longer, once no report of its story says so; `changed` is the one that did last.

    `how` is what its outlet did, in words (`took its report down`); it changed the report when empty.
    """
    if _is_said(told.rule, story) or Reason.WITHDRAWN in story.told.get(told.rule, ()):
        return None
    return replace(_taken_back(told, changed, now, Reason.WITHDRAWN), note=_left_alone(story, changed, how))


def denied(told: Alert, story: Story, changed: Report, denial: Match, now: datetime) -> Alert | None:
    """The word that the report which said so last denies it now."""
    if _is_said(told.rule, story) or {Reason.CORRECTED, Reason.WITHDRAWN} & set(story.told.get(told.rule, ())):
        return None
    return replace(_taken_back(told, changed, now, Reason.CORRECTED), match=denial)


def lessened(
    told: Alert, story: Story, changed: Report, now: datetime, rules: Mapping[str, RuleSpec], how: str = ""
) -> Alert | None:
    """For the record and without a ping: one report says so no longer, and others still do."""
    if not _is_said(told.rule, story) or {Reason.CORRECTED, Reason.WITHDRAWN} & set(story.told.get(told.rule, ())):
        return None
    left = tuple(report for report in story.reports if told.rule in report.events)
    wanted = rules[told.rule].alert.corroborate if told.rule in rules else None
    count = max(1, origins(left, told.rule, wanted.within if wanted else timedelta.max))
    official = _official(left, told.rule)
    some = "s" if len(left) > 1 else ""
    remain = f"{len(left)} report{some} by {count} origin{'s' if count > 1 else ''} still say{'' if some else 's'} so"
    return replace(
        _taken_back(told, changed, now, Reason.UPDATED),
        id=alert_id(told.rule, story.id, f"{Reason.UPDATED} without {changed.article}"),
        reports=left,
        origins=count,
        official=official,
        confirmed=wanted is None or official or count >= wanted.origins,
        quiet=True,
        note=f"{changed.source_name} {how or 'changed its report'}; {remain}",
    )


def _is_said(rule: str, story: Story) -> bool:
    return any(rule in report.events for report in story.reports)


def _taken_back(told: Alert, changed: Report, now: datetime, reason: Reason) -> Alert:
    return replace(
        told,
        id=alert_id(told.rule, told.story, reason),
        reason=reason,
        article=changed,
        reports=(),
        confirmed=False,
        official=False,
        created_at=now,
    )


def _left_alone(story: Story, changed: Report, how: str) -> str:
    """Who took what back, where it was no mere change; empty otherwise."""
    if not how:
        return ""
    alone = len(story.reports) == 1
    rest = "it was the only one" if alone else "no report of the story says so any more"
    return f"{changed.source_name} {how}; {rest}"


def alert_id(rule: str, story: str, reason: str) -> str:
    """32 hex digits: the same decision has the same id, however often it is made."""
    return hashlib.sha256(f"{rule}\n{story}\n{reason}".encode()).hexdigest()[:32]


def _judge(match: Match, case: _Case) -> Alert | Held:
    told = case.story.told.get(match.rule, ())
    if _denies(match, case, told):
        return _alert(match, case, Reason.CORRECTED)
    held = _held(match, case)
    if held:
        return held
    if not told:
        return _alert(match, case, _opening(match, case))
    if reason := _promotion(match, case, told):
        return _alert(match, case, reason)
    return Held(
        rule=match.rule, article=case.report.article, reason=HeldReason.SAME_STORY, detail=_first_report(case.story)
    )


def _denies(match: Match, case: _Case, told: Sequence[Reason]) -> bool:
    """Whether a story that was told is denied, for the first time, and after it was first reported."""
    if match.status is Status.DRAFT or not told or {Reason.CORRECTED, Reason.WITHDRAWN} & set(told):
        return False
    if match.grade is not Grade.MENTION or match.assertion is not Assertion.DENIED:
        return False
    reported = [report.published or report.seen_at for report in case.earlier if match.rule in report.events]
    return bool(reported) and (case.report.published or case.report.seen_at) >= min(reported)


def _promotion(match: Match, case: _Case, told: Sequence[Reason]) -> Reason | None:
    """What makes this report worth another word: it came back, or, where the rule asks for that, it is surer now."""
    if told[-1] is Reason.WITHDRAWN:
        return Reason.UPDATED
    if match.rule not in case.rules or case.rules[match.rule].alert.corroborate is None or Reason.OFFICIAL in told:
        return None
    if _official(case.reports, match.rule) and not _official(case.earlier, match.rule):
        return Reason.OFFICIAL
    return Reason.CORROBORATED if Reason.CORROBORATED not in told and _reached_now(match, case) else None


def _grown(match: Match, case: _Case) -> Alert | None:
    """The word that a told story has 3, 6, 12, 24 … reports now; None in between, or once it was taken back."""
    if {Reason.CORRECTED, Reason.WITHDRAWN} & set(case.story.told.get(match.rule, ())):
        return None
    number = sum(match.rule in report.events for report in case.reports)
    doublings, rest = divmod(number, _GROWTH)
    if rest or doublings.bit_count() != 1:
        return None
    alert = _alert(match, case, Reason.UPDATED)
    by = f"{alert.origins} origin{'s' if alert.origins > 1 else ''}"
    made = alert_id(match.rule, case.story.id, f"{Reason.UPDATED} {number}")
    return replace(alert, id=made, quiet=True, note=f"{number} reports by {by} so far")


def _official(reports: Sequence[Report], rule: str) -> bool:
    return any(report.official and rule in report.events for report in reports)


def _held(match: Match, case: _Case) -> Held | None:
    """Why the match is not told whatever its story, or None."""
    article = case.report.article
    if match.filter:
        said = f"{match.filter}: {match.filter_reason}"
        return Held(rule=match.rule, article=article, reason=HeldReason.FILTERED, detail=said)
    if match.grade is not Grade.EVENT:
        said = f'{match.assertion}: "{match.cue.text}"' if match.cue else str(match.assertion)
        return Held(rule=match.rule, article=article, reason=HeldReason.MENTION, detail=said)
    if match.status is Status.DRAFT:
        return Held(rule=match.rule, article=article, reason=HeldReason.DRAFT)
    covering = _covering(match.rule, case)
    if covering:
        return Held(rule=match.rule, article=article, reason=HeldReason.COVERED, detail=covering)
    return None


def _covering(rule: str, case: _Case) -> str:
    """The more specific rule that tells, or told, the same; empty when there is none."""
    for match in case.matches:
        if rule in match.builds_on and match.grade is Grade.EVENT and match.status not in _ON_TRIAL:
            return match.rule
    return next((told for told in sorted(case.story.told) if rule in built_on(told, case.rules)), "")


def _opening(match: Match, case: _Case) -> Reason:
    """FIRST, or ESCALATED where a more general and less severe rule has already told the story."""
    general = [case.rules[rule] for rule in match.builds_on if rule in case.story.told and rule in case.rules]
    return Reason.ESCALATED if any(rule.severity.rank < match.severity.rank for rule in general) else Reason.FIRST


def _reached_now(match: Match, case: _Case) -> bool:
    """Whether this very report brings the number of origins that the rule asks for."""
    wanted = case.rules[match.rule].alert.corroborate if match.rule in case.rules else None
    if wanted is None:
        return False
    before = origins(case.earlier, match.rule, wanted.within)
    return before < wanted.origins <= origins(case.reports, match.rule, wanted.within)


def _alert(match: Match, case: _Case, reason: Reason) -> Alert:
    wanted = case.rules[match.rule].alert.corroborate if match.rule in case.rules else None
    count = max(1, origins(case.reports, match.rule, wanted.within if wanted else timedelta.max))
    official = _official(case.reports, match.rule)
    return Alert(
        id=alert_id(match.rule, case.story.id, reason),
        rule=match.rule,
        title=match.title,
        reason=reason,
        severity=match.severity,
        story=case.story.id,
        match=match,
        article=case.report,
        reports=tuple(report for report in case.earlier if match.rule in report.events),
        confirmed=wanted is None or official or count >= wanted.origins,
        official=official,
        origins=count,
        created_at=case.now,
    )


def _first_report(story: Story) -> str:
    first = min(story.reports, key=lambda report: report.seen_at, default=None)
    return f"{story.id}, first by {first.source_name}: {first.title}" if first else story.id


def built_on(rule: str, rules: Mapping[str, RuleSpec]) -> frozenset[str]:
    """Ids of the rules that `rule` uses as building blocks, all levels."""
    found: set[str] = set()
    waiting = [rule]
    while waiting:
        spec = rules.get(waiting.pop())
        for used in _rules_in(spec.when) if spec else ():
            if used not in found:
                found.add(used)
                waiting.append(used)
    return frozenset(found)


def _rules_in(node: Node) -> Iterator[str]:
    """Rules that must hold for the node: what stands under `none` is no building block."""
    if node.rule:
        yield node.rule
    for child in (*(node.all or ()), *(node.any or ()), *(node.of or ())):
        yield from _rules_in(child)
