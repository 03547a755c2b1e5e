"""`tocsin alerts routes`: who would get an alert, and when. Nothing is stored or sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tocsin.alerts.decide import Decision, decide
from tocsin.alerts.throttle import in_words, is_exempt
from tocsin.alerts.timing import Plan
from tocsin.articles.document import documents
from tocsin.cli.common import JsonOption, WorkspaceOption, console, opened_store, print_json, table
from tocsin.errors import UsageError
from tocsin.model import Alert, Article, Assertion, Document, Evidence, Grade, Held, Match, Reason, Story
from tocsin.pipeline.telling import asked_of, muted, plans_for
from tocsin.specs.rules import RuleSpec
from tocsin.specs.sources import SourceKind, SourceSpec
from tocsin.times import parse_date
from tocsin.workspace import Workspace, find_root, load


def routes(
    *,
    try_: Annotated[str, Parameter(name="--try", help="A rule's id, or an article's file.")],
    at: Annotated[str | None, Parameter(help="When, as in 2026-11-22T23:30+09:00; now when absent.")] = None,
    language: Annotated[str, Parameter(help="The article's language.")] = "en",
    tier: Annotated[int, Parameter(help="Of the article's source, 1 to 4.")] = 3,
    origins: Annotated[int, Parameter(help="How many origins report it.")] = 1,
    entity: Annotated[tuple[str, ...], Parameter(help="Entities in the event's sentence.")] = (),
    reason: Annotated[Reason, Parameter(help="Why it is told.")] = Reason.FIRST,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Who would get an alert of a rule, or of an article, and when; and what would not be told, and why.

    Silences count, and alerts that were told of late. Ends with 1 when nobody would be told.
    """
    root = find_root(workspace)
    loaded = load(root)
    now = _moment(at)
    rows: list[dict[str, Any]] = []
    with opened_store(root) as store, store.writing() as connection:
        for decision, spoken in _decisions(loaded, try_, entity, now):
            told: list[Alert] = []
            for one in decision.alerts:
                report = replace(one.article, language=spoken or language)
                alert = replace(one, reason=reason, origins=origins, article=report)
                held = muted(loaded, connection, alert, now, told)
                rows += [_held_row(held)] if held else _rows(loaded, alert, tier, now)
                told += [] if held else [alert]
            rows += map(_held_row, decision.held)
    rows.sort(key=lambda row: (row["due_at"] is None, row["due_at"] or now, row["channel"]))
    if json:
        print_json(rows)
    else:
        _print(rows, now)
    return int(not any(row["channel"] for row in rows))


def _decisions(
    workspace: Workspace, wanted: str, entities: tuple[str, ...], now: datetime
) -> Iterator[tuple[Decision, str | None]]:
    """What would be decided about a made-up event of the rule, or each article, as the first report of a story."""
    judge = workspace.judge
    if wanted in judge.rules:
        yield _decided(workspace, (_event(judge.rules[wanted], entities),), now), None
        return
    if not Path(wanted).exists():
        raise UsageError(f"--try {wanted}: neither a rule nor a file — tocsin check lists what is wrong with the rules")
    for document in documents([Path(wanted)]):
        if not isinstance(document, Document):
            raise UsageError(f"--try: {document}")
        yield _decided(workspace, judge.matches(document), now), document.language


def _event(rule: RuleSpec, entities: tuple[str, ...]) -> Match:
    return Match(
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        grade=Grade.EVENT,
        assertion=Assertion.ASSERTED,
        evidence=(),
        sentence=Evidence("title", 0, 0, ""),
        entities=entities,
        tags=rule.tags,
        status=rule.status,
    )


def _decided(workspace: Workspace, matches: Sequence[Match], now: datetime) -> Decision:
    return decide(
        article=Article(id="", title="", published=now),
        source=SourceSpec(id="nowhere", kind=SourceKind.FILES, path="."),
        matches=matches,
        story=Story(id="", title="", first_seen=now, last_seen=now),
        rules=workspace.judge.rules,
        now=now,
    )


def _rows(workspace: Workspace, alert: Alert, tier: int, now: datetime) -> list[dict[str, Any]]:
    from tocsin.alerts.route import routes_for  # noqa: PLC0415

    to = routes_for(asked_of(workspace, alert, tier=tier), workspace.channels)
    plans = plans_for(alert, to, workspace.channels, now)
    if not plans:
        return [_row(alert.rule, "", None, "no route leads to a channel: kept, listed as held")]
    return [_row(alert.rule, name, plan, plan.why or _at_once(workspace, alert, name)) for name, plan in plans.items()]


def _at_once(workspace: Workspace, alert: Alert, channel: str) -> str:
    """What a throttle does depends on what was told by then: it is only named."""
    spec = next(one for one in workspace.channels.channels if one.id == channel)
    if spec.throttle is None or is_exempt(alert, spec.throttle):
        return "at once"
    return f"at once, up to {in_words(spec.throttle)}; what is more comes together"


def _held_row(held: Held) -> dict[str, Any]:
    return _row(held.rule, "", None, f"{held.reason}: {held.detail}" if held.detail else str(held.reason))


def _row(rule: str, channel: str, plan: Plan | None, why: str) -> dict[str, Any]:
    return {"rule": rule, "channel": channel, "due_at": plan.due_at if plan else None, "why": why}


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    found = parse_date(text)
    if found is None:
        raise UsageError(f"--at {text}: no time — write it as in 2026-11-22T23:30+09:00")
    return found[0] if found[0].tzinfo else found[0].replace(tzinfo=UTC)


def _print(rows: list[dict[str, Any]], now: datetime) -> None:
    console().print(f"An alert at {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    cells = (
        [
            f"{row['due_at'].astimezone(UTC):%Y-%m-%d %H:%M} UTC" if row["due_at"] else "never",
            row["channel"] or "nobody",
            row["rule"],
            row["why"],
        ]
        for row in rows
    )
    console().print(table(["when", "who", "rule", "why"], cells))
