"""`tocsin backtest`: what rules would have told."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from tocsin.alerts.clean import cut, plain
from tocsin.articles.document import batches, count_articles
from tocsin.cli.common import JsonOption, WorkspaceOption, console, count, length, opened_store, print_json
from tocsin.cli.cores import FEW, Bench, Course, Pair, Plan, cores, workbench
from tocsin.cli.progress import progress
from tocsin.cli.rules import RulesOption, rules_folder
from tocsin.errors import UsageError
from tocsin.model import Article
from tocsin.rules.backtest import GROUPED, Change, Told, Volume, changes, replaced, volumes
from tocsin.rules.book import RuleBook
from tocsin.rules.judge import Judge
from tocsin.times import utc_now
from tocsin.workspace import find_root, load_for_service, load_rules, read_rules
from tocsin.workspace.sentences import suggest

_BAR = 40
"""Characters of the longest bar."""
_WEEKS_SHOWN = 26
_QUIET = 2
"""Weeks without events that are still shown one by one."""
_LITTLE = 0.1
_TITLE, _SENTENCE = 120, 200
_PAGE = 500
"""Stored articles read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """Which rules are asked about, by which set of rules, and against which."""

    plan: Plan
    rules: tuple[str, ...]
    in_old: frozenset[str]
    """Rules that the old version has."""
    judge: Judge | None
    """The plan's book, where it is compiled already."""


