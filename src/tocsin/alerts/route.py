"""Decides who is told: the routes of `rules/channels.yaml`, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from tocsin.errors import Problem
from tocsin.model import Alert, Match, Reason, Status
from tocsin.specs.base import Located, Path
from tocsin.specs.channels import ChannelsFile, RouteSpec
from tocsin.specs.rules import RuleSpec
from tocsin.specs.thresholds import ThresholdSpec

_PASSWORD_IN_FILE = re.compile(r"://[^/@\s$]*:[^/@\s${]+@")

# --- who gets an alert --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An alert as the routes look at it, made already or not."""

    match: Match
    rule: RuleSpec | ThresholdSpec
    reason: Reason = Reason.FIRST
    language: str | None = None
    tier: int = 3
    """Of the article's source."""
    entities: frozenset[str] = frozenset()
    """In the event's sentence, with what they stand for."""

    @classmethod
    def of(
        cls,
        alert: Alert,
        rule: RuleSpec | ThresholdSpec,
        *,
        tier: int = 3,
        entities: frozenset[str] = frozenset(),
    ) -> Asked:
        """An alert's own."""
        return cls(
            match=alert.match,
            rule=rule,
            reason=alert.reason,
            language=alert.article.language,
            tier=tier,
            entities=entities,
        )


def routes_for(asked: Asked, channels: ChannelsFile) -> tuple[str, ...]:
    """Names of the channels that get the alert, each once; empty when no route leads anywhere.

    The rule's own `alert.to` wins over the routes; without a `routes` key every channel gets everything. Rules that
    are still on trial are told in digests only.
    """
    known = tuple(channel.id for channel in channels.channels)
    if asked.rule.alert.to is not None:
        found = asked.rule.alert.to
    elif channels.routes is None:
        found = known
    else:
        found = _walk(channels.routes, (), asked)
    if asked.match.status is Status.EXPERIMENTAL:
        known = tuple(channel.id for channel in channels.channels if channel.digest)
    return tuple(dict.fromkeys(name for name in found if name in known))


def way(asked: Asked, channels: ChannelsFile) -> str:
    """Where an alert goes and by which route, in words."""
    to = routes_for(asked, channels)
    if not channels.channels:
        return "to no channel: rules/channels.yaml names none"
    if asked.rule.alert.to is not None:
        by = "by the rule's own alert: to"
    elif channels.routes is None:
        by = "without routes, to every channel"
    else:
        numbers = ", ".join(map(str, _taken(channels.routes, asked)))
        by = f"by route {numbers}" if numbers else "no route matches"
    return f"{by}: {', '.join(to)}" if to else f"{by}; nobody is told"


def _taken(routes: Sequence[RouteSpec], asked: Asked) -> Iterator[int]:
    """Numbers, from 1, of the outer routes that an alert takes."""
    for number, route in enumerate(routes, 1):
        if _matches(route, asked):
            yield number
            if not route.continue_:
                return


def _walk(routes: Sequence[RouteSpec], inherited: tuple[str, ...], asked: Asked) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    for route in routes:
        if not _matches(route, asked):
            continue
        to = _targets(route, inherited)
        inner = any(_matches(child, asked) for child in route.routes)
        found += _walk(route.routes, to, asked) if inner else to
        if not route.continue_:
            break
    return found


def _targets(route: RouteSpec, inherited: tuple[str, ...]) -> tuple[str, ...]:
    """`to: []` is an answer (nobody); an absent `to` is the parent's."""
    return route.to if "to" in route.model_fields_set else inherited


def _matches(route: RouteSpec, asked: Asked) -> bool:
    match = asked.match
    return (
        (route.rule is None or match.rule in _many(route.rule))
        and (route.severity is None or match.severity.rank >= route.severity.rank)
        and (route.tag is None or not {*asked.rule.tags, *match.tags}.isdisjoint(_many(route.tag)))
        and (route.language is None or asked.language in _many(route.language))
        and (route.entity is None or not asked.entities.isdisjoint(_many(route.entity)))
        and (route.tier is None or asked.tier <= route.tier)
        and (route.reason is None or asked.reason in _many(route.reason))
    )


