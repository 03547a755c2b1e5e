"""What the pipeline makes: frozen values that pass from step to step.

Times are aware datetimes. Offsets into texts count characters (code points) and are half-open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Assertion(StrEnum):
    """How a text says a thing."""

    ASSERTED = "asserted"
    DENIED = "denied"
    PLANNED = "planned"
    HYPOTHETICAL = "hypothetical"
    HISTORICAL = "historical"
    DRILL = "drill"
    OPINION = "opinion"


class Grade(StrEnum):
    """Whether a match is news (`event`, alerts) or was only found (`mention`, kept)."""

    EVENT = "event"
    MENTION = "mention"


class Severity(StrEnum):
    """How much a match matters; `rank` orders them."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info … 4 for critical."""
        return list(Severity).index(self)


class Status(StrEnum):
    """How far a rule is trusted: draft is never told, experimental goes to digests only, stable is told."""

    DRAFT = "draft"
    EXPERIMENTAL = "experimental"
    STABLE = "stable"


# --- from the source to the article -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the publisher said in the feed about one text, untouched."""

    guid: str | None = None
    url: str | None = None
    title: str = ""
    summary: str = ""
    """HTML or plain text of the teaser."""
    content: str = ""
    """HTML of the full text, where the feed carries it."""
    author: str = ""
    published: datetime | None = None
    day_only: bool = False
    """True when `published` names a day without a time."""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One normalised text.

    `title`, `deck`, `byline` and each paragraph are single lines of clean text without leading or trailing space;
    `tocsin.articles.build` makes them so. `published` keeps the publisher's own offset; with `day_only` its time
    of day means nothing. `id` is 16 hex digits of a hash of the text (an imported file keeps the id in its name);
    `original` is the text of an imported file as it was found, so that it can be exported byte for byte.
    """

    id: str
    title: str
    deck: str = ""
    byline: str = ""
    published: datetime | None = None
    day_only: bool = False
    paragraphs: tuple[str, ...] = ()
    language: str | None = None
    source: str = ""
    guid: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    content_hash: str = ""
    """64 hex digits over title and paragraphs, blind to case, spacing and punctuation: equal for equal texts."""
    teaser: bool = False
    """True when only the beginning could be had: the feed's summary, or what stands before a paywall."""
    fetched_at: datetime | None = None
    file_name: str | None = None
    original: str | None = None
    entry_keys: tuple[str, ...] = ()
    """Identity keys of the feed entry it was made from (`tocsin.articles.identity`); not kept with the article."""
    from_page: bool = False
    """True when its text was read at its own address, not in a feed; not kept with the article."""

    @property
    def day(self) -> date | None:
        """The day of publication on the publisher's own calendar."""
        return self.published.date() if self.published else None


@dataclass(frozen=True, slots=True)
class Field:
    """A named stretch of a document: `title`, `deck` or one paragraph of the `body`."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What rules look at: a text as given, with its fields.

    For an article in the text format `text` is the file's whole content; for `{title, text}` from .jsonl it is
    title, line break, text. Evidence offsets point into it.
    """

    id: str
    text: str
    fields: tuple[Field, ...]
    language: str | None = None
    published: datetime | None = None
    source: str = ""
    url: str | None = None
    tags: tuple[str, ...] = ()


