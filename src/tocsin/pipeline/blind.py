"""The blind-spot report: which sources could not be seen when, and which rules could not have heard of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from tocsin.alerts.health import late_after
from tocsin.rules.reach import Reach
from tocsin.sources.blindness import BlindSpot, Stretch, common, downtime, merged
from tocsin.store import blindspots, sources, ticks
from tocsin.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBlindness:
    """What a rule could not have heard."""

    rule: str
    sources: tuple[str, ...]
    """Those of its sources that could not be seen at some time by themselves."""
    of: int
    """Number of the sources it can hear of at all."""
    fully: tuple[Stretch, ...]
    """When none of them could be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blindness:
    """What could not be seen in a stretch of time."""

    whole: Stretch
    down: tuple[Stretch, ...]
    """When no pass was made, so that nothing was seen."""
    spots: tuple[BlindSpot, ...]
    never: tuple[str, ...]
    """Sources that no poll has ever seen."""
    rules: tuple[RuleBlindness, ...]

    @property
    def is_any(self) -> bool:
        """Whether anything could not be seen."""
        return bool(self.down or self.spots or self.never)


def blindness(workspace: Workspace, connection: Connection, whole: Stretch, *, every: timedelta) -> Blindness:
    """What could not be seen in `whole`; `every` is the time between two passes."""
    watched = {source.id: source for source in workspace.sources if source.enabled}
    late = late_after(workspace.channels.health, every)
    passes = [Stretch(*each) for each in ticks.ended(connection, whole.since)]
    down = downtime(passes, whole, late)
    spots = tuple(each for each in blindspots.between(connection, whole.since, whole.until) if each.source in watched)
    never = tuple(sorted(watched.keys() - sources.outcomes(connection).keys()))
    return Blindness(
        whole=whole,
        down=down,
        spots=spots,
        never=never,
        rules=_rules(Reach.of(workspace.book), workspace, _dark(watched, spots, never, down, whole)),
    )


def _dark(
    watched: Mapping[str, object],
    spots: Sequence[BlindSpot],
    never: Sequence[str],
    down: Sequence[Stretch],
    whole: Stretch,
) -> dict[str, tuple[Stretch, ...]]:
    """When each source could not be seen, whatever the cause."""
    found: dict[str, list[Stretch]] = defaultdict(list)
    for spot in spots:
        found[spot.source].append(spot.within(whole))
    for source in never:
        found[source].append(whole)
    return {source: merged([*found[source], *down]) for source in watched}


def _rules(reach: Reach, workspace: Workspace, dark: Mapping[str, tuple[Stretch, ...]]) -> tuple[RuleBlindness, ...]:
    enabled = [source for source in workspace.sources if source.id in dark]
    everywhere = set(common(list(dark.values())))
    found = []
    for rule in reach.told():
        heard = sorted(reach.sources(rule, enabled))
        fully = common([dark[source] for source in heard])
        hurt = tuple(source for source in heard if set(dark[source]) - everywhere)
        if hurt or fully:
            found.append(RuleBlindness(rule=rule, sources=hurt, of=len(heard), fully=fully))
    return tuple(found)
