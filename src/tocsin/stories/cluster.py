"""Stories over a given set of articles, as a watch would have made them had they come in order of publication."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tocsin.stories.assign import OpenStory, assign
from tocsin.stories.similarity import Features

_UNDATED = datetime(1, 1, 1, tzinfo=UTC)


def clusters(articles: Iterable[Features], *, open_for: timedelta) -> Iterator[tuple[str, str]]:
    """Article id and story id of each, oldest first; a story is open for so long after its last report."""
    stories: list[OpenStory] = []
    for article in sorted(articles, key=lambda one: (one.at or _UNDATED, one.article)):
        still_open = [story for story in stories if _is_open(story, article.at, open_for)]
        chosen = assign(article, still_open)
        if chosen is None:
            chosen = hashlib.sha256(f"cluster\n{article.article}".encode()).hexdigest()[:16]
            stories.append(OpenStory(id=chosen, features=(article,), last_seen=article.at))
        else:
            place = next(place for place, story in enumerate(stories) if story.id == chosen)
            grown = (*stories[place].features, article)
            stories[place] = replace(stories[place], features=grown, last_seen=article.at)
        yield article.article, chosen


def _is_open(story: OpenStory, now: datetime | None, open_for: timedelta) -> bool:
    return story.last_seen is None or now is None or now - story.last_seen <= open_for