class FetchOutcome(StrEnum):
    """How a poll of a source ended."""

    OK = "ok"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class FetchReason(StrEnum):
    """Why a poll ended as it did; each belongs to one outcome."""

    NEW_CONTENT = "new content"
    NOT_MODIFIED = "not modified"  # the server said 304
    SAME_BODY = "same body"  # 200 with the bytes we had
    DNS = "name not found"
    REFUSED = "connection refused"
    TIMEOUT = "timed out"
    TLS = "TLS error"
    CONNECTION = "connection broken"
    HTTP_STATUS = "HTTP error"
    REDIRECTS = "too many redirects"
    FORBIDDEN_ADDRESS = "private address refused"
    FORBIDDEN_SCHEME = "not an http(s) address"
    TOO_LARGE = "body too large"
    UNDECODABLE = "undecodable body"
    NOT_A_FEED = "not a feed"
    NO_ENTRIES = "listing not found"  # a page on which nothing lists articles (any more)
    ROBOTS = "robots.txt forbids"
    EMPTY = "empty body"
    NO_FOLDER = "no such folder"
    UNREADABLE = "unreadable files"
    HOST_HELD = "host asked to wait"  # 429 to another request of ours
    CRASHED = "internal error"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchState:
    """What must be remembered of a source between polls."""

    source: str
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    outcome: FetchOutcome | None = None
    reason: FetchReason | None = None
    detail: str = ""
    failures: int = 0
    """Consecutive failed polls."""
    polled_at: datetime | None = None
    success_at: datetime | None = None
    due_at: datetime | None = None
    asked_url: str | None = None
    """The source's address as it stood in YAML at this poll: with another one, what is remembered of HTTP is void."""
    moved_to: str | None = None
    """Where permanent redirects lead from there."""
    full_at: datetime | None = None
    """When a whole body last came, not a 304."""
    hold_until: datetime | None = None
    """Until when its host wants no request of ours (429)."""
    new_at: datetime | None = None
    """When a poll last brought a new article."""
    rhythm: int | None = None
    """Seconds between two new articles, as a rule; None while that is not known."""
    ttl: int | None = None
    """Seconds that the feed itself says it stays the same."""
    skip_hours: tuple[int, ...] = ()
    """Hours of the day, in UTC, in which the feed says it does not change."""
    window: tuple[str, ...] = ()
    """A mark for every entry of the last feed (`tocsin.sources.window`)."""
    gaps: int = 0
    """How many times of late nothing of the feed before was left in the next one: entries may have been missed."""
    gap_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What a source brought of late: distinct articles, and how many of them lack what they should have."""

    articles: int
    teasers: int
    undated: int


class Health(StrEnum):
    """What is wrong with a source."""

    FAILING = "failing"  # the last poll failed
    SILENT = "silent"  # nothing new for much longer than usual
    GAP = "gap"  # entries may have been missed of late
    UNDATED = "undated"  # its articles carry no date that can be believed
    TEASER_ONLY = "teaser only"  # only the feed's summaries can be had


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one poll of one source brought: the articles not yet known, and the state to remember."""

    state: FetchState
    articles: tuple[Article, ...] = ()
    sightings: tuple[Article, ...] = ()
    """Articles whose text another source already brought: the same text seen again, at another address."""
    revisions: tuple[Article, ...] = ()
    """Known articles whose text is another now; the store knows by their keys which ones."""
    held: Mapping[str, tuple[HeldReason, str]] = field(default_factory=dict)
    """Article id → why nothing of it is to be told, and a detail; stored and judged it is all the same."""
    notes: tuple[str, ...] = ()
    """Sentences about what was left out and why (a page that could not be fetched, a file that cannot be read)."""


# --- from the article to the match --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exact stretch of the document that a condition rests on: `document.text[start:end] == text`."""

    field: str
    start: int
    end: int
    text: str
    because: str = ""
    """The condition that found it: `entity:dprk`, `terms:missile`, `words`, `cue:denied`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule that fired on an article."""

    rule: str
    title: str
    severity: Severity
    grade: Grade
    assertion: Assertion
    evidence: tuple[Evidence, ...]
    """In reading order."""
    sentence: Evidence
    """The sentence (or sentences) the match stands in."""
    cue: Evidence | None = None
    """What decided the assertion; None when nothing spoke against `asserted`."""
    builds_on: tuple[str, ...] = ()
    """Ids of the rules used as building blocks, all levels."""
    entities: tuple[str, ...] = ()
    """Ids of the entities found in the match's scope."""
    tags: tuple[str, ...] = ()
    status: Status = Status.STABLE
    filter: str = ""
    """Id of the filter that makes a mention of it; empty when none does."""
    filter_reason: str = ""


# --- from the match to the alert ----------------------------------------------------------------------------------


class Reason(StrEnum):
    """Why an alert is told."""

    FIRST = "first"
    CORROBORATED = "corroborated"  # as many origins as the rule asks for
    OFFICIAL = "official"  # a state or its forces say so
    ESCALATED = "escalated"
    UPDATED = "updated"
    CORRECTED = "corrected"  # a later report of the story denies it
    WITHDRAWN = "withdrawn"  # no report of the story says so any more
    HEALTH = "health"  # something is wrong with the watch itself, or well again
    THRESHOLD = "threshold"  # much more of it, or less, than there should be

    @property
    def takes_back(self) -> bool:
        """Whether it says that what was told does not hold."""
        return self in {Reason.CORRECTED, Reason.WITHDRAWN}


