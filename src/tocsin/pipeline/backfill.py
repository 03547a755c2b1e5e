"""Judges an archive again with today's rules: what they find is kept, with its stories, and nobody is told.

The archive is judged in chunks, here or elsewhere (`tocsin.pipeline.archive`); what they found is written here, in
their order, so that the outcome does not depend on who judged. What is known already is not written again: a run that
was ended is simply started again, and goes on where a bookmark says it was.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from tocsin.alerts.decide import decide, report_of
from tocsin.articles.document import count_articles
from tocsin.model import Grade, Held, HeldReason, Match
from tocsin.pipeline.archive import TOGETHER, Chunk, Found, chunks, source_gone, stored_chunks
from tocsin.pipeline.commit import Commit, Judged, Open, Reading, features_text, places
from tocsin.specs.sources import SourceSpec
from tocsin.store import Store, articles, ledger
from tocsin.store.ledger import Kept
from tocsin.stories.assign import OPEN_FOR
from tocsin.stories.similarity import Features
from tocsin.workspace import Workspace

log = logging.getLogger(__name__)

_WRITTEN_TOGETHER = 200
"""Articles in one transaction: a pass of the watch beside it waits for a second at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a backfill did."""

    judged: int = 0
    left_out: int = 0
    """Articles outside the time asked for, or without a date where one is asked for."""
    unreadable: int = 0
    articles: int = 0
    """Those on which a rule fired."""
    events: int = 0
    mentions: int = 0
    stored: int = 0
    """Articles of files that were not known yet."""
    new: int = 0
    """Matches that were not known."""
    changed: int = 0
    """Matches that are others now; those that were told stay as they were."""
    gone: int = 0
    """Matches that the rules no longer find, and that were never told."""

    def __add__(self, other: Figures) -> Figures:
        return Figures(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What is judged again: files, or, where none are named, the store's own articles."""

    paths: tuple[Path, ...] = ()
    last: int = 0
    """The running number of the article that was stored last: so far stored ones are judged."""

    @property
    def chunks(self) -> Iterator[Chunk]:
        """All of it, always cut in the same way."""
        return chunks(self.paths) if self.paths else stored_chunks(self.last)

    @property
    def number(self) -> int:
        """How many articles it holds, about."""
        return count_articles(self.paths) if self.paths else self.last

    def mark(self) -> list[object]:
        """What tells it from others, and from itself once it has changed."""
        files = (file for path in self.paths for file in (sorted(path.glob("*.txt")) if path.is_dir() else [path]))
        stats = ((str(file), file.stat()) for file in files if file.exists())
        return [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats]


def survey(store: Store, paths: Sequence[Path]) -> Archive:
    """The files, or else what the store holds now."""
    return Archive(paths=tuple(path.absolute() for path in paths), last=_last(store))


def backfill(
    workspace: Workspace,
    store: Store,
    archive: Archive,
    judged: Callable[[Iterable[Chunk]], Iterable[Found]],
    *,
    bookmark: Bookmark,
    now: datetime,
    on_written: Callable[[Found], None] = lambda _: None,
) -> Figures:
    """Judges the archive and writes what is found, a chunk after the other; nobody is told.

    `judged` makes of chunks what stands in them, in their order. `on_written` is called with each, once it is written.
    """
    total, begin = Figures(), bookmark.chunks()
    for number, found in enumerate(judged(islice(archive.chunks, begin, None)), start=begin + 1):
        total += write(workspace, store, found, now)
        bookmark.put(number, _last(store))
        on_written(found)
    bookmark.remove()
    return total


def _last(store: Store) -> int:
    with store.claiming() as connection:
        return articles.last_number(connection)


def write(workspace: Workspace, store: Store, found: Found, now: datetime) -> Figures:
    """Writes what stands in a chunk, a few articles in each transaction."""
    figures = Figures(judged=found.judged, left_out=found.left_out, unreadable=len(found.problems))
    for some in _cut(found.readings):
        with store.writing() as connection:
            figures += _Writing(workspace, connection, now).readings(some)
    firing = {reading.article.id for reading in found.readings}
    if silent := [article for article in found.stored if article not in firing]:
        with store.writing() as connection:
            figures += _Writing(workspace, connection, now).silent(silent)
    return figures


