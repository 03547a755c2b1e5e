"""`tocsin stories`."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from tocsin.articles.document import documents
from tocsin.cli.common import JsonOption, WorkspaceOption, console, count, print_json
from tocsin.cli.rules import RulesOption, rules_folder
from tocsin.errors import UsageError
from tocsin.model import Document, Match
from tocsin.rules.judge import Judge
from tocsin.stories.assign import OPEN_FOR
from tocsin.stories.cluster import clusters
from tocsin.stories.similarity import Features, features
from tocsin.workspace import load_rules


def stories(
    *paths: Annotated[Path, Parameter(help="Articles in the text format, folders of them, or .jsonl files.")],
    rules: RulesOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Which of these articles tell the same happening. Ends with 1 when a file cannot be read."""
    if not paths:
        raise UsageError("stories: name article files or folders, as in: tocsin stories articles/")
    judge, _ = load_rules(rules_folder(rules, workspace))
    kin = judge.kin
    titles: dict[str, str] = {}
    found: list[Features] = []
    bad = False
    for document in documents(paths):
        if not isinstance(document, Document):
            print(f"tocsin: {document}", file=sys.stderr)
            bad = True
            continue
        titles[document.id] = _title(document)
        found.append(features(document, *_read(judge, document), kin=kin))
    placed = list(clusters(found, open_for=OPEN_FOR))
    if json:
        print_json({"id": article, "cluster": story} for article, story in placed)
    else:
        _print(placed, titles)
    return int(bad)


def _read(judge: Judge, document: Document) -> tuple[tuple[Match, ...], tuple[str, ...]]:
    """What the rules find, and who is named: here of texts without any match, too."""
    matches, entities = judge.matches_and_entities(document)
    return matches, entities if matches else judge.entities_in(document)


def _title(document: Document) -> str:
    return next((document.text[f.start : f.end] for f in document.fields if f.name == "title"), document.id)


def _print(placed: list[tuple[str, str]], titles: dict[str, str]) -> None:
    out = console()
    groups: dict[str, list[str]] = defaultdict(list)
    for article, story in placed:
        groups[story].append(article)
    for story, articles in groups.items():
        out.print(Text(f"{story}  {count(len(articles), 'report')}", style="bold"))
        for article in articles:
            out.print(Text(f"  {article}  {titles[article]}"))