class HeldReason(StrEnum):
    """Why something that matched is not told; stored and listed, never silent."""

    MENTION = "mention"  # denied, planned, historical …: kept, not told
    FILTERED = "filtered"  # stands in a context that a filter names
    DRAFT = "draft rule"
    EXPERIMENTAL = "experimental rule"
    SAME_STORY = "story already told"
    COVERED = "told by a more specific rule"
    NO_ROUTE = "no route leads to a channel"
    BASELINE = "baseline"  # in the feed when its source was polled for the first time
    STALE = "stale"  # published long before it was first seen
    QUARANTINED = "quarantined"  # an old title in a flood of new addresses
    SILENCED = "silenced"  # somebody silenced it for a while
    INHIBITED = "inhibited"  # another rule's alert makes it no news
    BACKFILL = "found by a backfill"  # in an archive that was judged again


class DeliveryState(StrEnum):
    """Where a delivery stands in the outbox."""

    PENDING = "pending"
    SENT = "sent"
    HELD = "held"
    FAILED = "failed"  # will be tried again
    DEAD = "dead"  # given up; `tocsin deliveries retry` brings it back
    COVERED = "covered"  # it waited, and a later one of the same story says more: told with that one


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One outlet's article inside a story."""

    article: str
    source: str
    source_name: str
    publisher: str
    """Publisher family; reports of one family are one origin."""
    title: str
    url: str | None
    published: datetime | None
    language: str | None
    seen_at: datetime
    day_only: bool = False
    """True: the time of day in `published` means nothing."""
    events: tuple[str, ...] = ()
    """Ids of the rules that judged it an event, the rules they build on included."""
    origin: str = ""
    """Who first said it (`tocsin.stories.origin`): an entity, or the publisher family; empty when not known."""
    origin_why: str = ""
    official: bool = False
    """The origin is a state, its forces or another body that speaks in its own name."""
    vanished_at: datetime | None = None
    """When its page was found to be gone: it reports nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Articles, in any language, about the same happening."""

    id: str
    title: str
    first_seen: datetime
    last_seen: datetime
    reports: tuple[Report, ...] = ()
    told: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    """Rule id → the reasons already told for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What must be told: rule × story, with a named reason. `id` is stable: the same decision has the same id."""

    id: str
    rule: str
    title: str
    reason: Reason
    severity: Severity
    story: str
    match: Match
    article: Report
    reports: tuple[Report, ...] = ()
    confirmed: bool = True
    """False while a rule that asks for corroboration has not enough origins and nobody official has said so."""
    official: bool = False
    """A state, its forces or another body said so in its own name."""
    origins: int = 1
    note: str = ""
    """What was counted, how the watch does, or who took what back, in words; empty where the match says it all."""
    quiet: bool = False
    """It only adds to what was told: for channels that want to know (`updates`), and without a ping."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What somebody does not want to be told of for a while. Everything that is given must fit an alert."""

    number: int
    author: str
    reason: str
    created_at: datetime
    until: datetime
    rule: str | None = None
    story: str | None = None
    entity: str | None = None
    tag: str | None = None
    source: str | None = None
    channel: str | None = None
    """Of what ails the watch, the outages of this channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A match that is not told, and why."""

    rule: str
    article: str
    reason: HeldReason
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert × one channel in the outbox. `id` is stable and serves as idempotency key."""

    id: str
    alert: Alert
    channel: str
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    """Finished attempts, counted at their outcome."""
    due_at: datetime | None = None
    last_error: str = ""
    digest: str = ""
    """Deliveries of a channel with the same one are told in one message."""
    unheard: bool = False
    """It takes back what was never told on this channel."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `number` messages in any `seconds`."""

    number: int
    seconds: int


class SendOutcome(StrEnum):
    """How one attempt to send ended."""

    SENT = "sent"
    TRANSIENT = "transient"  # worth another try
    PERMANENT = "permanent"  # no try will help
    UNCONFIGURED = "unconfigured"  # the channel has no address yet


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """The outcome of one attempt, with a reason that holds no secret."""

    outcome: SendOutcome
    detail: str = ""
    retry_after: float | None = None
    """Seconds the receiver asked us to wait."""
    receipt: str = ""
    """What the channel calls the message (Message-ID, event id, timestamp): later alerts of the story answer it."""
