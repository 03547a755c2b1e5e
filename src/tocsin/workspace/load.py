"""Reads a workspace's YAML: every problem of every file at once, and never half of a file."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from tocsin.alerts.route import problems as route_problems
from tocsin.errors import Problem, WorkspaceError
from tocsin.rules import lint
from tocsin.rules.compile import Judge, RuleBook, compile_rules, nothing_to_collect
from tocsin.specs.base import Located, Spec
from tocsin.specs.base import Path as Place
from tocsin.specs.channels import ChannelsFile
from tocsin.specs.filters import FilterSpec
from tocsin.specs.proofs import ProofsSpec, StorySpec
from tocsin.specs.rules import CuesSpec, EntitySpec, RuleSpec, TermsSpec
from tocsin.specs.sources import SourcesFile, SourceSpec
from tocsin.specs.thresholds import ThresholdSpec
from tocsin.workspace.lastgood import last_good, remember
from tocsin.workspace.sentences import problems as spec_problems
from tocsin.workspace.sentences import suggest
from tocsin.workspace.yamlfile import YamlDocument, read_yaml

log = logging.getLogger(__name__)

CHANNELS = "channels.yaml"
_RULE_KINDS: Mapping[str, type[Spec]] = {
    "when": RuleSpec,
    "names": EntitySpec,
    "words": TermsSpec,
    "cues": CuesSpec,
    "filter": FilterSpec,
    "threshold": ThresholdSpec,
    "proofs": ProofsSpec,
    "story": StorySpec,
}
"""The key that tells what a document in rules/ is."""

S = TypeVar("S", bound=Spec)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Everything people wrote, checked, with the rules ready to judge."""

    root: Path
    sources: tuple[SourceSpec, ...]
    judge: Judge
    book: RuleBook
    channels: ChannelsFile
    warnings: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Only from `load_for_service`: what is wrong with files whose last good version (or nothing) is in use."""


@dataclass(slots=True)
class _Gathered:
    """The documents of all files, and what is wrong with them."""

    documents: list[Located[Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def of(self, kind: type[S]) -> tuple[Located[S], ...]:
        """The documents of one kind, in file order."""
        return tuple(one for one in self.documents if isinstance(one.spec, kind))

    @property
    def alerting(self) -> tuple[Located[RuleSpec] | Located[ThresholdSpec], ...]:
        """Everything that raises alerts."""
        return (*self.of(RuleSpec), *self.of(ThresholdSpec))

    def book(self) -> RuleBook:
        """All that belongs to rules."""
        return RuleBook(
            rules=self.of(RuleSpec),
            entities=self.of(EntitySpec),
            terms=self.of(TermsSpec),
            cues=self.of(CuesSpec),
            filters=self.of(FilterSpec),
            thresholds=self.of(ThresholdSpec),
            proofs=self.of(ProofsSpec),
            stories=self.of(StorySpec),
        )


def load(root: Path) -> Workspace:
    """The workspace at `root`, strictly.

    Raises:
        WorkspaceError: with every problem of every file.
    """
    workspace, found = _build(root, _texts(root, _files(root)))
    if workspace is None:
        raise WorkspaceError(problem for problem in found if not problem.warning)
    return workspace


def survey(root: Path) -> tuple[Workspace | None, tuple[Problem, ...]]:
    """The workspace (None when anything is wrong with it) and all problems and warnings, in file order."""
    workspace, found = _build(root, _texts(root, _files(root)))
    if workspace is None:
        return None, found
    warned = tuple(sorted({*found, *lint.warnings(workspace.book)}))
    return replace(workspace, warnings=warned), warned


def load_for_service(root: Path, *, keep: bool = True) -> Workspace:
    """The workspace for a pass that must go on; with `keep` its files are remembered where all of them are good.

    A file with a problem is replaced as a whole by its last good version; when it never had one, or that no longer
    fits the rest, it is left out. Nothing is half-used, and `problems` says what is wrong.

    Raises:
        WorkspaceError: no file at all can be used.
    """
    paths = _files(root)
    texts = _texts(root, paths)
    workspace, found = _build(root, texts)
    if workspace is not None:
        if keep:
            remember(root, texts.files)
        return workspace
    told = tuple(problem for problem in found if not problem.warning)
    for _ in range(2 * len(paths) + 1):
        texts = _without(root, texts, {p.file for p in found if not p.warning})
        workspace, found = _build(root, texts)
        if workspace is not None:
            return Workspace(
                root=root,
                sources=workspace.sources,
                judge=workspace.judge,
                book=workspace.book,
                channels=workspace.channels,
                warnings=workspace.warnings,
                problems=told,
            )
    raise WorkspaceError(told)


def load_rules(folder: Path) -> tuple[Judge, RuleBook]:
    """The rules of a `rules/` folder alone.

    Raises:
        WorkspaceError: with every problem of every file.
    """
    paths = sorted(p for p in folder.rglob("*.yaml") if p.name != CHANNELS)
    if not paths:
        raise WorkspaceError([Problem(str(folder), 0, 0, "no rules here (no *.yaml files) — name a rules/ folder")])
    with nothing_to_collect():
        gathered = _gather(_texts(folder, paths), in_rules=True)
        book = gathered.book()
        judge, found = compile_rules(book)
    bad = [p for p in (*gathered.problems, *found) if not p.warning]
    if judge is None or bad:
        raise WorkspaceError(bad)
    return judge, book


def read_rules(file: Path) -> RuleBook:
    """The documents of one file as in `rules/`; what they refer to is checked when they are compiled with the others.

    Raises:
        WorkspaceError: with every problem of the file.
    """
    texts = _texts(file.parent, [file])
    problems = [replace(problem, file=str(file)) for problem in texts.problems]
    gathered = _gather(_Texts({str(file): text for text in texts.files.values()}), in_rules=True)
    if problems or gathered.problems:
        raise WorkspaceError([*problems, *gathered.problems])
    return gathered.book()


# --- files --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Texts:
    """What stands in the files, by path relative to the root; and the files that could not be read at all."""

    files: Mapping[str, str]
    problems: tuple[Problem, ...] = ()
    fallen: frozenset[str] = frozenset()
    """Files of which the last good version is already in use."""


def _files(root: Path) -> list[Path]:
    return [
        path
        for folder in ("sources", "rules")
        for path in sorted([*(root / folder).rglob("*.yaml"), *(root / folder).rglob("*.yml")])
        if not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]


def _texts(root: Path, paths: Iterable[Path]) -> _Texts:
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in paths:
        name = path.relative_to(root).as_posix()
        try:
            files[name] = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            column = error.start - error.object.rfind(b"\n", 0, error.start)
            problems.append(Problem(name, line, column, "not UTF-8 text — save the file as UTF-8"))
        except OSError as error:
            problems.append(
                Problem(name, 0, 0, f"cannot be read ({error.strerror}) — mend the file or its permissions")
            )
    return _Texts(files, tuple(problems))


def _without(root: Path, texts: _Texts, bad: Collection[str]) -> _Texts:
    """The texts with each bad file as it was when it last was good, or left out."""
    files = {name: text for name, text in texts.files.items() if name not in bad}
    fallen = set(texts.fallen)
    for name in set(bad) - texts.fallen:
        fallen.add(name)
        if (text := last_good(root, name)) is not None:
            files[name] = text
    return _Texts(files, (), frozenset(fallen))


# --- specs --------------------------------------------------------------------------------------------------------


def _build(root: Path, texts: _Texts) -> tuple[Workspace | None, tuple[Problem, ...]]:
    with nothing_to_collect():
        gathered = _gather(texts, in_rules=False)
        book = gathered.book()
        judge, found = compile_rules(book)
    channels = gathered.of(ChannelsFile)[0] if gathered.of(ChannelsFile) else None
    problems = [
        *texts.problems,
        *gathered.problems,
        *found,
        *_twice(gathered.of(SourcesFile)),
        *_told_nowhere(gathered),
    ]
    problems += _bad_selectors(gathered.of(SourcesFile))
    if channels:
        tags = {tag for rule in gathered.alerting for tag in rule.spec.tags}
        problems += route_problems(
            channels,
            {rule.spec.id for rule in gathered.alerting},
            tags,
            {one.spec.id for one in gathered.of(EntitySpec)},
        )
    ordered = tuple(sorted(set(problems)))
    if judge is None or any(not problem.warning for problem in ordered):
        return None, ordered
    workspace = Workspace(
        root=root,
        sources=tuple(source for file in gathered.of(SourcesFile) for source in file.spec.sources),
        judge=judge,
        book=book,
        channels=channels.spec if channels else ChannelsFile(),
        warnings=ordered,
    )
    return workspace, ordered


def _gather(texts: _Texts, *, in_rules: bool) -> _Gathered:
    """Every document of every file, validated; a file with a problem gives no documents."""
    gathered = _Gathered()
    for name, text in texts.files.items():
        documents, problems = read_yaml(text, name)
        located: list[Located[Spec]] = []
        for document in documents:
            model = _model_of(name, document, in_rules=in_rules)
            if isinstance(model, Problem):
                problems = (*problems, model)
                continue
            spec, found = _validate(model, document, name)
            problems = (*problems, *found)
            if spec is not None:
                located.append(Located(spec, name, document.values))
        gathered.problems += problems
        if not problems:
            gathered.documents += located
    return gathered


def _validate(model: type[S], document: YamlDocument, file: str) -> tuple[S | None, list[Problem]]:
    try:
        return model.model_validate(document.value), []
    except ValidationError as error:
        return None, spec_problems(error, model, document, file)


def _model_of(name: str, document: YamlDocument, *, in_rules: bool) -> type[Spec] | Problem:
    line, column = document.values[()]
    if not isinstance(document.value, dict):
        return Problem(name, line, column, "a document must be a mapping (key: value), not a list or plain text")
    if not in_rules and name.startswith("sources/"):
        return SourcesFile
    if name.removeprefix("rules/") == CHANNELS:
        return ChannelsFile
    kinds = [model for key, model in _RULE_KINDS.items() if key in document.value]
    if kinds:
        return kinds[0]
    return Problem(
        name,
        line,
        column,
        "neither a rule (when:), an entity (names:), a term list (words:), cues (cues:), a filter (filter:), a"
        " threshold rule (threshold:), proofs (proofs:) nor a story test (story:) — add the key that tells",
    )


def _told_nowhere(gathered: _Gathered) -> list[Problem]:
    """Rules whose `alert: to:` names a channel that is not there."""
    known = {channel.id for file in gathered.of(ChannelsFile) for channel in file.spec.channels}
    return [
        rule.problem(("alert", "to", index), f"no channel is called {name!r}{suggest(name, known)}")
        for rule in gathered.alerting
        for index, name in enumerate(rule.spec.alert.to or ())
        if name not in known
    ]


def _bad_selectors(files: Sequence[Located[SourcesFile]]) -> list[Problem]:
    """CSS selectors that cannot be read."""
    chosen = [
        (file, path, css)
        for file in files
        for index, source in enumerate(file.spec.sources)
        for path, css in _selectors(source, ("sources", index))
    ]
    if not chosen:
        return []
    from tocsin.sources.markup import selector_error  # noqa: PLC0415 - brings the HTML parser, rarely needed here

    return [file.problem(path, f"{css!r}: {error}") for file, path, css in chosen if (error := selector_error(css))]


def _selectors(source: SourceSpec, place: Place) -> Iterator[tuple[Place, str]]:
    """Every CSS selector of a source, and where it stands."""
    for key, spec in (("select", source.select), ("list", source.list_)):
        for name, value in spec.model_dump(exclude_none=True).items() if spec else ():
            if isinstance(value, str):
                yield (*place, key, name), value
            else:
                yield from (((*place, key, name, number), css) for number, css in enumerate(value))


def _twice(files: Sequence[Located[SourcesFile]]) -> list[Problem]:
    first: dict[str, str] = {}
    found = []
    for file in files:
        for index, source in enumerate(file.spec.sources):
            path = ("sources", index, "id")
            line, _ = file.positions.get(path, (1, 1))
            if source.id in first:
                found.append(
                    file.problem(path, f"source id {source.id!r} stands already in {first[source.id]} — rename one")
                )
            first.setdefault(source.id, f"{file.file}:{line}")
    return found
