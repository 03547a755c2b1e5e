"""Why a rule fired on a document, or which condition failed: the rule's tree, judged node by node.

A rule is judged around an event word (`rules.match`). Where it fired, that is the event word of its match; where it
did not, the one that came nearest: with the most conditions satisfied. Where no event word stands in the document at
all, each condition says only whether its words do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice

from tocsin.model import Document, Evidence, Grade, Match, Severity, Status
from tocsin.rules.check import KINDS, as_tuple, wordings
from tocsin.rules.judge import Judge, reason
from tocsin.rules.match import Asked, Candidate
from tocsin.rules.nodes import About, Group, Hit, Leaf, Part, RuleLeaf, Scope, Unit
from tocsin.rules.view import View
from tocsin.specs.rules import Node

_ATTEMPTS = 64
"""Event words that are tried in search of the one that came nearest."""
_ELSEWHERE = 3
"""Places shown of words that stand where they do not count."""
_WORDS_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One node of a rule's tree, judged."""

    label: str
    """As in the rule: `all`, `terms: missile`, `entity: dprk as actor`."""
    within: str | None = None
    truth: bool
    spans: tuple[Evidence, ...] = ()
    """What satisfied it."""
    elsewhere: tuple[Evidence, ...] = ()
    """Where its words stand but do not count, the first few."""
    note: str = ""
    """Why it failed."""
    negative: bool = False
    """True for `none`: it holds when nothing in it does."""
    conditions: tuple[Condition, ...] = ()

    @property
    def found(self) -> bool:
        """Whether any of the words it asks for stand in the document at all."""
        return bool(self.spans or self.elsewhere) or (
            not self.negative and any(inner.found for inner in self.conditions)
        )

    @property
    def held(self) -> int:
        """How many leaves hold."""
        return sum(inner.held for inner in self.conditions) if self.conditions else int(self.truth)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one rule made of a document."""

    rule: str
    title: str
    severity: Severity
    status: Status
    match: Match | None
    """None: it did not fire."""
    verdict: str
    """One sentence: what decided."""
    when: Condition
    unless: tuple[Condition, ...] = ()

    @property
    def found(self) -> bool:
        """Whether anything the rule asks for stands in the document."""
        return self.match is not None or self.when.found


@dataclass(frozen=True, slots=True)
class _Case:
    """One rule around one event word; without a head the document holds none."""

    view: View
    asked: Asked
    seed: Candidate | None

    def place(self, hits: Collection[Hit]) -> tuple[Evidence, ...]:
        """Hits as evidence, in reading order, each place once."""
        found = {hit.span: hit for hit in sorted(hits, key=lambda hit: hit.span)}
        return tuple(self.view.evidence(span, reason(hit.because)) for span, hit in found.items())


@dataclass(frozen=True, slots=True)
class _Attempt:
    when: Condition
    unless: tuple[Condition, ...] = field(default=())

    @property
    def rank(self) -> tuple[bool, int]:
        return self.when.truth, self.when.held


def readings(judge: Judge, document: Document, rules: Collection[str] | None = None) -> tuple[Reading, ...]:
    """What every rule (or these) made of a document: events first, then mentions, then by how near it came."""
    view = judge.view(document)
    asked = Asked(view, judge.compiled, judge.kinship)
    matches = {match.rule: match for match in judge.matches(document)}
    wanted = [rule for rule in judge.rules if rules is None or rule in rules]
    found = [_reading(judge, view, asked, rule, matches.get(rule)) for rule in wanted]
    return tuple(sorted(found, key=_order))


def _order(reading: Reading) -> tuple[int, int, int]:
    if reading.match:
        return (0 if reading.match.grade is Grade.EVENT else 1, -reading.severity.rank, 0)
    return (2 if reading.found else 3, -reading.when.held, -reading.severity.rank)


def _reading(judge: Judge, view: View, asked: Asked, rule: str, match: Match | None) -> Reading:
    spec = judge.rules[rule]
    attempt = _nearest(judge, view, asked, rule, match)
    return Reading(
        rule=rule,
        title=spec.title,
        severity=spec.severity,
        status=spec.status,
        match=match,
        verdict=_verdict(match, [str(one) for one in spec.assertion], attempt),
        when=attempt.when,
        unless=attempt.unless,
    )


def _nearest(judge: Judge, view: View, asked: Asked, rule: str, match: Match | None) -> _Attempt:
    """The tree around the match's event word, else around the one that came nearest."""
    if match:
        return _attempt(judge, _Case(view, asked, _of_match(asked.candidates(rule), match)), rule)
    seeds = islice(asked.seeds(rule), _ATTEMPTS)
    attempts = [_attempt(judge, _Case(view, asked, seed), rule) for seed in seeds]
    # `max` keeps the first of equals: the title comes before the text.
    return max(attempts, key=lambda one: one.rank, default=None) or _attempt(judge, _Case(view, asked, None), rule)


