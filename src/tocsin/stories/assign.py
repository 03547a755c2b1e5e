"""Puts an article into a story that is still open, or begins a new one."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.model import Article
from tocsin.stories.similarity import Features, Verdict, same_story

OPEN_FOR = timedelta(days=4)
"""How long after its last report a story takes further ones."""

_AGREE = 0.5  # of a story's members (the newest few) must find the article the same
_ASKED = 8
_COMMON_LEAST, _COMMON_SHARE = 6, 0.05  # stories


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStory:
    """A story that may still get reports."""

    id: str
    features: tuple[Features, ...]
    """Its members, oldest first."""
    last_seen: datetime | None = None
    told: tuple[str, ...] = ()
    """Rules that have told it: a told story wins over an untold one that is as near."""


def assign(new: Features, open_stories: Sequence[OpenStory]) -> str | None:
    """The id of the story that the article belongs to, or None when it begins one.

    The story's first report and its newest ones are asked; one look-alike is not enough to be let in, so that a story
    does not drift from one happening to the next.
    """
    common = _common(open_stories)
    fitting = ((_belongs(new, story, common), bool(story.told), story.id) for story in open_stories)
    best = max((found for found in fitting if found[0] > 0), default=None)
    return best[2] if best else None


def new_story_id(article: Article) -> str:
    """16 hex digits, the same for the same article."""
    return hashlib.sha256(f"story\n{article.id}".encode()).hexdigest()[:16]


def _belongs(new: Features, story: OpenStory, common: frozenset[int]) -> float:
    """How well the article fits the story, 0 when it does not belong there."""
    members = story.features if len(story.features) <= _ASKED else (story.features[0], *story.features[1 - _ASKED :])
    verdicts = {member.article: same_story(new, member, common) for member in members}
    agreeing: list[Verdict] = [verdict for verdict in verdicts.values() if verdict.same]
    # Who reports the event knows it best: comments, denials and looks back that joined have half a say against it.
    voices = sum(1.0 if member.events or not new.events else 0.5 for member in members)
    if not agreeing or len(agreeing) < _AGREE * voices:
        return 0.0
    return sum(verdict.score for verdict in agreeing) / len(agreeing)


def _common(stories: Sequence[OpenStory]) -> frozenset[int]:
    """Words that stand in so many stories that they tell none from another: this week's names and topics."""
    counts = Counter(word for story in stories for word in {word for member in story.features for word in member.lead})
    least = max(_COMMON_LEAST, len(stories) * _COMMON_SHARE)
    return frozenset(word for word, count in counts.items() if count >= least)
