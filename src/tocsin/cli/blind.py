"""`tocsin status --blind`: which sources could not be seen when, and which rules could not have heard of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.text import Text

from tocsin.cli.common import console, count, length, print_json
from tocsin.sources.blindness import BlindSpot, Stretch
from tocsin.times import lasting, utc_now

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.pipeline.blind import Blindness, RuleBlindness
    from tocsin.workspace import Workspace

_NAMES = 6
"""Names in a line; the rest is a number."""


def tell_blindness(workspace: Workspace, connection: Connection, back: str, *, every: timedelta, json: bool) -> int:
    """Prints the report for so long back, as one JSON object or for a person; 1 when anything could not be seen."""
    from tocsin.pipeline.blind import blindness  # noqa: PLC0415 - as heavy as the store

    now = utc_now()
    found = blindness(workspace, connection, Stretch(now - length("--blind", back), now), every=every)
    if json:
        print_json([_as_json(found)])
    else:
        for line in _lines(found):
            console().print(line)
    return int(found.is_any)


def _state(spot: BlindSpot) -> str:
    if spot.until is None:
        return "not over"
    return "may have lost entries" if spot.lost else "caught up"


def _as_json(found: Blindness) -> dict[str, Any]:
    return {
        **_stretch(found.whole),
        "down": [_stretch(each) for each in found.down],
        "sources": [
            {"source": spot.source, "since": spot.since, "until": spot.until, "state": _state(spot)}
            | {"detail": spot.detail}
            for spot in found.spots
        ],
        "never_seen": found.never,
        "rules": [
            {"rule": each.rule, "affected": _affected(each), "sources": each.sources, "of": each.of}
            | {"fully": [_stretch(stretch) for stretch in each.fully]}
            for each in found.rules
        ],
    }


def _stretch(stretch: Stretch) -> dict[str, datetime]:
    return {"since": stretch.since, "until": stretch.until}


def _affected(rule: RuleBlindness) -> str:
    return "fully" if rule.fully else "in part"


# --- for a person -------------------------------------------------------------------------------------------------


def _lines(found: Blindness) -> Iterator[Text]:
    yield Text(f"Blind spots, {_span_of(found.whole)}", "bold")
    if not found.is_any:
        yield Text("None: every source was seen whenever it was due.", "green")
        return
    for down in found.down:
        yield Text(f"All sources  {_span_of(down)}: no pass was made", "red")
    for spot in found.spots:
        # Its own times, which may lie before the stretch that was asked for.
        at = Stretch(spot.since, spot.until or found.whole.until)
        detail = f" — {spot.detail}" if spot.detail else ""
        yield Text(
            f"{spot.source}  {_span_of(at)}: {_state(spot)}{detail}", "" if _state(spot) == "caught up" else "red"
        )
    if found.never:
        yield Text(f"Never seen so far: {_names(found.never)}", "yellow")
    yield Text()
    yield from _rule_lines(found.rules)


def _rule_lines(rules: Sequence[RuleBlindness]) -> Iterator[Text]:
    """Rules that could not hear the same share a line."""
    if not rules:
        yield Text("No rule is affected: none can fire on these sources.")
        return
    alike: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for each in rules:
        alike[each.fully, each.sources, each.of].append(each.rule)
    for (fully, sources, of), names in alike.items():
        yield Text(f"{count(len(names), 'rule')}: {_names(names)}")
        for stretch in fully:
            yield Text(f"    heard nothing {_span_of(stretch)}", "red")
        if sources:
            yield Text(f"    heard less: {len(sources)} of {count(of, 'source')} at times: {_names(sources)}", "yellow")


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more


def _span_of(stretch: Stretch) -> str:
    same_day = stretch.since.date() == stretch.until.date()
    until = f"{stretch.until:%H:%M}" if same_day else f"{stretch.until:%Y-%m-%d %H:%M}"
    return f"{stretch.since:%Y-%m-%d %H:%M} – {until} UTC ({lasting(stretch.length)})"