def _of_match(candidates: Collection[Candidate], match: Match) -> Candidate:
    """The candidate that a match was made of."""
    spans = {(one.start, one.end) for one in match.evidence if one != match.cue}
    return next((one for one in candidates if {hit.span for hit in one.hits} == spans), next(iter(candidates)))


def _attempt(judge: Judge, case: _Case, rule: str) -> _Attempt:
    compiled, spec = judge.compiled[rule], judge.rules[rule]
    within = compiled.within
    when = _condition(case, spec.when, compiled.tree, within, leading=True)
    if case.seed is None:
        return _Attempt(when)
    pairs = zip(spec.unless, compiled.unless, strict=True)
    return _Attempt(when, tuple(_condition(case, node, part, within, leading=False) for node, part in pairs))


# --- one node -----------------------------------------------------------------------------------------------------


def _condition(case: _Case, node: Node, part: Part, within: Scope, *, leading: bool) -> Condition:
    """A node around the event word; `leading`: the event word itself may satisfy it."""
    scope = part.within or within
    if isinstance(part.what, Group):
        return _group(case, node, part.what, scope, leading=leading)
    if isinstance(part.what, About):
        return _about(case, node, part.what)
    hits = _hits(case, part, part.what, scope, leading=leading)
    if hits:
        return Condition(label=label(node), within=node.within, truth=True, spans=case.place(hits))
    anywhere = list(_anywhere(case, part.what))
    return Condition(
        label=label(node),
        within=node.within,
        truth=False,
        elsewhere=case.place(anywhere)[:_ELSEWHERE],
        note=_why(case, part.what, anywhere, scope),
    )


def _about(case: _Case, node: Node, about: About) -> Condition:
    given = ", ".join(about.given(case.view.document))
    truth = about.holds(case.view.document)
    named = {"language": "language", "source": "source", "tags": "source's tags", "url": "address"}[about.kind]
    note = f"the article's {named}: {given}" if given else f"the article's {named} is not known"
    return Condition(label=label(node), truth=truth, note="" if truth else note)


def _group(case: _Case, node: Node, group: Group, scope: Scope, *, leading: bool) -> Condition:
    leading = leading and group.need > 0
    pairs = zip(children(node), group.parts, strict=True)
    inner = tuple(_condition(case, child, part, scope, leading=leading) for child, part in pairs)
    holding = sum(one.truth for one in inner)
    return Condition(
        label=label(node),
        within=node.within,
        truth=holding >= group.need if group.need else not holding,
        negative=group.need == 0,
        conditions=inner,
    )


def _hits(case: _Case, part: Part, what: Leaf | RuleLeaf, scope: Scope, *, leading: bool) -> Collection[Hit]:
    """What satisfies a leaf; nothing when it is not satisfied."""
    if case.seed is None:
        return [hit for hit in _anywhere(case, what) if not what.field or case.view.in_field(hit.start, what.field)]
    own = _own(case, case.seed.head, what) if leading else None
    return own or case.asked.satisfies(part, case.seed.head, scope) or ()


def _own(case: _Case, head: Hit, what: Leaf | RuleLeaf) -> Collection[Hit] | None:
    """What satisfies a leaf that the event word itself was found by."""
    if (what.field and not case.view.in_field(head.start, what.field)) or what.stands:
        return None
    if isinstance(what, RuleLeaf):
        return next((one.hits for one in case.asked.candidates(what.rule) if one.head.span == head.span), None)
    return (head,) if head.because in what.keys else None


def _anywhere(case: _Case, what: Leaf | RuleLeaf) -> Iterator[Hit]:
    if isinstance(what, RuleLeaf):
        yield from (hit for one in case.asked.candidates(what.rule) for hit in one.hits)
    else:
        yield from (hit for key in what.keys for hit in case.view.hits(key))