def _many(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


# --- what is wrong with the file ----------------------------------------------------------------------------------


def problems(
    located: Located[ChannelsFile], rules: Collection[str], tags: Collection[str], entities: Collection[str] = ()
) -> tuple[Problem, ...]:
    """Everything wrong with a channels file beyond its shape, in file order."""
    spec = located.spec
    known = [channel.id for channel in spec.channels]
    found = [*_channel_problems(located), *_route_problems(located, spec.routes or (), ("routes",), inherits=False)]
    for path, route in _all_routes(spec.routes or (), ("routes",)):
        found += _unknown(located, path, "to", route.to, known, "channel")
        found += _unknown(located, path, "rule", route.rule, rules, "rule")
        found += _unknown(located, path, "tag", route.tag, tags, "tag")
        found += _unknown(located, path, "entity", route.entity, entities, "entity")
    for index, inhibition in enumerate(spec.inhibit):
        for key, named in (("when", inhibition.when), ("mute", inhibition.mute)):
            found += _unknown(located, ("inhibit", index), key, named, rules, "rule")
    found += _unknown(located, ("health",), "to", spec.health.to, known, "channel")
    return tuple(sorted(set(found)))


def _channel_problems(located: Located[ChannelsFile]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, channel in enumerate(located.spec.channels):
        if channel.id in seen:
            yield located.problem(
                ("channels", index, "id"), f"channel {channel.id!r} stands here twice — rename one of them"
            )
        seen.add(channel.id)
        if channel.url and _PASSWORD_IN_FILE.search(channel.url):
            message = "a password stands in the file — put it into the environment and write ${NAME} in its place"
            yield located.problem(("channels", index, "url"), message, warning=True)


def _route_problems(
    located: Located[ChannelsFile], routes: Sequence[RouteSpec], path: Path, *, inherits: bool
) -> Iterator[Problem]:
    """Routes that an earlier one leaves nothing for, and routes that lead nowhere."""
    for index, route in enumerate(routes):
        here = (*path, index)
        earlier = next((i for i in range(index) if not routes[i].continue_ and _covers(routes[i], route)), None)
        if earlier is not None:
            yield located.problem(
                here,
                f"no alert can reach this route: route {earlier + 1} above takes them all"
                " — move this one up, or give the one above `continue: true`",
            )
        leads = inherits or "to" in route.model_fields_set
        if not leads and not route.routes:
            yield located.problem(
                here, "this route leads nowhere — add `to: [channel]`, or `to: []` to tell nobody on purpose"
            )
        yield from _route_problems(located, route.routes, (*here, "routes"), inherits=leads)


def _covers(first: RouteSpec, second: RouteSpec) -> bool:
    """Whether every alert that `second` matches is matched by `first` too."""
    severity = first.severity is None or (second.severity is not None and first.severity.rank <= second.severity.rank)
    tier = first.tier is None or (second.tier is not None and second.tier <= first.tier)
    return (
        severity
        and tier
        and all(
            wide is None or (narrow is not None and set(_many(narrow)) <= set(_many(wide)))
            for wide, narrow in (
                (first.rule, second.rule),
                (first.tag, second.tag),
                (first.language, second.language),
                (first.entity, second.entity),
                (first.reason, second.reason),
            )
        )
    )


def _all_routes(routes: Sequence[RouteSpec], path: Path) -> Iterator[tuple[Path, RouteSpec]]:
    for index, route in enumerate(routes):
        yield (*path, index), route
        yield from _all_routes(route.routes, (*path, index, "routes"))


def _unknown(
    located: Located[ChannelsFile],
    path: Path,
    key: str,
    value: str | tuple[str, ...] | None,
    known: Collection[str],
    what: str,
) -> Iterator[Problem]:
    for index, name in enumerate(_many(value)):
        if name not in known:
            place = (*path, key) if isinstance(value, str) else (*path, key, index)
            yield located.problem(place, f"no {what} is called {name!r}{_meant(name, known)}")


def _meant(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f" — did you mean {close[0]!r}?"
    return f" — there are: {', '.join(sorted(known))}" if known else " — there is none yet"