@dataclass(frozen=True, slots=True)
class _Writing:
    """One transaction of a backfill."""

    workspace: Workspace
    connection: Connection
    now: datetime

    def readings(self, some: Sequence[Reading]) -> Figures:
        """Writes what was found in articles."""
        new, known = self._known(some)
        ids = [reading.article.id for reading in known]
        before, stories, whole = ledger.kept(self.connection, ids), self._stories(known), self._whole(some, known)
        figures = Figures(articles=len(set(ids)), stored=new)
        for reading, alone in zip(known, whole, strict=True):
            figures += self._reading(reading, before.setdefault(reading.article.id, {}), stories, whole=alone)
        return figures

    def silent(self, ids: Sequence[str]) -> Figures:
        """Forgets what was found, and never told, in stored articles in which no rule finds anything now."""
        before = ledger.kept(self.connection, ids)
        revised = articles.revised(self.connection, list(before))
        gone = 0
        for article, kept in before.items():
            lost = () if article in revised else self._lost(kept, ())
            if lost:
                ledger.drop_matches(self.connection, article, lost)
                if len(lost) == len(kept):
                    ledger.drop_report(self.connection, article)
            gone += len(lost)
        return Figures(gone=gone)

    def _known(self, some: Sequence[Reading]) -> tuple[int, list[Reading]]:
        """The readings under the ids by which the store knows their articles, and how many are new to it."""
        new = [replace(one.article, fetched_at=self.now) for one in some if one.article.fetched_at is None]
        owners = iter(articles.save_articles(self.connection, new))
        stored, known = 0, []
        for reading in some:
            owner = next(owners) if reading.article.fetched_at is None else reading.article.id
            stored += owner is None
            known.append(_owned(reading, owner) if owner else reading)
        return stored, known

    def _whole(self, some: Sequence[Reading], known: Sequence[Reading]) -> list[bool]:
        """Whether each reading is of all that is kept of its article: not of one text of several, nor of a copy."""
        ids = [reading.article.id for reading in known]
        revised, kept = articles.revised(self.connection, ids), articles.origins(self.connection, ids)
        return [
            one.article.id not in revised
            and given.article.id == one.article.id
            and kept[one.article.id] == (one.article.source, one.article.published)
            for given, one in zip(some, known, strict=True)
        ]

    def _stories(self, known: Sequence[Reading]) -> dict[str, Open]:
        """The stories that these articles are in, or may be put into."""
        times = [self._seen(reading) for reading in known]
        ids = [reading.article.id for reading in known]
        if not times:
            return {}
        return places(ledger.stories_around(self.connection, min(times) - OPEN_FOR, max(times) + OPEN_FOR, ids))

    def _seen(self, reading: Reading) -> datetime:
        """When a watch would have seen the article."""
        article = reading.article
        return min(filter(None, (article.published, article.fetched_at, self.now)))

    def _reading(self, reading: Reading, kept: dict[str, Kept], stories: dict[str, Open], *, whole: bool) -> Figures:
        """Writes what is new in an article, and, where its reading is `whole`, what is other or gone."""
        new = [match for match in reading.matches if match.rule not in kept]
        changed = [match for match in reading.matches if _is_other(match, kept.get(match.rule), whole=whole)]
        lost = self._lost(kept, reading.matches) if whole else ()
        if reading.features and (new or changed or lost):
            held = self._placed(reading, reading.features, kept, stories, whole=whole)
            for match in (*new, *changed):
                self._keep(reading.article.id, match, held)
                kept[match.rule] = Kept(rule=match.rule, grade=match.grade, text=ledger.as_text(match), told=False)
            ledger.drop_matches(self.connection, reading.article.id, lost)
        events = sum(match.grade is Grade.EVENT for match in reading.matches)
        return Figures(
            events=events,
            mentions=len(reading.matches) - events,
            new=len(new),
            changed=len(changed),
            gone=len(lost),
        )

    def _lost(self, kept: Mapping[str, Kept], matches: Sequence[Match]) -> tuple[str, ...]:
        """Rules that no longer find what was kept of them and never told; those that are no more are left alone."""
        found = {match.rule for match in matches}
        rules = self.workspace.judge.rules
        return tuple(rule for rule, one in kept.items() if rule in rules and rule not in found and not one.told)

    def _placed(
        self, reading: Reading, like: Features, kept: Mapping[str, Kept], stories: dict[str, Open], *, whole: bool
    ) -> tuple[str, dict[str, Held]]:
        """Puts the article into its story, or leaves it there: the story, and why each match is not told.

        Its report says what the rules find now, and nothing more where the reading is `whole`.
        """
        source = self._source(reading.article.source)
        seen = self._seen(reading)
        near = _near(stories, seen, reading.article.id)
        commit = Commit(self.workspace, self.connection, source, near, {}, Judged(), seen)
        report = report_of(reading.article, source, reading.matches, seen, reading.origin)
        spans = {name: (place.story.first_seen, place.story.last_seen) for name, place in near.items()}
        story = commit.story_for(reading.article, like, report)
        stories.update(near)
        place = stories[story.id]
        self._stretch(place, spans.get(story.id, (seen, seen)), reading.article.id)
        if whole and not any(one.told for one in kept.values()):
            self._say_only(place, reading.article.id, report.events)
        decision = decide(
            article=reading.article,
            source=source,
            matches=reading.matches,
            story=place.story,
            rules=self.workspace.judge.rules,
            now=seen,
        )
        return story.id, {held.rule: held for held in decision.held}

    def _source(self, name: str) -> SourceSpec:
        return next((one for one in self.workspace.sources if one.id == name), None) or source_gone(name)

    def _stretch(self, place: Open, span: tuple[datetime, datetime], article: str) -> None:
        """A story's reports need not come in their order here."""
        seen = next(report.seen_at for report in place.story.reports if report.article == article)
        first, last = min(span[0], seen), max(span[1], seen)
        place.story = replace(place.story, first_seen=first, last_seen=last)
        ledger.stretch_story(self.connection, place.story.id, first, last)

    def _say_only(self, place: Open, article: str, events: tuple[str, ...]) -> None:
        number = next(number for number, one in enumerate(place.story.reports) if one.article == article)
        report = place.story.reports[number]
        if report.events != events:
            report = replace(report, events=events)
            reports = (*place.story.reports[:number], report, *place.story.reports[number + 1 :])
            place.story = replace(place.story, reports=reports)
            ledger.save_report(self.connection, place.story.id, report, features_text(place.features[number]))
            ledger.stretch_story(self.connection, place.story.id, place.story.first_seen, place.story.last_seen)

    def _keep(self, article: str, match: Match, held: tuple[str, Mapping[str, Held]]) -> None:
        """An event is no news here, whatever else would keep it from being told: threshold rules do not count it."""
        story, reasons = held
        why = reasons.get(match.rule)
        if why is None or match.grade is Grade.EVENT:
            detail = ": ".join(filter(None, (why.reason, why.detail))) if why else ""
            why = Held(rule=match.rule, article=article, reason=HeldReason.BACKFILL, detail=detail)
        ledger.save_match(self.connection, article, match, story_id=story, held=why, now=self.now)


