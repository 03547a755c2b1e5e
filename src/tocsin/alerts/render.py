"""An alert as a message: what happened and how sure, the headline, the evidence, why, who else reports it, the link.

Everything that others wrote is defused and cut before it is put between our words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tocsin.alerts.clean import cut, defused, plain, safe_url
from tocsin.model import Alert, Match, Reason, Report, Severity

SUBJECT_LIMIT = 200
"""Characters; a channel that takes less cuts further."""

_EVIDENCE_LIMIT = 300
HEADLINE_LIMIT = 250
_NAME_LIMIT = 60
_REPORTS_SHOWN = 5
_WORDS_SHOWN = 8
_QUOTES = str.maketrans({"«": "“", "»": "”"})

UNHEARD = "You were not told of it before: it was taken back while it waited to be sent."

_OPENINGS = {
    Reason.CORROBORATED: "CONFIRMED — ",
    Reason.ESCALATED: "MORE SERIOUS THAN FIRST TOLD — ",
    Reason.UPDATED: "UPDATE — ",
    Reason.OFFICIAL: "OFFICIAL — ",
    Reason.CORRECTED: "DENIED — ",
    Reason.WITHDRAWN: "WITHDRAWN — ",
    Reason.HEALTH: "TOCSIN — ",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a chart: what is counted, its number, and that number in blocks."""

    name: str
    blocks: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel sends: plain text, safe for any service.

    `short` says the same in a few lines, for channels that take little. `alert` is what it tells of, for channels with
    a markup or a payload of their own; None for a test message.
    """

    subject: str
    text: str
    short: str = ""
    severity: Severity = Severity.MEDIUM
    alert: Alert | None = None
    at: datetime | None = None
    """When it was decided upon, the same at every try; None for a test message."""
    stop: str = ""
    aside: str = ""
    """A sentence that belongs below the first lines: what its readers know of it."""
    chart: tuple[Bar, ...] = ()
    """The bars below the text's first line, for channels that can set them in a table."""

    @property
    def quiet(self) -> bool:
        """Whether nobody is to be pinged by it, where the service can do that."""
        return self.alert is not None and self.alert.quiet


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the evidence sentence; marked where a condition of the rule rests on it."""

    text: str
    marked: bool


def render(alert: Alert, *, stop: str = "", unheard: bool = False) -> Message:
    """The message for an alert; `stop` is a sentence that says how to get fewer of these.

    With `unheard` it takes back what its readers were never told.
    """
    if alert.reason is Reason.HEALTH:
        return _of_the_watch(alert, stop)
    if alert.quiet:
        return _of_growth(alert, stop)
    head = headline(alert)
    title = f"“{defused(alert.article.title, HEADLINE_LIMIT)}”"
    evidence = _quoted(pieces(alert.match))
    if says_it_in_the_title(alert):
        told = [[evidence, byline(alert.article)]]
    else:
        told = [[title, byline(alert.article)], [f"{before(alert)}{evidence}" if evidence else ""]]
    aside = [UNHEARD] if unheard else []
    parts = [[head, sureness(alert), *aside], *told, [f"Why: {why(alert)}"], _others(alert), _foot(alert, stop)]
    return Message(
        subject=cut(f"{head}: {defused(alert.article.title, SUBJECT_LIMIT)}", SUBJECT_LIMIT),
        text="\n\n".join("\n".join(part) for part in parts if any(part)),
        short="\n".join([*_short(alert, head), *aside]),
        severity=alert.severity,
        alert=alert,
        at=alert.created_at,
        stop=stop,
        aside=UNHEARD if unheard else "",
    )


def _of_the_watch(alert: Alert, stop: str) -> Message:
    """What is wrong with the watch itself: no article stands behind it, so the note is all there is."""
    head = headline(alert)
    parts = [[head], noted(alert), [f"Outage {alert.story} · alert {alert.id}", *([stop] if stop else [])]]
    return Message(
        subject=cut(head, SUBJECT_LIMIT),
        text="\n\n".join("\n".join(part) for part in parts if part),
        short="\n".join([head, *noted(alert)]),
        severity=alert.severity,
        alert=alert,
        at=alert.created_at,
        stop=stop,
    )


def _of_growth(alert: Alert, stop: str) -> Message:
    """How a story that was told has grown: its evidence was told before, so the reports are all there is."""
    head = headline(alert)
    newest = f"“{defused(alert.article.title, HEADLINE_LIMIT)}”"
    parts = [
        [head, *noted(alert)],
        [newest, byline(alert.article) + whose(alert.article)],
        _others(alert),
        _foot(alert, stop),
    ]
    return Message(
        subject=cut(f"{head}: {', '.join(noted(alert))}", SUBJECT_LIMIT),
        text="\n\n".join("\n".join(part) for part in parts if part),
        short="\n".join([head, *noted(alert)]),
        severity=alert.severity,
        alert=alert,
        at=alert.created_at,
        stop=stop,
    )


def enough(alert: Alert) -> str:
    """How those who run the watch hear no more of it for a while; empty for what no silence by story holds back."""
    if alert.reason in {Reason.CORRECTED, Reason.WITHDRAWN, Reason.HEALTH}:
        return ""
    return f'Enough of it: tocsin alerts silence --story {alert.story} --for 12h --reason "seen"'


def says_it_in_the_title(alert: Alert) -> bool:
    """Whether the evidence is the article's headline, which then need not be told twice."""
    return _bare(alert.match.sentence.text) == _bare(alert.article.title)


