"""`tocsin alerts routes`: who would get an alert, and when. Nothing is stored or sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tocsin.alerts.throttle import in_words, is_exempt
from tocsin.alerts.timing import Plan
from tocsin.articles.document import documents
from tocsin.cli.common import JsonOption, WorkspaceOption, console, print_json, table
from tocsin.errors import UsageError
from tocsin.model import Alert, Assertion, Document, Evidence, Grade, Match, Reason, Report, Status
from tocsin.pipeline.telling import asked_of, plans_for
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
    """Who would get an alert of a rule, or of an article's events, and when. Ends with 1 when nobody would."""
    loaded = load(find_root(workspace))
    now = _moment(at)
    matches = list(_matches(loaded, try_, entity))
    rows: list[dict[str, Any]] = []
    for match, spoken in matches:
        alert = _alert(match, now, reason, language=spoken or language, origins=origins)
        rows += _rows(loaded, alert, tier, now)
    rows.sort(key=lambda row: (row["due_at"] is None, row["due_at"] or now, row["channel"]))
    if json:
        print_json(rows)
    else:
        _print(rows, now)
    return int(not any(row["channel"] for row in rows))


def _matches(workspace: Workspace, wanted: str, entities: tuple[str, ...]) -> Iterator[tuple[Match, str | None]]:
    """What would be told: a made-up event of the rule, or what the rules find in the article."""
    judge = workspace.judge
    if wanted in judge.rules:
        rule = judge.rules[wanted]
        nothing = Evidence("title", 0, 0, "")
        yield (
            Match(
                rule=rule.id,
                title=rule.title,
                severity=rule.severity,
                grade=Grade.EVENT,
                assertion=Assertion.ASSERTED,
                evidence=(),
                sentence=nothing,
                entities=entities,
                tags=rule.tags,
                status=rule.status,
            ),
            None,
        )
        return
    if not Path(wanted).exists():
        raise UsageError(f"--try {wanted}: neither a rule nor a file — tocsin check lists what is wrong with the rules")
    for document in documents([Path(wanted)]):
        if not isinstance(document, Document):
            raise UsageError(f"--try: {document}")
        for match in judge.matches(document):
            if match.grade is Grade.EVENT:
                yield match, document.language


def _alert(match: Match, now: datetime, reason: Reason, *, language: str, origins: int) -> Alert:
    report = Report(
        article="",
        source="",
        source_name="",
        publisher="",
        title="",
        url=None,
        published=now,
        language=language,
        seen_at=now,
    )
    return Alert(
        id="",
        rule=match.rule,
        title=match.title,
        reason=reason,
        severity=match.severity,
        story="",
        match=match,
        article=report,
        origins=origins,
        created_at=now,
    )


def _rows(workspace: Workspace, alert: Alert, tier: int, now: datetime) -> list[dict[str, Any]]:
    from tocsin.alerts.route import routes_for  # noqa: PLC0415

    if alert.match.status is Status.DRAFT:
        return [_row(alert, "", None, "a draft is never told")]
    to = routes_for(asked_of(workspace, alert, tier=tier), workspace.channels)
    plans = plans_for(alert, to, workspace.channels, now)
    if not plans:
        return [_row(alert, "", None, "no route leads to a channel: kept, listed as held")]
    return [_row(alert, name, plan, plan.why or _at_once(workspace, alert, name)) for name, plan in plans.items()]


def _at_once(workspace: Workspace, alert: Alert, channel: str) -> str:
    """What a throttle does depends on what was told by then: it is only named."""
    spec = next(one for one in workspace.channels.channels if one.id == channel)
    if spec.throttle is None or is_exempt(alert, spec.throttle):
        return "at once"
    return f"at once, up to {in_words(spec.throttle)}; what is more comes together"


def _row(alert: Alert, channel: str, plan: Plan | None, why: str) -> dict[str, Any]:
    return {"rule": alert.rule, "channel": channel, "due_at": plan.due_at if plan else None, "why": why}


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
