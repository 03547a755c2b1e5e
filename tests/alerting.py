"""Makes matches, articles, stories and alerts for tests; every sentence is invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.model import (
    Alert,
    Article,
    Assertion,
    Evidence,
    Grade,
    Match,
    Reason,
    Report,
    Severity,
    Status,
    Story,
)
from tocsin.specs.rules import RuleSpec
from tocsin.specs.sources import SourceSpec

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SENTENCE = "North Korea fired two short-range ballistic missiles from its east coast, the joint staff said."


def rule(name: str, *, when: dict[str, Any] | None = None, **keys: Any) -> RuleSpec:
    return RuleSpec.model_validate(
        {"id": name, "title": name.replace("-", " ").capitalize(), "when": when or {"words": "x"}, **keys}
    )


LAUNCH = rule("launch", severity="medium", tags=["missile"])
NORTH = rule("north-launch", severity="critical", when={"all": [{"rule": "launch"}, {"entity": "dprk"}]}, tags=["dprk"])
RULES = {"launch": LAUNCH, "north-launch": NORTH}


def evidence(sentence: str, *words: str, start: int = 0) -> tuple[Evidence, ...]:
    return tuple(
        Evidence("body", start + sentence.index(word), start + sentence.index(word) + len(word), word) for word in words
    )


def match(name: str = "north-launch", **changes: Any) -> Match:
    sentence = changes.pop("text", SENTENCE)
    words = changes.pop("words", ("North Korea", "fired", "ballistic missiles") if sentence == SENTENCE else ())
    start = changes.pop("start", 40)
    spec = RULES.get(name)
    values: dict[str, Any] = {
        "rule": name,
        "title": "Missile launch by North Korea" if name == "north-launch" else "Missile launch",
        "severity": spec.severity if spec else Severity.MEDIUM,
        "grade": Grade.EVENT,
        "assertion": Assertion.ASSERTED,
        "evidence": evidence(sentence, *words, start=start),
        "sentence": Evidence("body", start, start + len(sentence), sentence),
        "builds_on": ("launch",) if name == "north-launch" else (),
        "tags": spec.tags if spec else (),
        "status": Status.STABLE,
    }
    return Match(**values | changes)


def source(outlet: str = "harbour", **keys: Any) -> SourceSpec:
    return SourceSpec.model_validate({"id": outlet, "url": f"https://{outlet}.example/feed.xml", **keys})


def article(number: int = 1, **changes: Any) -> Article:
    values: dict[str, Any] = {
        "id": f"{number:016x}",
        "title": "North Korea fires missiles off east coast",
        "published": NOON - timedelta(minutes=9),
        "paragraphs": (SENTENCE,),
        "language": "en",
        "source": "harbour",
        "url": f"https://harbour.example/{number}",
    }
    return Article(**values | changes)


def report(number: int = 1, **changes: Any) -> Report:
    values: dict[str, Any] = {
        "article": f"{number:016x}",
        "source": "harbour",
        "source_name": "Harbour Daily",
        "publisher": "harbour",
        "title": "North Korea fires missiles off east coast",
        "url": f"https://harbour.example/{number}",
        "published": NOON - timedelta(minutes=9),
        "language": "en",
        "seen_at": NOON,
        "events": ("launch", "north-launch"),
    }
    return Report(**values | changes)


def story(*reports: Report, **changes: Any) -> Story:
    values: dict[str, Any] = {
        "id": "5" * 16,
        "title": reports[0].title if reports else "",
        "first_seen": NOON,
        "last_seen": NOON,
        "reports": reports,
    }
    return Story(**values | changes)


def alert(**changes: Any) -> Alert:
    values: dict[str, Any] = {
        "id": "a" * 32,
        "rule": "north-launch",
        "title": "Missile launch by North Korea",
        "reason": Reason.FIRST,
        "severity": Severity.CRITICAL,
        "story": "5" * 16,
        "match": match(),
        "article": report(),
        "created_at": NOON,
    }
    return Alert(**values | changes)