def _bare(text: str) -> str:
    return " ".join(text.split()).rstrip(".!。")


def before(alert: Alert) -> str:
    """What stands before the evidence: who takes something back shows what was said."""
    return "It had said: " if alert.reason is Reason.WITHDRAWN else ""


def noted(alert: Alert) -> list[str]:
    """The lines of an alert's note; what others wrote in it was defused when it was made."""
    return [plain(line) for line in alert.note.splitlines()]


def headline(alert: Alert) -> str:
    """`CRITICAL — Missile launch by North Korea (unconfirmed)`: what happened, and how sure we are."""
    told_as_sure = alert.confirmed or alert.reason in {Reason.CORRECTED, Reason.WITHDRAWN}
    doubt = "" if told_as_sure else " (unconfirmed)"
    return f"{_OPENINGS.get(alert.reason, '')}{alert.severity.upper()} — {defused(alert.title, 120)}{doubt}"


def sureness(alert: Alert) -> str:
    """Who says so, and how many others do."""
    if alert.reason is Reason.WITHDRAWN:
        note = defused(alert.note, _EVIDENCE_LIMIT)
        return note or f"{_name(alert.article)} changed its report; no report of the story says so any more"
    if alert.note:
        return defused(alert.note, _EVIDENCE_LIMIT)
    further = alert.origins - 1
    unsure = not alert.confirmed and alert.reason is not Reason.CORRECTED
    who = f"{_verb(alert)} {_name(alert.article)}{' alone' if unsure and not further else ''}{whose(alert.article)}"
    if further and alert.reason is not Reason.CORRECTED:
        who += f" and {further} other origin{'s' if further > 1 else ''}"
    return f"{who}; not confirmed yet" if unsure else who


def byline(report: Report) -> str:
    """Outlet and time, in UTC and on the outlet's clock."""
    return f"{_name(report)} · {when(report)}"


def brief(report: Report) -> str:
    """Outlet and time in UTC alone, for a line among many."""
    told = report.published
    return f"{_name(report)} · {when(report) if told is None or report.day_only else _utc(told)}"


def when(report: Report) -> str:
    """The publisher's time, or when we saw it if the publisher gave none."""
    if report.published is None:
        return f"no time given, seen {_utc(report.seen_at)}"
    if report.day_only:
        return f"{report.published:%Y-%m-%d}, no time of day given"
    offset = report.published.utcoffset()
    if offset in {None, timedelta(0)}:
        return _utc(report.published)
    other_day = report.published.date() != report.published.astimezone(UTC).date()
    local = report.published.strftime("%Y-%m-%d %H:%M" if other_day else "%H:%M")
    return f"{_utc(report.published)} ({local} local, {report.published:%z})"


def why(alert: Alert) -> str:
    """The rule, the words that it rests on, and how the text says it."""
    words = dict.fromkeys(plain(found.text) for found in alert.match.evidence)
    if alert.reason is Reason.THRESHOLD:
        return f"rule {alert.rule} · counted over time; the newest of them is shown"
    shown = ", ".join(defused(word, 40) for word in list(words)[:_WORDS_SHOWN])
    more = f" and {len(words) - _WORDS_SHOWN} more" if len(words) > _WORDS_SHOWN else ""
    said = "no longer said" if alert.reason is Reason.WITHDRAWN else f"said as {alert.match.assertion}"
    return f"rule {alert.rule} · {shown}{more} · {said}"


