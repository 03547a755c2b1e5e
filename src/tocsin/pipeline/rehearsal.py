"""Story tests: articles that arrive on a virtual clock, through the real path, against the alerts they must raise.

Each story has a store of its own, thrown away after it. It is a closed world: a missing alert fails, and so does one
that nobody expected. Channels and routes are left aside: what counts is what is decided.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tocsin.articles.build import build
from tocsin.model import Alert, Article, Collected, FetchOutcome, FetchState, Reason
from tocsin.pipeline.commit import Judged, NotTold, commit_source, read_source
from tocsin.pipeline.thresholds import commit_thresholds
from tocsin.rules.book import RuleBook
from tocsin.rules.judge import Judge
from tocsin.rules.testing import explain
from tocsin.specs.base import Located
from tocsin.specs.base import Path as Place
from tocsin.specs.channels import ChannelsFile
from tocsin.specs.proofs import Step, StorySpec
from tocsin.specs.sources import SourceKind, SourceSpec
from tocsin.store import Store, open_store
from tocsin.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryResult:
    """One story test, run."""

    story: str
    file: str
    line: int
    steps: int
    differences: tuple[str, ...]
    """Sentences with their places: `rules/proofs/x.yaml:12:5: …`; none when it passed."""

    @property
    def passed(self) -> bool:
        """Whether exactly the expected alerts came."""
        return not self.differences


def rehearse(judge: Judge, book: RuleBook) -> Iterator[StoryResult]:
    """The results of every story test, in file order."""
    for located in book.stories:
        with tempfile.TemporaryDirectory(prefix="tocsin-story-") as folder:
            root = Path(folder)
            workspace = Workspace(root=root, sources=(), judge=judge, book=book, channels=ChannelsFile())
            with open_store(f"sqlite:///{root / 'story.db'}", root) as store:
                yield _play(workspace, store, located)


def article_of(step: Step, number: int) -> Article | None:
    """The article of a step; None where only the clock moves on."""
    if step.title is None:
        return None
    return build(
        title=step.title,
        paragraphs=step.text.splitlines(),
        published=step.published or step.at,
        language=step.language,
        source=step.source,
        url=f"https://{step.source}.example/{number}",
        fetched_at=step.at,
    )


def _play(workspace: Workspace, store: Store, located: Located[StorySpec]) -> StoryResult:
    differences: list[str] = []
    for number, step in enumerate(located.spec.articles):
        judged = _arrive(workspace, store, step, number)
        differences += _differences(located, number, step, judged)
    line, _ = located.positions.get(("story",), (1, 1))
    return StoryResult(
        story=located.spec.story,
        file=located.file,
        line=line,
        steps=len(located.spec.articles),
        differences=tuple(differences),
    )


def _arrive(workspace: Workspace, store: Store, step: Step, number: int) -> Judged:
    judged = Judged()
    article = article_of(step, number)
    if article:
        source = SourceSpec(id=step.source, kind=SourceKind.FILES, path=".", publisher=step.source, tags=step.tags)
        state = FetchState(source=step.source, outcome=FetchOutcome.OK, polled_at=step.at)
        collected = Collected(state=state, articles=(article,))
        commit_source(workspace, store, read_source(workspace, source, collected, judged, step.at), judged, step.at)
    commit_thresholds(workspace, store, judged, step.at)
    return judged


def _differences(located: Located[StorySpec], number: int, step: Step, judged: Judged) -> Iterator[str]:
    missing = list(step.expected)
    unexpected = list(judged.alerts)
    for alert in judged.alerts:
        met = next((one for one in missing if (one.rule, one.reason) == (alert.rule, alert.reason)), None)
        if met:
            missing.remove(met)
            unexpected.remove(alert)
    for one in missing:
        place = ("alerts", step.expected.index(one))
        yield _line(located, number, place, f"missing: {_named(one.rule, one.reason)} — {_instead(one.rule, judged)}")
    for alert in unexpected:
        yield _line(located, number, (), f"unexpected: {_named(alert.rule, alert.reason)} — {_because(alert)}")
    for note in judged.notes:
        yield _line(located, number, (), note)


def _line(located: Located[StorySpec], number: int, place: Place, text: str) -> str:
    step = located.spec.articles[number]
    what = f"{step.source}: “{step.title}”" if step.title else "the clock moves on"
    where = f"step {number + 1}, {step.at:%Y-%m-%d %H:%M}, {what}"
    return str(located.problem(("articles", number, *place), f"{where}\n    {text}"))


def _named(rule: str, reason: Reason) -> str:
    return f"alert {rule} ({reason})"


def _instead(rule: str, judged: Judged) -> str:
    """What became of a rule whose alert did not come."""
    for alert in judged.alerts:
        if alert.rule == rule:
            return f"it came as {alert.reason}"
    held: NotTold | None = next((one for one in judged.not_told if one.held.rule == rule), None)
    if held is None:
        return "the rule did not fire"
    detail = f" ({held.held.detail})" if held.held.detail else ""
    return f"held: {held.held.reason}{detail}"


def _because(alert: Alert) -> str:
    return alert.note or explain(alert.match)