def backtest(
    *paths: Annotated[Path, Parameter(help="Articles in the text format, folders of them, or .jsonl; else the store.")],
    since: Annotated[str | None, Parameter(help="Only articles this young, as in 30d or 12h.")] = None,
    rule: Annotated[
        tuple[str, ...],
        Parameter(negative=(), help="Only this rule, or the rules of this file (used in place of those with its ids)."),
    ] = (),
    against: Annotated[
        Path | None, Parameter(help="Older rules, a folder or a file: also list what is told more, and what less.")
    ] = None,
    rules: RulesOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """What rules would have told: events per week, alerts a week, samples. Ends with 1 when a file cannot be read."""
    started = time.perf_counter()
    root = None if paths else find_root(workspace)
    question = _question(rule, against, rules_folder(rules, workspace), root, _since(since))
    total = count_articles(paths) if root is None else _count_stored(root)
    bench, course = Bench(question.plan, question.judge), Course()
    out = console()
    with (
        workbench(partial(Bench, question.plan), bench, total) as judged,
        progress(out, "judging", total, quiet=json or not out.is_terminal) as advance,
    ):
        for one in judged(batches(paths) if root is None else _stored(root, question.plan.young)):
            course.add(one)
            advance(one.read)
    for problem in course.problems:
        print(f"tocsin: {problem}", file=sys.stderr)
    found = volumes([new for new, _ in course.pairs if new], question.rules, course.span.weeks)
    differences = list(changes(_comparable(course.pairs, question), question.rules)) if question.plan.old else []
    seconds = time.perf_counter() - started
    if json:
        print_json([*map(_volume_row, found), *map(_change_row, differences), _figures(course, seconds)])
    else:
        _print(out, question, found, differences)
        _print_figures(out, course, seconds)
    return int(bool(course.problems))


# --- what is asked ------------------------------------------------------------------------------------------------


def _since(given: str | None) -> datetime | None:
    return None if given is None else utc_now() - length("--since", given)


def _question(
    asked: Sequence[str], against: Path | None, folder: Path, root: Path | None, young: datetime | None
) -> _Question:
    """The rules of the folder, those of files named by `--rule` in their place, and the old ones beside them."""
    judge, base = load_rules(folder)
    book, chosen = base, []
    for name in asked:
        own = read_rules(Path(name)) if _is_file(name) else None
        book = replaced(book, own) if own else book
        chosen += [one.spec.id for one in own.rules] if own else [_known(name, base)]
    old, in_old = _old(against, base) if against else (None, frozenset())
    if not chosen and against and against.is_file():
        chosen = sorted(in_old)
    every = [one.spec.id for one in book.rules]
    tags = {source.id: source.tags for source in load_for_service(root).sources} if root else {}
    return _Question(
        plan=Plan(book=book, old=old, tags=tags, young=young),
        rules=tuple(name for name in every if not chosen or name in chosen),
        in_old=in_old,
        judge=judge if book is base else None,
    )


def _is_file(name: str) -> bool:
    return Path(name).suffix in {".yaml", ".yml"} or "/" in name


def _known(name: str, book: RuleBook) -> str:
    known = {one.spec.id for one in book.rules}
    if name not in known:
        raise UsageError(f"--rule: no rule is called {name!r}{suggest(name, known)}")
    return name


def _old(against: Path, base: RuleBook) -> tuple[RuleBook, frozenset[str]]:
    """The rules to compare with, and which of them are old: all of a folder, or those of a file."""
    if against.is_dir():
        _, book = load_rules(against)
        return book, frozenset(one.spec.id for one in book.rules)
    if not against.is_file():
        raise UsageError(f"--against: {against}: no such file or folder — name an older rule file or rules folder")
    own = read_rules(against)
    # A file of terms or entities alone is compared in all the rules that use it.
    return replaced(base, own), frozenset(one.spec.id for one in own.rules or base.rules)


def _comparable(pairs: Iterable[Pair], question: _Question) -> Iterator[Pair]:
    """Without what the old set tells only because a rule that the old version lacks was filled in from the new."""
    for new, old in pairs:
        lines = {rule: line for rule, line in old.lines.items() if rule in question.in_old} if old else {}
        yield new, replace(old, lines=lines) if old else None


# --- what is judged -----------------------------------------------------------------------------------------------


def _stored(root: Path, young: datetime | None) -> Iterator[tuple[Article, ...]]:
    from tocsin.store import articles  # noqa: PLC0415 - half a second, which --help must not pay

    with opened_store(root) as store:
        last = 0
        while True:
            with store.writing() as connection:
                found = articles.page(connection, last, _PAGE, young)
            if not found:
                return
            last = found[-1][0]
            yield tuple(article for _, article in found)


def _count_stored(root: Path) -> int:
    from tocsin.store import articles  # noqa: PLC0415

    with opened_store(root) as store, store.writing() as connection:
        return sum(articles.counts(connection).values())


# --- for machines -------------------------------------------------------------------------------------------------


def _volume_row(one: Volume) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "events": one.events,
        "mentions": one.mentions,
        "mention_share": round(one.mention_share, 3),
        "undated": one.undated,
        "weeks": dict(one.weeks),
        "alerts": one.alerts,
        "alerts_per_week": round(one.alerts_per_week, 2),
        "partly": one.partly,
        "samples": [_told_row(told, one.rule) for told in one.samples],
    }


def _told_row(told: Told, rule: str) -> dict[str, Any]:
    sentence = told.lines[rule].sentence
    return {"id": told.id, "published": told.at, "title": told.title, "sentence": sentence}


def _change_row(one: Change) -> dict[str, Any]:
    return {"rule": one.rule, "change": one.sign, "why": one.why} | _told_row(one.told, one.rule)


def _figures(course: Course, seconds: float) -> dict[str, Any]:
    number = course.span.articles
    return {
        "articles": number,
        "undated": course.span.undated,
        "left_out": course.left_out,
        "unreadable": len(course.problems),
        "weeks": round(course.span.weeks, 2),
        "seconds": round(seconds, 2),
        "articles_per_second": round(number / seconds),
        "cores": cores() if number >= FEW else 1,
    }


# --- for people ---------------------------------------------------------------------------------------------------


