"""How the end of a poll becomes what is remembered of its source. Pure."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime

from tocsin.model import FetchOutcome, FetchReason, FetchState
from tocsin.sources.answers import Failed, Fetched, NotModified
from tocsin.sources.schedule import next_due
from tocsin.specs.sources import SourceSpec

_TOO_MANY = 429
_GONE = frozenset({404, 410})


def current(source: SourceSpec, state: FetchState | None) -> FetchState:
    """What is remembered; of an address that is no longer the source's, nothing about HTTP."""
    before = state or FetchState(source=source.id)
    if before.asked_url in {None, source.url}:
        return replace(before, asked_url=source.url)
    return replace(
        before,
        asked_url=source.url,
        moved_to=None,
        etag=None,
        last_modified=None,
        body_hash=None,
        full_at=None,
        hold_until=None,
        window=(),
        gaps=0,
        due_at=None,
    )


def succeeded(
    source: SourceSpec,
    before: FetchState,
    reason: FetchReason,
    now: datetime,
    rng: random.Random,
    answer: Fetched | NotModified | None = None,
) -> FetchState:
    """After a good poll; `answer` is what the server said (none for a folder)."""
    outcome = FetchOutcome.OK if reason is FetchReason.NEW_CONTENT else FetchOutcome.UNCHANGED
    state = replace(before, outcome=outcome, reason=reason, detail="", failures=0, polled_at=now, success_at=now)
    state = replace(state, hold_until=None)
    if isinstance(answer, Fetched):
        state = replace(state, etag=answer.etag, last_modified=answer.last_modified, full_at=now)
    if answer and answer.moved_to:
        state = replace(state, moved_to=answer.moved_to)
    fresh_for = answer.fresh_for if answer else 0.0
    return replace(state, due_at=next_due(source, state, outcome, now, rng, fresh_for=fresh_for))


def refused(source: SourceSpec, before: FetchState, answer: Failed, now: datetime, rng: random.Random) -> FetchState:
    """After a poll that brought no body. A 429 holds the whole host; waiting for it is no failure of the source's."""
    if answer.reason is FetchReason.HOST_HELD:
        before = replace(before, failures=before.failures - 1)
    if before.moved_to and (answer.status in _GONE or answer.reason is FetchReason.DNS):
        before = replace(before, moved_to=None)  # 'for good' was not: the next poll asks at the old address
    state = failed(source, before, answer.reason, answer.detail, now, rng, retry_after=answer.retry_after)
    return replace(state, hold_until=state.due_at) if answer.status == _TOO_MANY else state


def failed(
    source: SourceSpec,
    before: FetchState,
    reason: FetchReason,
    detail: str,
    now: datetime,
    rng: random.Random,
    *,
    retry_after: float | None = None,
) -> FetchState:
    """After a poll that failed, whatever the reason."""
    outcome = FetchOutcome.FAILED
    state = replace(before, outcome=outcome, reason=reason, detail=detail, failures=before.failures + 1, polled_at=now)
    return replace(state, due_at=next_due(source, state, outcome, now, rng, retry_after=retry_after))