def _owned(reading: Reading, owner: str) -> Reading:
    """The reading of an article that is stored under another id."""
    like = replace(reading.features, article=owner) if reading.features else None
    return replace(reading, article=replace(reading.article, id=owner), features=like)


def _is_other(match: Match, before: Kept | None, *, whole: bool) -> bool:
    """Whether the match is another than the one that is kept and was never told."""
    if before is None or before.told:
        return False
    if whole:
        return before.text != ledger.as_text(match)
    return before.grade is Grade.MENTION and match.grade is Grade.EVENT


def _near(stories: Mapping[str, Open], seen: datetime, article: str) -> dict[str, Open]:
    """The stories that took reports at about that time, and the one that has the article already."""
    return {
        name: place
        for name, place in stories.items()
        if place.story.first_seen - OPEN_FOR <= seen <= place.story.last_seen + OPEN_FOR
        or any(report.article == article for report in place.story.reports)
    }


def _cut(readings: Sequence[Reading]) -> Iterator[Sequence[Reading]]:
    return (readings[at : at + _WRITTEN_TOGETHER] for at in range(0, len(readings), _WRITTEN_TOGETHER))


# --- where a run was ----------------------------------------------------------------------------------------------


class Bookmark:
    """How many chunks of a run are written, in a small file; without it a run begins at the front, and finds the same.

    A run is the same one when it asks for the same of the same archive with the same rules. A store that holds less
    than when the bookmark was put is another store.
    """

    def __init__(self, root: Path, archive: Archive, *asked: str) -> None:
        rules = Archive(paths=tuple(sorted((root / "rules").rglob("*.yaml")))).mark()
        text = json.dumps([TOGETHER, rules, archive.mark(), *asked])
        self._last = archive.last
        self._path = root / "data" / "backfill" / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"

    def chunks(self) -> int:
        """So many are written."""
        try:
            noted = json.loads(self._path.read_text("utf-8"))
            return int(noted["chunks"]) if noted["last"] <= self._last else 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def articles(self) -> int:
        """So many articles stand in them, about."""
        return self.chunks() * TOGETHER

    def put(self, chunks: int, last: int) -> None:
        """Notes that so many are written, and the running number of the article stored last.

        Where the folder cannot be written to, the run goes on without.
        """
        new = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps({"chunks": chunks, "last": last}), "utf-8")
            new.replace(self._path)
        except OSError as error:
            log.warning("%s: cannot be written (%s): a run that is ended begins at the front", new, error.strerror)

    def remove(self) -> None:
        """The run is over."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
            self._path.parent.rmdir()
