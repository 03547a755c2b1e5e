"""`tocsin match` and `tocsin test`."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from tocsin.articles.document import documents
from tocsin.cli.common import JsonOption, WorkspaceOption, console, print_json
from tocsin.errors import UsageError
from tocsin.model import Document, Grade, Match
from tocsin.rules.compile import RuleBook
from tocsin.rules.testing import ProofResult, run_proofs
from tocsin.workspace import find_root, load_rules, template_root

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
    for document in documents(paths):
        if not isinstance(document, Document):
            print(f"tocsin: {document}", file=sys.stderr)
            bad = True
            continue
        found = judge.matches(document)
        if json:
            print_json(_row(document, one) for one in found)
        else:
            _print(document, found)
    return int(bad)


def prove(
    *paths: Annotated[Path, Parameter(help="Rule files to test; all when absent.")],
    rules: RulesOption = None,
    workspace: WorkspaceOption = None,
    junit: Annotated[Path | None, Parameter(help="Also write the results as JUnit XML.")] = None,
) -> int:
    """Run the rules' own tests. Ends with 1 when one fails."""
    folder = rules_folder(rules, workspace)
    judge, book = load_rules(folder)
    wanted = _chosen(paths, book, folder)
    results = [result for result in run_proofs(judge, book) if wanted is None or result.file in wanted]
    failed = [result for result in results if not result.passed]
    for result in failed:
        print(f"{result.file}:{result.line}: {result.rule}: {result.explanation}\n    {result.text}")
    if junit:
        _write_junit(junit, results)
    tested = len({result.rule for result in results})
    print(f"{len(results)} tests of {tested} rules: {len(results) - len(failed)} passed, {len(failed)} failed")
    return int(bool(failed))


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
    files = {rule.file for rule in book.rules}
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


def _write_junit(path: Path, results: Sequence[ProofResult]) -> None:
    suite = ET.Element("testsuite", name="tocsin", tests=str(len(results)))
    suite.set("failures", str(sum(not result.passed for result in results)))
    for case in _cases(results):
        suite.append(case)
    path.write_bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True))


def _cases(results: Sequence[ProofResult]) -> Iterator[ET.Element]:
    for result in results:
        case = ET.Element("testcase", classname=result.rule, name=f"{result.index}: {result.text[:80]}")
        case.set("file", result.file)
        if not result.passed:
            ET.SubElement(case, "failure", message=result.explanation).text = result.text
        yield case
