"""What an article no longer says, and the words that follow from it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tocsin.alerts.decide import denied, lessened, withdrawn
from tocsin.alerts.looks import Look, begun
from tocsin.model import Alert, Article, Assertion, Grade, Match, Report, Story
from tocsin.specs.rules import RuleSpec
from tocsin.urls import is_web

RETRACTED = "has retracted its report"
TAKEN_DOWN = "took its report down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What an article says no longer."""

    article: str
    title: str | None = None
    """Its headline now; None: as it was."""
    rules: frozenset[str] | None = None
    """Whose events; None: all that it ever said."""
    matches: Sequence[Match] = ()
    """What is found in its text now: a denial, perhaps."""
    how: str = ""
    """What its outlet did, in words; empty where the report was rewritten."""
    vanished_at: datetime | None = None


def events_in(matches: Iterable[Match]) -> frozenset[str]:
    """Rules whose event the matches are, building rules included."""
    events = (match for match in matches if match.grade is Grade.EVENT)
    return frozenset(rule for match in events for rule in (match.rule, *match.builds_on))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A story after a loss."""

    story: Story
    report: Report
    """Of the article, as it is now."""
    rules: frozenset[str]
    """Whose events it reported until now."""


def without(story: Story, loss: Loss) -> Lost:
    """The story with its report of the article as it is after the loss."""
    old = next(report for report in story.reports if report.article == loss.article)
    rules = frozenset(old.events) if loss.rules is None else frozenset(old.events) & loss.rules
    left = tuple(rule for rule in old.events if rule not in rules)
    new = replace(old, title=loss.title or old.title, events=left, vanished_at=loss.vanished_at)
    reports = tuple(new if report is old else report for report in story.reports)
    return Lost(story=replace(story, reports=reports), report=new, rules=rules)


def words_for(
    loss: Loss, lost: Lost, told: Iterable[Alert], rules: Mapping[str, RuleSpec], now: datetime
) -> Iterator[Alert]:
    """What is to be told after a loss; `told` holds the first alert of each rule that it touches."""
    story, report = lost.story, lost.report
    for first in told:
        denial = next((match for match in loss.matches if match.rule == first.rule and _denies(match)), None)
        taken_back = (
            denied(first, story, report, denial, now) if denial else withdrawn(first, story, report, now, loss.how)
        )
        if word := taken_back or lessened(first, story, report, now, rules, loss.how):
            yield word


def behind(story: Story, newest: Article, now: datetime) -> list[Look]:
    """The looks to begin: at every report of an event that the story was told for, where it has an address."""
    return [
        begun(
            report.article,
            now,
            text_hash=newest.content_hash if report.article == newest.id else "",
            says=report.events if report.article == newest.id and newest.from_page else None,
        )
        for report in story.reports
        if report.url and is_web(report.url) and not story.told.keys().isdisjoint(report.events)
    ]


def _denies(match: Match) -> bool:
    return match.grade is Grade.MENTION and match.assertion is Assertion.DENIED
