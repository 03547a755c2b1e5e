"""A step of a pass: articles behind alerts are looked at again where they stand, and what has changed is told.

Pages are asked for first, all that are due at the same time; then each article is written in its own transaction.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from tocsin import urls
from tocsin.alerts.looks import Finding, Look, Showing, Sight, after, finding
from tocsin.articles.identity import text_keys
from tocsin.articles.retraction import is_retracted
from tocsin.errors import TocsinError
from tocsin.model import Article
from tocsin.pipeline.commit import Commit, Judged, Reading, open_places, read_article
from tocsin.pipeline.shares import Lease
from tocsin.pipeline.takeback import RETRACTED, TAKEN_DOWN, Loss, events_in
from tocsin.sources.answers import Limits
from tocsin.sources.rereading import is_alike, is_whole, reread
from tocsin.specs.sources import SourceSpec
from tocsin.store import Store, articles, looks
from tocsin.store.looks import Due
from tocsin.times import utc_now
from tocsin.workspace import Workspace

log = logging.getLogger(__name__)

_MOST = 200
"""Looks of one pass; further ones wait for the next."""


def look_again(
    workspace: Workspace,
    store: Store,
    judged: Judged,
    *,
    now: Callable[[], datetime] = utc_now,
    user_agent: str | None = None,
    limits: Limits | None = None,
) -> None:
    """Looks at every article that is due; `judged` is added to. Most passes have none, and then nothing is asked.

    Hosts that another worker is at are left to a later pass: so no article is looked at twice at once.
    """
    lease = Lease(store, store.worker, now)
    try:
        _look(workspace, store, judged, lease, now=now, user_agent=user_agent, limits=limits)
    finally:
        lease.give_back()


def _look(
    workspace: Workspace,
    store: Store,
    judged: Judged,
    lease: Lease,
    *,
    now: Callable[[], datetime],
    user_agent: str | None,
    limits: Limits | None,
) -> None:
    specs = {source.id: source for source in workspace.sources if source.enabled and source.look_again}
    due = _claimed(store, lease, now)
    asked = [(one, specs[one.article.source], near) for one, near in due if one.article.source in specs]
    if left := [one for one, _ in due if one.article.source not in specs]:
        _leave(store, left)
    for (one, source, _), sight in zip(asked, _sights(asked, lease, limits, user_agent), strict=True):
        _Looking(workspace, store, source, judged, now()).guarded(one, sight)
        lease.renew()


def _claimed(store: Store, lease: Lease, now: Callable[[], datetime]) -> list[tuple[Due, str | None]]:
    """The looks that this worker is to make, each with another address at its host."""
    with store.claiming() as connection:
        wanted = looks.due_hosts(connection, now(), _MOST)
        free = wanted - lease.busy(connection) if wanted else wanted
        if not free:
            return []
        got = lease.take(connection, free)
        # Read under the lease: another worker may have looked at them since.
        found = looks.due(connection, now(), _MOST)
        mine = [one for one in found if urls.host_port(one.article.url or "") in got]
        return [(one, looks.neighbour(connection, one.article)) for one in mine]


def _leave(store: Store, left: list[Due]) -> None:
    """Of sources that are gone, switched off or not to be looked at again, nothing is asked any more."""
    with store.writing() as connection:
        for one in left:
            looks.save(connection, one.look, replace(one.look, due_at=None, detail="its source is not looked at"))


def _sights(
    asked: list[tuple[Due, SourceSpec, str | None]], lease: Lease, limits: Limits | None, user_agent: str | None
) -> list[Sight]:
    from tocsin.sources.again import Asked, look_at  # noqa: PLC0415 - brings httpx and the parsers

    if not asked:
        return []
    pages = [
        Asked(
            source=source,
            url=one.article.url or "",
            # A page that was missing must come whole: "unchanged" would not say what it says.
            etag=None if one.look.missing_since else one.look.etag,
            last_modified=None if one.look.missing_since else one.look.last_modified,
            neighbour=near,
        )
        for one, source, near in asked
    ]
    return asyncio.run(look_at(pages, limits, user_agent, lease.renew))


@dataclass(frozen=True, slots=True)
class _Looking:
    """One article's look, written in one transaction."""

    workspace: Workspace
    store: Store
    source: SourceSpec
    judged: Judged
    now: datetime

    def guarded(self, due: Due, sight: Sight) -> None:
        """Writes; one page must not keep a pass from its end."""
        try:
            self.write(due, sight)
        except TocsinError:
            raise
        except Exception as error:
            log.exception("%s: what stands at %s now cannot be judged", self.source.id, due.article.url)
            what = f"looked at again, but not judged: internal error ({type(error).__name__})"
            self.judged.notes.append(f"{self.source.id}: {due.article.url}: {what}")
            self._keep(due, after(due.look, Sight(showing=Showing.UNSURE, detail=what), self.now))

    def write(self, due: Due, sight: Sight) -> None:
        """Keeps what the look has shown, with everything that follows from it."""
        found = finding(due.look, sight, self.now)
        if found is Finding.VANISHED and due.copies:
            # The text stands elsewhere still: somebody says so.
            self._keep(due, after(due.look, sight, self.now))
        elif found is Finding.VANISHED:
            log.info("%s: %s has vanished", self.source.id, due.article.url)
            loss = Loss(article=due.article.id, how=TAKEN_DOWN, vanished_at=self.now)
            self._keep(due, after(due.look, sight, self.now), lambda commit: commit.take_back(loss))
        elif sight.page is not None:
            again = reread(due.article, sight.page, due.look.page_title, self.now)
            self._read(due, sight, again, returned=found is Finding.RETURNED)
        else:
            self._keep(due, after(due.look, sight, self.now))

    def _read(self, due: Due, sight: Sight, again: Article, *, returned: bool) -> None:
        """There is a text: is it the one we know?"""
        headline = sight.page.title if sight.page else again.title
        if is_retracted(headline, again.paragraphs):
            loss = Loss(article=due.article.id, title=headline, how=RETRACTED)
            look = replace(after(due.look, sight, self.now), due_at=None, detail="retracted by its outlet")
            self._keep(due, look, lambda one: one.take_back(loss))
            return
        if not is_alike(due.article, again):
            unlike = Sight(showing=Showing.UNSURE, detail="another text stands at its address")
            self._keep(due, after(due.look, unlike, self.now))
            return
        look = replace(
            after(due.look, sight, self.now),
            page_title=due.look.page_title or headline,
            text_hash=again.content_hash,
        )
        if returned or due.look.says is None or again.content_hash != due.look.text_hash:
            self._compare(due, look, again, returned=returned)
        else:
            self._keep(due, look)

    def _compare(self, due: Due, look: Look, again: Article, *, returned: bool) -> None:
        """The text is another one than at the last look, or is read at its address for the first time, or is back."""
        reading = read_article(self.workspace, self.source, again, self.judged, self.now)
        reading = replace(reading, article=replace(again, id=due.article.id))
        says = tuple(sorted(events_in(reading.matches)))
        look = replace(look, says=says)
        if (
            due.look.says is None
        ):  # a feed's text and its page's differ in any case: this is what later ones are held to
            self._keep(due, look)
        elif returned:
            there = replace(look, detail="there again")
            self._keep(due, there, lambda commit: _returned(commit, reading))
        elif is_whole(due.article, again):
            lost = frozenset(due.look.says) - frozenset(says)
            other = replace(look, detail=f"rewritten, and {'no longer says' if lost else 'still says'} what was told")
            self._keep(due, other, lambda commit: _rewritten(commit, again, reading, lost))
        else:
            self._keep(
                due, replace(look, says=due.look.says, text_hash=due.look.text_hash, detail="only a part is shown")
            )

    def _keep(self, due: Due, look: Look, then: Callable[[Commit], None] | None = None) -> None:
        with self.store.writing() as connection:
            if looks.save(connection, due.look, look) and then:
                then(
                    Commit(
                        self.workspace,
                        connection,
                        self.source,
                        open_places(connection, self.now),
                        {},
                        self.judged,
                        self.now,
                    )
                )


def _returned(commit: Commit, reading: Reading) -> None:
    """A page that had vanished is there again: its report counts again, and what was withdrawn is told once more."""
    events = tuple(match for match in reading.matches if events_in((match,)))
    if events and reading.features and commit.story_of(reading.article.id):
        commit.decide(replace(reading, matches=events), reading.features)


def _rewritten(commit: Commit, again: Article, reading: Reading, lost: frozenset[str]) -> None:
    """A text that was changed where it stands is a revision, as one that a feed shows is."""
    known = articles.known(commit.connection, text_keys(again))
    if not known:
        articles.save_revision(commit.connection, again, commit.now)
        commit.judged.revisions += 1
    if lost:
        commit.take_back(Loss(article=reading.article.id, title=again.title, rules=lost, matches=reading.matches))
    commit.tell_more(reading)
