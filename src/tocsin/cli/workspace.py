"""`tocsin init`, `check`, `schema`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.common import JsonOption, WorkspaceOption, console, count, print_json
from tocsin.errors import UsageError
from tocsin.files import write_whole
from tocsin.workspace.root import find_root, template_root

_FOLDERS = ("sources", "rules", "flows", "deploy")


def init(
    folder: Annotated[Path, Parameter(help="The folder to make; it may exist, its files are never overwritten.")], /
) -> int:
    """Make a new workspace, with the sources and rules of the first watch."""
    template = template_root()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file — name a folder")
    written = kept = 0
    try:
        for source in sorted(path for name in _FOLDERS for path in (template / name).rglob("*") if _belongs(path)):
            target = folder / source.relative_to(template)
            if target.exists():
                kept += 1
                continue
            write_whole(target, source.read_bytes())  # half a file would be left alone the next time
            written += 1
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written ({error.strerror}) — choose another folder") from error
    print(f"{folder}: {written} files written" + (f", {kept} already there and left alone" if kept else ""))
    print(f"Next: cd {folder} && tocsin check && tocsin run")
    return 0


def _belongs(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def check(
    folder: Annotated[
        Path | None, Parameter(help="The workspace; found at or above the current folder when absent.")
    ] = None,
    /,
    *,
    json: JsonOption = False,
) -> int:
    """Check every source, rule and channel file; tells all problems at once."""
    from tocsin.workspace import survey  # noqa: PLC0415

    root = find_root(folder)
    workspace, problems = survey(root)
    if json:
        print_json(
            {"file": p.file, "line": p.line, "column": p.column, "message": p.message, "warning": p.warning}
            for p in problems
        )
        return int(workspace is None)
    for problem in problems:
        print(problem)
    if workspace is None:
        errors = sum(not problem.warning for problem in problems)
        print(
            f"{root}: {errors} {'problem' if errors == 1 else 'problems'} — nothing of these files is used until mended"
        )
        return 1
    enabled = sum(source.enabled for source in workspace.sources)
    console().print(
        f"{root}: fine — {enabled} sources ({len(workspace.sources) - enabled} switched off), "
        f"{len(workspace.book.rules)} rules, {len(workspace.book.entities)} entities, "
        f"{len(workspace.book.terms)} term lists, {len(workspace.channels.channels)} channels"
    )
    return 0


def schema(
    kind: Annotated[str, Parameter(help="One kind of document, as in rule, terms or source; all when absent.")] = "",
    *,
    write: Annotated[
        bool, Parameter(negative=(), help="Write them into the workspace, and point its YAML files at them.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> int:
    """Print the JSON Schema of the YAML files, for editors; or put it where editors look."""
    from tocsin.workspace.schema import schemas, write_schemas  # noqa: PLC0415

    if write:
        return _write_schemas(find_root(workspace), write_schemas)
    found = schemas()
    if kind and kind not in found:
        raise UsageError(f"unknown kind {kind!r} — choose from {', '.join(sorted(found))}")
    print(json.dumps(found[kind] if kind else found, indent=2, ensure_ascii=False))
    return 0


def _write_schemas(root: Path, write: Callable[[Path], Sequence[Path]]) -> int:
    try:
        changed = write(root)
    except OSError as error:
        todo = "mend its permissions, or make room on the disk"
        raise UsageError(f"{error.filename}: cannot be written ({error.strerror}) — {todo}") from error
    for path in changed:
        print(path.relative_to(root).as_posix())
    print(f"{root}: {count(len(changed), 'file')} written")
    return 0