def _print(out: Console, question: _Question, found: Sequence[Volume], differences: Sequence[Change]) -> None:
    rules = {one.spec.id: one.spec for one in question.plan.book.rules}
    for one in found:
        if one.events or one.mentions:
            spec = rules[one.rule]
            status = "" if spec.status.value == "stable" else f", {spec.status.value}"
            out.print(Text.assemble((one.rule, "bold"), f"  {spec.title}", (f"  {spec.severity.value}{status}", "dim")))
            _print_volume(out, one)
            out.print()
    silent = [one.rule for one in found if not one.events and not one.mentions]
    if silent:
        out.print(Text(f"Found nothing: {', '.join(silent)}\n", style="dim"))
    if question.plan.old:
        _print_changes(out, differences)


def _print_volume(out: Console, one: Volume) -> None:
    for line in _chart(one.weeks):
        out.print(line)
    found = f"{count(one.events, 'event')}, {count(one.mentions, 'mention')}"
    out.print(Text(f"  {found} ({one.mention_share:.0%} of what it found)"))
    if one.events > one.undated:
        rate = f"about {one.alerts_per_week:.1f}" if one.alerts_per_week >= _LITTLE else f"fewer than {_LITTLE}"
        alerts = f"{count(one.alerts, 'alert')} after grouping into stories, {rate} a week"
        alerts += f" (the newest {GROUPED:,} articles with events)" if one.partly else ""
        alerts = alerts if one.alerts else "no alert of its own: more specific rules tell these stories"
        out.print(Text(f"  {alerts}"))
    if one.undated:
        out.print(Text(f"  {count(one.undated, 'event')} without a date: in no week and no estimate", style="dim"))
    for told in one.samples:
        _print_told(out, told, one.rule, "  ")


def _chart(weeks: Mapping[str, int]) -> Iterator[Text]:
    """A bar for each of the newest weeks; longer silences take one line."""
    shown = list(weeks.items())[-_WEEKS_SHOWN:]
    if earlier := sum(weeks.values()) - sum(number for _, number in shown):
        yield Text(f"  before    {count(earlier, 'event')}", style="dim")
    most = max(_BAR, *weeks.values()) if weeks else _BAR
    for quiet, run in groupby(shown, key=lambda one: one[1] == 0):
        bars = list(run)
        if quiet and len(bars) > _QUIET:
            yield Text(f"  {'…':8}  {count(len(bars), 'week')} without any", style="dim")
            continue
        for week, number in bars:
            yield Text.assemble((f"  {week}  ", "dim"), ("█" * -(-number * _BAR // most), "red"), f" {number}")


def _print_told(out: Console, told: Told, rule: str, before: str) -> None:
    day = told.at.date().isoformat() if told.at else "no date   "
    out.print(Text(f"{before}{day}  {cut(plain(told.title), _TITLE) or told.id}"))
    out.print(Text(f"{' ' * len(before)}            “{cut(plain(told.lines[rule].sentence), _SENTENCE)}”", style="dim"))


def _print_changes(out: Console, differences: Sequence[Change]) -> None:
    more = sum(one.sign == "+" for one in differences)
    out.print(Text(f"Against the older rules: +{more} −{len(differences) - more}", style="bold"))
    for one in differences:
        style = "green" if one.sign == "+" else "red"
        sign = "+" if one.sign == "+" else "−"
        out.print(Text(f"{sign} {one.rule}  ({plain(one.why)})  {one.told.id}", style=style))
        _print_told(out, one.told, one.rule, "  ")
    out.print()


def _print_figures(out: Console, course: Course, seconds: float) -> None:
    figures = _figures(course, seconds)
    parts = [f"{count(figures['articles'], 'article')} in {seconds:.1f} s"]
    parts += [f"{figures['articles_per_second']:,} a second on {count(figures['cores'], 'core')}"]
    parts += [f"{figures['undated']} without a date"] if figures["undated"] else []
    parts += [f"{figures['left_out']} left out by --since"] if figures["left_out"] else []
    out.print(Text(" · ".join(parts), style="dim"))