def _why(case: _Case, what: Leaf | RuleLeaf, anywhere: Collection[Hit], scope: Scope) -> str:
    """Why a leaf is not satisfied, as the end of a sentence."""
    if not anywhere:
        return "does not fire" if isinstance(what, RuleLeaf) else "not in the text"
    if what.field and not any(case.view.in_field(hit.start, what.field) for hit in anywhere):
        return f"not in the {what.field}"
    if isinstance(what, Leaf) and what.role and case.seed:
        start, end = case.view.stretch(scope, case.seed.head)
        if any(start <= hit.start and hit.end <= end for hit in anywhere):
            return f"stands there, but not as the {what.role} of “{_text(case.view, case.seed.head)}”"
    if what.stands and case.seed:
        return f"not {what.stands} “{_text(case.view, case.seed.head)}”, near it"
    fires = "fires elsewhere, " if isinstance(what, RuleLeaf) else ""
    return fires + _beyond(scope, _text(case.view, case.seed.head) if case.seed else "")


def _beyond(scope: Scope, head: str) -> str:
    if scope.unit is Unit.WORDS:
        return f"not within {scope.count} words of “{head}”"
    if scope.unit is Unit.ARTICLE:
        return f"not beside “{head}”"
    return f"not in the same {scope.unit} as “{head}”"


def _text(view: View, hit: Hit) -> str:
    return view.document.text[hit.start : hit.end]


def children(node: Node) -> tuple[Node, ...]:
    """The nodes inside a combination; empty for a leaf."""
    return node.all or node.none or node.of or node.any or ()


def label(node: Node) -> str:
    """A node as people wrote it, on one line and without what stands inside it."""
    if node.of is not None:
        return f"at least {node.at_least} of"
    kind = next(kind for kind in KINDS if getattr(node, kind) is not None)
    where = (f" in the {node.field}" if node.field else "") + (f", {node.stands} the event word" if node.stands else "")
    if kind in {"all", "any", "none"}:
        return kind
    if kind == "words":
        return f"words: {_few([one.name for one in wordings(node)])}{where}"
    role = f" as {node.as_}" if node.as_ else ""
    return f"{kind}: {', '.join(as_tuple(getattr(node, kind)))}{role}{where}"


def _few(words: list[str]) -> str:
    more = f", … ({len(words)} in all)" if len(words) > _WORDS_SHOWN else ""
    return ", ".join(words[:_WORDS_SHOWN]) + more


# --- in words -----------------------------------------------------------------------------------------------------


def _verdict(match: Match | None, wanted: list[str], attempt: _Attempt) -> str:
    if match:
        cue = f" by “{match.cue.text}”" if match.cue else ""
        if match.filter:
            return f"found, but filtered by {match.filter}: {match.filter_reason}"
        if match.grade is Grade.MENTION:
            return f"found, but said as {match.assertion}{cue}; the rule tells only what is {' or '.join(wanted)}"
        return f"said as {match.assertion}{cue}" if cue else "asserted: nothing speaks against it"
    if not attempt.when.truth:
        return "; ".join(dict.fromkeys(_failures(attempt.when)))
    killing = [one for one in attempt.unless if one.truth]
    if killing:
        return "; ".join(f"unless — {_stands(one)}" for one in killing)
    return "every condition holds, but not around one event word"


def _failures(condition: Condition) -> Iterator[str]:
    """The conditions that failed, down to the leaves."""
    if condition.negative:
        standing = "; ".join(_stands(inner) for inner in condition.conditions if inner.truth)
        yield f"none — {standing}"
    elif not condition.conditions:
        yield f"{condition.label} — {condition.note}"
    else:
        inner = list(dict.fromkeys(text for one in condition.conditions if not one.truth for text in _failures(one)))
        if condition.label == "all":
            yield from inner
        else:
            few = "none of these" if condition.label == "any" else f"too few for “{condition.label}”"
            yield f"{few} — {'; '.join(inner)}"


def _stands(condition: Condition) -> str:
    found = ", ".join(f"“{one.text}”" for one in _evidence(condition))
    return f"{condition.label} stands there: {found}" if found else f"{condition.label} holds"


def _evidence(condition: Condition) -> Iterator[Evidence]:
    yield from condition.spans
    for inner in condition.conditions:
        yield from _evidence(inner)
