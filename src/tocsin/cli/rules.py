"""`tocsin match` and `tocsin test`."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from tocsin.articles.document import document, documents
from tocsin.cli.common import JsonOption, WorkspaceOption, console, count, print_json
from tocsin.cli.junit import write_junit
from tocsin.errors import UsageError
from tocsin.model import Document, Grade, Match
from tocsin.rules.compile import Judge, RuleBook
from tocsin.rules.testing import ProofResult, run_proofs
from tocsin.workspace import find_root, load_rules, template_root

if TYPE_CHECKING:
    from tocsin.pipeline.rehearsal import StoryResult

RulesOption = Annotated[
    Path | None,
    Parameter(
        name="--rules", help="A folder of rules; the workspace's rules/ when absent, or those that come with tocsin."
    ),
]


def match(
    *paths: Annotated[Path, Parameter(help="Articles in the text format, folders of them, or .jsonl files.")],
    rules: RulesOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Judge articles by the rules. Ends with 1 when a file cannot be read; the others are judged all the same."""
    if not paths:
        raise UsageError("match: name article files or folders, as in: tocsin match articles/")
    judge, _ = load_rules(rules_folder(rules, workspace))
    bad = False
    for text in documents(paths):
        if not isinstance(text, Document):
            print(f"tocsin: {text}", file=sys.stderr)
            bad = True
            continue
        found = judge.matches(text)
        if json:
            print_json(_row(text, one) for one in found)
        else:
            _print(text, found)
    return int(bad)


def prove(
    *paths: Annotated[Path, Parameter(help="Rule files to test; all when absent.")],
    rules: RulesOption = None,
    workspace: WorkspaceOption = None,
    junit: Annotated[Path | None, Parameter(help="Also write the results as JUnit XML.")] = None,
    coverage: Annotated[
        bool, Parameter(negative=(), help="Also tell which conditions and words no test touches.")
    ] = False,
) -> int:
    """Run the tests of rules and filters, and story tests on a virtual clock. Ends with 1 when one fails.

    With --coverage also when no test touches a condition of a stable rule, or a language of a term list it uses.
    """
    folder = rules_folder(rules, workspace)
    judge, book = load_rules(folder)
    wanted = _chosen(paths, book, folder)
    results = [result for result in run_proofs(judge, book) if wanted is None or result.file in wanted]
    stories = _rehearsed(judge, book, wanted)
    for failed in [one for one in results if not one.passed]:
        where = f"{failed.file}:{failed.line}:{failed.column}: {failed.rule}"
        print(f"{where}: wanted {failed.expected}, got {failed.got} — {failed.explanation}\n    {failed.text}")
    for difference in (difference for story in stories for difference in story.differences):
        print(difference)
    if junit:
        write_junit(junit, results, stories)
    _print_totals(results, stories)
    uncovered = _tell_coverage(judge, book, wanted) if coverage else False
    return int(uncovered or not (all(one.passed for one in results) and all(one.passed for one in stories)))


def _rehearsed(judge: Judge, book: RuleBook, wanted: Collection[str] | None) -> list[StoryResult]:
    chosen = tuple(one for one in book.stories if wanted is None or one.file in wanted)
    if not chosen:
        return []
    from tocsin.pipeline.rehearsal import rehearse  # noqa: PLC0415 - brings the store, half a second

    return list(rehearse(judge, replace(book, stories=chosen)))


def _print_totals(results: Sequence[ProofResult], stories: Sequence[StoryResult]) -> None:
    good, tested = sum(one.passed for one in results), len({one.rule for one in results})
    print(f"{count(len(results), 'test')} of {count(tested, 'rule')}: {good} passed, {len(results) - good} failed")
    if stories:
        good, steps = sum(one.passed for one in stories), sum(one.steps for one in stories)
        counted = f"{count(len(stories), 'story test')} with {count(steps, 'step')}"
        print(f"{counted}: {good} passed, {len(stories) - good} failed")


def _tell_coverage(judge: Judge, book: RuleBook, wanted: Collection[str] | None) -> bool:
    """Prints what no test touches; whether something of it must be."""
    from tocsin.rules.coverage import coverage, shares  # noqa: PLC0415

    found = coverage(judge, book, _documents_of(book))
    covers = [one for one in found if wanted is None or one.file in wanted]
    must = [problem for one in covers if one.fails for problem in one.untouched]
    # Thousands of words may well stand in no test: they are listed only for the files that were asked for.
    may = [problem for one in covers if not one.fails and wanted is not None for problem in one.untouched]
    for problem in sorted((*must, *may)):
        print(problem)
    for one in covers:
        print(f"{one.name:44} {one.touched:5} of {one.total:4}  {one.share:4.0%}")
    for kind, (touched, total) in shares(covers).items():
        if total:
            print(f"{kind}: {touched} of {total} touched ({touched / total:.0%})")
    return bool(must)


def _documents_of(book: RuleBook) -> list[Document]:
    """The articles of story tests."""
    from tocsin.pipeline.rehearsal import article_of  # noqa: PLC0415

    steps = [(number, step) for one in book.stories for number, step in enumerate(one.spec.articles)]
    return [
        replace(document(article), tags=step.tags) for number, step in steps if (article := article_of(step, number))
    ]


def rules_folder(rules: Path | None, workspace: Path | None) -> Path:
    """The folder of rules as asked for; else the workspace's, else those that come with tocsin."""
    if rules is not None:
        if not rules.is_dir():
            raise UsageError(f"{rules}: no such folder — name a folder of rules")
        return rules
    try:
        return find_root(workspace) / "rules"
    except UsageError:
        if workspace is not None:
            raise
        return template_root() / "rules"


def _chosen(paths: Sequence[Path], book: RuleBook, folder: Path) -> set[str] | None:
    if not paths:
        return None
    files = {
        one.file
        for kind in (book.rules, book.terms, book.filters, book.thresholds, book.proofs, book.stories)
        for one in (*kind,)
    }
    wanted: set[str] = set()
    for path in paths:
        resolved = path.resolve()
        found = {file for file in files if (folder / file).resolve().is_relative_to(resolved)}
        if not found:
            raise UsageError(f"{path}: no rules of {folder} there — name rule files inside that folder")
        wanted |= found
    return wanted


def _row(document: Document, found: Match) -> dict[str, Any]:
    return {
        "id": document.id,
        "rule": found.rule,
        "grade": found.grade,
        "assertion": found.assertion,
        "severity": found.severity,
        "evidence": [
            {"field": one.field, "start": one.start, "end": one.end, "text": one.text, "because": one.because}
            for one in found.evidence
        ],
        "cue": None if found.cue is None else {"start": found.cue.start, "end": found.cue.end, "text": found.cue.text},
    }


def _print(document: Document, found: Sequence[Match]) -> None:
    out = console()
    title = next((document.text[f.start : f.end] for f in document.fields if f.name == "title"), document.id)
    out.print(Text(f"{document.id}  {title}", style="bold"))
    if not found:
        out.print("  no rule fires", style="dim")
    for one in found:
        style = "bold red" if one.grade is Grade.EVENT else "yellow"
        cue = f" by “{one.cue.text}”" if one.cue else ""
        out.print(
            Text(f"  {one.grade.value:8}{one.rule}", style=style).append(f"  {one.assertion.value}{cue}", style="dim")
        )
        out.print(Text("          ").append_text(_highlighted(one)))


def _highlighted(found: Match) -> Text:
    text = Text(found.sentence.text)
    for one in found.evidence:
        start, end = one.start - found.sentence.start, one.end - found.sentence.start
        if start >= 0:
            text.stylize("bold reverse", start, end)
    return text