def pieces(match: Match, limit: int = _EVIDENCE_LIMIT) -> tuple[Piece, ...]:
    """The evidence sentence in stretches, cut around the matched words to about `limit` characters, not yet defused."""
    sentence = match.sentence
    spans = _merged(
        (max(0, found.start - sentence.start), min(len(sentence.text), found.end - sentence.start))
        for found in match.evidence
        if found.end > sentence.start and found.start < sentence.end
    )
    start, end = _window(sentence.text, spans, limit)
    found: list[Piece] = [Piece("…", marked=False)] if start else []
    place = start
    for left, right in spans:
        if left >= end or right <= start:
            continue
        found.append(Piece(sentence.text[place : max(left, place)], marked=False))
        found.append(Piece(sentence.text[max(left, place) : min(right, end)], marked=True))
        place = min(right, end)
    found.append(Piece(sentence.text[place:end], marked=False))
    if end < len(sentence.text):
        found.append(Piece("…", marked=False))
    return tuple(piece for piece in found if piece.text)


def defused_piece(piece: Piece) -> str:
    """A piece's text made harmless; the space at its ends stays, pieces are joined again."""
    text = defused(piece.text, _EVIDENCE_LIMIT * 2).translate(_QUOTES)
    if not text:
        return " " if piece.text else ""
    before = " " if piece.text[:1].isspace() else ""
    return before + text + (" " if piece.text[-1:].isspace() else "")


def _quoted(found: Sequence[Piece]) -> str:
    inner = "".join(f"«{defused_piece(piece).strip()}»" if piece.marked else defused_piece(piece) for piece in found)
    return f"“{inner.strip()}”" if inner.strip() else ""


def _window(text: str, spans: Sequence[tuple[int, int]], limit: int) -> tuple[int, int]:
    """The stretch of at most `limit` characters that holds the first match and as much as can be of the others."""
    if len(text) <= limit:
        return 0, len(text)
    first = spans[0][0] if spans else 0
    last = max((right for _, right in spans if right - first <= limit), default=first)
    start = max(0, min(first - (limit - (last - first)) // 2, len(text) - limit))
    end = start + limit
    if start and (space := text.find(" ", start, first)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", max(last, start), end)) > 0:
        end = space
    return start, end


def _merged(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for left, right in sorted(spans):
        if merged and left <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        elif left < right:
            merged.append((left, right))
    return merged


def _others(alert: Alert) -> list[str]:
    shown = others(alert)
    if not shown:
        return []
    lines = [f"- {brief(one)}{whose(one)}{f' · {same}' if same else ''}{_link(one)}" for one, same in shown]
    more = len(alert.reports) - len(shown)
    return [others_said(alert), *lines, *([f"- and {more} more"] if more else [])]


def others_said(alert: Alert) -> str:
    """What stands before the other reports."""
    return "What it denies was reported by:" if alert.reason is Reason.CORRECTED else "Also reported by:"


def others(alert: Alert) -> list[tuple[Report, str]]:
    """The other reports to be shown, oldest first: those that count, then the newest that do not, each with the reason.

    Reports with one origin count once: `same origin as Harbour Daily`.
    """
    first: dict[str, Report] = {}
    reasons = {}
    for report in (alert.article, *alert.reports):
        counted = first.setdefault(report.origin or report.publisher, report)
        reasons[report.article] = "" if counted is report else f"same origin as {_name(counted)}"
    newest_first = alert.reports[::-1]
    chosen = sorted(newest_first, key=lambda report: bool(reasons[report.article]))[:_REPORTS_SHOWN]
    return [(report, reasons[report.article]) for report in alert.reports if report in chosen]


def _foot(alert: Alert, stop: str) -> list[str]:
    url = safe_url(alert.article.url)
    stands = "It stood at" if alert.article.vanished_at else "Read"
    return [
        *([f"{stands}: {url}"] if url else []),
        f"Story {alert.story} · alert {alert.id}",
        *([stop] if stop else []),
    ]


def _short(alert: Alert, head: str) -> Iterator[str]:
    yield head
    if alert.reason is Reason.WITHDRAWN and alert.note:
        yield sureness(alert)
    yield f"“{defused(alert.article.title, 120)}” {_name(alert.article)}"
    if url := safe_url(alert.article.url):
        yield url


def _verb(alert: Alert) -> str:
    return "Denied in" if alert.reason is Reason.CORRECTED else "Reported by"


def whose(report: Report) -> str:
    """Whose word it is, where it is not the outlet's own: reports with one origin count once."""
    quoted = report.origin_why and report.origin != report.publisher
    return f" ({defused(report.origin_why, _NAME_LIMIT)})" if quoted else ""


def _link(report: Report) -> str:
    url = safe_url(report.url)
    return f" · {url}" if url else ""


def _name(report: Report) -> str:
    return defused(report.source_name, _NAME_LIMIT) or report.source


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
