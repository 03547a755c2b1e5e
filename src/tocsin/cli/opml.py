"""`tocsin sources import-opml | export-opml`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tocsin.cli.common import WorkspaceOption, count, tell_problems
from tocsin.errors import UsageError
from tocsin.files import write_whole
from tocsin.sources.opml import Outline, read_opml, write_opml
from tocsin.workspace import find_root, load_for_service


def import_(
    file: Annotated[Path, Parameter(help="The OPML file that a feed reader wrote.")],
    /,
    *,
    workspace: WorkspaceOption = None,
) -> int:
    """Make sources of a feed reader's subscriptions: a new file in sources/, named like the OPML file."""
    root = find_root(workspace)
    loaded = load_for_service(root)
    name = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "opml"
    target = root / "sources" / f"{name}.yaml"
    if target.exists():
        raise UsageError(f"{target}: is there already — rename it, or the OPML file")
    try:
        found = read_opml(file.read_bytes(), {source.id for source in loaded.sources})
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise UsageError(f"{file}: {error}") from error
    known = {source.url for source in loaded.sources}
    new = [each for each in found if each.url not in known]
    if new:
        write_whole(target, _yaml(new).encode("utf-8"))
        print(f"{count(len(new), 'source')} written to {target.relative_to(root)} — tocsin sources check tries them")
    print(f"{count(len(found) - len(new), 'feed')} known already")
    return int(not found)


def export(*, workspace: WorkspaceOption = None) -> int:
    """Print the sources that have an address as OPML, for feed readers."""
    loaded = load_for_service(find_root(workspace))
    tell_problems(loaded)
    print(write_opml(loaded.sources))
    return int(bool(loaded.problems))


def _yaml(outlines: Iterable[Outline]) -> str:
    """The file's text; JSON strings are YAML strings."""
    lines = ["sources:"]
    for each in outlines:
        lines += [f"  - id: {each.id}", f"    url: {_quoted(each.url)}", f"    name: {_quoted(each.name)}"]
        lines += [f"    tags: [{', '.join(map(_quoted, each.tags))}]"] if each.tags else []
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
