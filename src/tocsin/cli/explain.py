"""`tocsin explain`: why a rule fired or did not, and what became of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from tocsin.alerts.clean import cut, plain, safe_url
from tocsin.alerts.looks import in_words
from tocsin.alerts.render import defused_piece, pieces
from tocsin.alerts.route import Asked, way
from tocsin.articles.document import document, documents
from tocsin.articles.identity import url_key
from tocsin.cli.common import JsonOption, WorkspaceOption, console, count, opened_store, print_json, tell_problems
from tocsin.cli.deliveries import waiting
from tocsin.cli.rules import RulesOption, rules_folder
from tocsin.errors import UsageError
from tocsin.model import Document, Evidence, Grade, Match, Reason
from tocsin.rules.explain import Condition, Reading, readings
from tocsin.rules.judge import Judge
from tocsin.workspace import find_root, load_for_service, load_rules
from tocsin.workspace.sentences import suggest

if TYPE_CHECKING:
    from tocsin.store.fate import Fate, KeptMatch, Sending, ToldAlert
    from tocsin.workspace import Workspace

_SHOWN = 60
"""Characters of a piece of evidence on a line."""
_PLACES = 4

RuleOption = Annotated[
    tuple[str, ...], Parameter(name="--rule", negative=(), help="Only this rule; may be given several times.")
]


@dataclass(frozen=True, slots=True)
class _Stored:
    """A stored article as the rules see it, with what became of it."""

    document: Document
    fate: Fate
    loaded: Workspace

    def over_time(self, rule: str) -> bool:
        """Whether it is a threshold rule: those are judged over time, not on a text."""
        return any(one.spec.id == rule for one in self.loaded.book.thresholds)

    def ways(self, found: Sequence[Reading]) -> dict[str, str]:
        """Rule → where its alert goes by the routes as they are now; of those that find an event."""
        rules = self.loaded.judge.rules
        return {
            one.rule: way(self._asked(one.match), self.loaded.channels)
            for one in found
            if one.match and one.match.grade is Grade.EVENT and one.rule in rules
        }

    def _asked(self, match: Match) -> Asked:
        judge = self.loaded.judge
        tier = next((source.tier for source in self.loaded.sources if source.id == self.document.source), 3)
        entities = frozenset(above for name in match.entities for above in (name, *judge.above(name)))
        rule = judge.rules[match.rule]
        return Asked(match=match, rule=rule, language=self.document.language, tier=tier, entities=entities)


def explain(
    what: Annotated[str, Parameter(help="A stored article's address or id (or its beginning), or an article file.")],
    /,
    *,
    rule: RuleOption = (),
    rules: RulesOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """What every rule made of an article and why; for a stored one also what was told, to whom, and what was not.

    Ends with 1 when a file cannot be read.
    """
    if _is_file(what):
        judge, _ = load_rules(rules_folder(rules, workspace))
        _known(rule, judge)
        return _explain_file(judge, Path(what), rule, json=json)
    root = find_root(workspace)
    loaded = load_for_service(root)
    tell_problems(loaded)
    judge = load_rules(rules_folder(rules, workspace))[0] if rules else loaded.judge
    _known(rule, judge)
    stored = _stored(root, what, loaded)
    _tell(judge, stored.document, rule, stored, json=json)
    return 0


def _is_file(what: str) -> bool:
    if "://" in what:
        return False
    return Path(what).exists() or Path(what).suffix in {".txt", ".jsonl", ".ndjson"} or "/" in what


def _known(rule: Sequence[str], judge: Judge) -> None:
    for name in rule:
        if name not in judge.rules:
            raise UsageError(f"no rule is called {name!r}{suggest(name, judge.rules.keys())}")


def _explain_file(judge: Judge, path: Path, rule: Sequence[str], *, json: bool) -> int:
    bad = False
    for one in documents([path]):
        if isinstance(one, Document):
            _tell(judge, one, rule, None, json=json)
        else:
            print(f"tocsin: {one}", file=sys.stderr)
            bad = True
    return int(bad)


def _stored(root: Path, what: str, loaded: Workspace) -> _Stored:
    """The stored article, as it was judged when it came.

    Raises:
        UsageError: there is none, or more than one begins so.
    """
    from tocsin.store import articles  # noqa: PLC0415 - half a second, which --help must not pay
    from tocsin.store.fate import fate, owner_of  # noqa: PLC0415

    with opened_store(root) as store, store.writing() as connection:
        article = articles.find(connection, what)
        if article is None and "://" in what:
            owner = owner_of(connection, url_key(what))
            article = articles.find(connection, owner) if owner else None
        if article is None:
            raise UsageError(
                f"{what}: no such article (or more than one begins so) — `tocsin articles search WORDS` finds ids;"
                " for a text that is not stored, name its file"
            )
        known = fate(connection, article.id)
    tags = {source.id: source.tags for source in loaded.sources}
    text = replace(
        document(article), tags=tags.get(article.source, ()), published=article.published or article.fetched_at
    )
    return _Stored(text, known, loaded)


def _tell(judge: Judge, text: Document, rule: Sequence[str], stored: _Stored | None, *, json: bool) -> None:
    found = readings(judge, text, rule or None)
    if json:
        print_json(_row(text, one) for one in found)
        if stored:
            print_json([_fate_row(text, stored.fate) | {"routes": stored.ways(found)}])
        return
    out = console()
    _print_head(out, text)
    _print_readings(out, found, everything=bool(rule))
    if stored:
        _print_fate(out, stored, found, rule)


# --- for machines -------------------------------------------------------------------------------------------------


def _row(text: Document, one: Reading) -> dict[str, Any]:
    match = one.match
    return {
        "id": text.id,
        "rule": one.rule,
        "severity": one.severity,
        "status": one.status,
        "fired": match is not None,
        "grade": match.grade if match else None,
        "assertion": match.assertion if match else None,
        "cue": asdict(match.cue) if match and match.cue else None,
        "sentence": asdict(match.sentence) if match else None,
        "why": one.verdict,
        "when": _condition_row(one.when),
        "unless": [_condition_row(inner) for inner in one.unless],
    }


def _condition_row(one: Condition) -> dict[str, Any]:
    return {
        "condition": one.label,
        "within": one.within,
        "holds": one.truth,
        "why": one.note,
        "spans": [asdict(span) for span in one.spans],
        "elsewhere": [asdict(span) for span in one.elsewhere],
        "conditions": [_condition_row(inner) for inner in one.conditions],
    }


def _fate_row(text: Document, fate: Fate) -> dict[str, Any]:
    story = fate.story
    return {
        "id": text.id,
        "story": story.id if story else None,
        "title": story.title if story else None,
        "reports": [asdict(report) for report in story.reports] if story else [],
        "matches": [asdict(match) for match in fate.matches],
        "alerts": [asdict(alert) for alert in fate.alerts],
        "seen_at": list(fate.seen_at),
        "looks": [asdict(look) | {"in_words": in_words(look)} for look in fate.looks.values()],
    }


# --- for people: the rules ----------------------------------------------------------------------------------------


def _print_head(out: Console, text: Document) -> None:
    title = next((text.text[part.start : part.end] for part in text.fields if part.name == "title"), "")
    out.print(Text(plain(title) or text.id, style="bold"))
    day = text.published.strftime("%Y-%m-%d") if text.published else "no date"
    parts = [text.id, text.source, day, text.language or "language unknown"]
    parts.append(safe_url(text.url) or "")
    out.print(Text(" · ".join(plain(part) for part in parts if part), style="dim"))


def _print_readings(out: Console, found: Sequence[Reading], *, everything: bool) -> None:
    silent = [one.rule for one in found if not one.found and not everything]
    for one in found:
        if one.rule not in silent:
            out.print()
            out.print(_reading_tree(one))
    if silent:
        out.print()
        out.print(Text(f"Nothing of {count(len(silent), 'rule')} stands in it: {', '.join(silent)}", style="dim"))


def _reading_tree(one: Reading) -> Tree:
    grade = one.match.grade.value if one.match else "no match"
    style = "dim"
    if one.match:
        style = "bold red" if one.match.grade is Grade.EVENT else "yellow"
    name = Text.assemble((f"{grade}  {one.rule}", style), (f"  {one.title}", ""), (f"  {_rank(one)}", "dim"))
    tree = Tree(name, guide_style="dim")
    tree.add(Text.assemble(("why: ", "bold"), plain(one.verdict)))
    if one.match:
        tree.add(_sentence(one.match))
    _add(tree, one.when)
    if one.unless:
        standing = [inner for inner in one.unless if inner.truth]
        branch = tree.add(
            Text("unless" if standing else f"unless: none of {count(len(one.unless), 'condition')} holds", style="dim")
        )
        for inner in standing:
            _add(branch, inner)
    return tree


def _rank(one: Reading) -> str:
    return one.severity.value if one.status.value == "stable" else f"{one.severity.value}, {one.status.value}"


def _sentence(match: Match) -> Text:
    """The evidence sentence; the words that count stand out by colour and by their marks."""
    line = Text("“")
    for piece in pieces(match):
        marked = f"«{defused_piece(piece).strip()}»" if piece.marked else defused_piece(piece)
        line.append(marked, style="bold" if piece.marked else "")
    return line.append("”")


def _add(tree: Tree, one: Condition, *, matters: bool = True) -> None:
    """`matters` is False below a condition that holds: what failed there (another branch of `any`) decides nothing."""
    within = f" (within {one.within})" if one.within else ""
    mark = ("✓ ", "green") if one.truth else ("✗ ", "red" if matters else "dim")
    line = Text.assemble(mark, (f"{one.label}{within}", "bold" if matters else "dim"))
    if one.spans:
        line.append(" — ").append(_places(one.spans))
    elif one.note:
        line.append(f" — {one.note}", style="red" if matters else "dim")
        if one.elsewhere:
            line.append(f"; stands: {_places(one.elsewhere)}", style="dim")
    branch = tree.add(line)
    for inner in one.conditions:
        _add(branch, inner, matters=matters and not one.truth)


def _places(spans: Sequence[Evidence]) -> str:
    shown = ", ".join(f"“{cut(plain(one.text), _SHOWN)}” ({one.field}, {one.start})" for one in spans[:_PLACES])
    return f"{shown} and {len(spans) - _PLACES} more" if len(spans) > _PLACES else shown


# --- for people: what became of it --------------------------------------------------------------------------------


def _print_fate(out: Console, stored: _Stored, found: Sequence[Reading], rule: Sequence[str]) -> None:
    text, fate = stored.document, stored.fate
    out.print()
    tree = Tree(Text("What became of it", style="bold"), guide_style="dim")
    if fate.seen_at:
        tree.add(Text(f"the same text came from: {', '.join(fate.seen_at)}"))
    _add_matches(tree, stored, found, rule)
    for name, where in stored.ways(found).items():
        tree.add(Text(f"{name}: where an alert goes: {where}", style="dim"))
    _add_story(tree, text, fate)
    for alert in fate.alerts:
        if not rule or alert.rule in rule:
            _add_alert(tree, text, alert)
    out.print(tree)


def _add_matches(tree: Tree, stored: _Stored, found: Sequence[Reading], rule: Sequence[str]) -> None:
    """What the rules made of it when it came, and where they would say something else by now."""
    fate = stored.fate
    if not fate.matches:
        tree.add("no rule fired when it came, or it was stored without being judged (articles import)")
        return
    now = {one.rule: one.match.grade.value if one.match else "no match" for one in found}
    for match in fate.matches:
        if not rule or match.rule in rule:
            gone = match.grade if stored.over_time(match.rule) else "no such rule"
            tree.add(_kept(match, now.get(match.rule, gone)))
    for name in sorted(now.keys() - {match.rule for match in fate.matches}):
        if now[name] != "no match":
            tree.add(Text(f"{name}: did not fire when it came; the rules have changed since", style="yellow"))


def _kept(match: KeptMatch, now: str) -> Text:
    line = Text(f"{match.rule}: {match.grade}, ")
    if match.held:
        reason = "" if match.held == match.grade else f": {match.held}"
        detail = f" — {plain(match.held_detail)}" if match.held_detail else ""
        line.append(f"not told{reason}{detail}", style="yellow")
    else:
        line.append("told", style="green")
    if now != match.grade:
        line.append(f"; the rules have changed since: now {now}", style="yellow")
    return line.append(f"  (judged {_time(match.judged_at)})", style="dim")


def _add_story(tree: Tree, text: Document, fate: Fate) -> None:
    story = fate.story
    if story is None:
        return
    branch = tree.add(Text(f"story {story.id}, {count(len(story.reports), 'report')}: {plain(story.title)}"))
    for report in story.reports:
        line = Text(f"{_time(report.seen_at)}  {report.source_name}: {plain(report.title)}")
        told = branch.add(line.append("  ← this one" if report.article == text.id else "", style="bold"))
        if look := fate.looks.get(report.article):
            style = "yellow" if look.missing_since else "dim"
            told.add(Text(f"looked at again where it stands: {plain(in_words(look))}", style=style))


def _add_alert(tree: Tree, text: Document, alert: ToldAlert) -> None:
    by = "by this article" if alert.article == text.id else "by another report of the story"
    line = Text(f"alert {alert.id}: {alert.rule}, {alert.reason}, {alert.severity}, {_time(alert.created_at)}, {by}")
    branch = tree.add(line)
    for note in alert.note.splitlines():
        branch.add(Text(plain(note)))
    if not alert.deliveries:
        branch.add(Text(_to_nobody(alert), style="yellow"))
    for one in alert.deliveries:
        branch.add(_delivery(one))


def _to_nobody(alert: ToldAlert) -> str:
    reason = Reason(alert.reason)
    if reason.takes_back:
        return "to no channel: none was told what it takes back"
    if reason is Reason.UPDATED and alert.note:
        return "to no channel: it is kept for the record; channels with updates: true would have heard of it"
    return "to no channel: rules/channels.yaml names none"


def _delivery(one: Sending) -> Text:
    colour = {"sent": "green", "dead": "red", "failed": "red"}.get(one.state, "yellow")
    line = Text.assemble(f"{one.channel}: ", (one.state, colour))
    line.append(f" {_time(one.sent_at)}" if one.sent_at else "")
    line.append(f", {count(one.attempts, 'attempt')}")
    if one.last_error:
        line.append(f", last error: {one.last_error}", style="red")
    if why := waiting(one.state, one.waits, one.due_at, one.rest_until, datetime.now(UTC)):
        line.append(f", {why}")
    return line


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
