"""`tocsin sources discover`."""

from __future__ import annotations

import asyncio
import json as json_text
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from tocsin.cli.common import JsonOption, WorkspaceOption, count, print_json, settings
from tocsin.errors import UsageError
from tocsin.sources.naming import free, id_of_site
from tocsin.specs.sources import SourceKind, SourceSpec
from tocsin.times import utc_now
from tocsin.workspace import find_root, load_for_service

if TYPE_CHECKING:
    from tocsin.sources.discover import Discovery, Proposal


def discover(
    url: Annotated[str, Parameter(help="A site, a page of it that lists articles, or a feed.")],
    /,
    *,
    allow_private: Annotated[
        tuple[str, ...], Parameter(negative=(), help="host:port of a private address that may be asked.")
    ] = (),
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Propose sources for a site: YAML for a file in sources/, the best first and the others as comments.

    Tried are the feeds that the page declares or links to, the usual places, the sitemaps that robots.txt names, and
    the page itself as a list of articles. Nothing is stored or written. Ends with 1 when nothing is found.
    """
    from tocsin.sources.discover import discover as search  # noqa: PLC0415 - the HTML parser, for this command alone

    address, allowed = _address(url), _places(allow_private)
    sources = _known(workspace)
    with _told() as tell:
        found = asyncio.run(search(address, now=utc_now(), allow=allowed, tell=tell, user_agent=settings().user_agent))
    if found.problem:
        _say(found)
        return 1
    rows = _rows(found, sources, allowed)
    if json:
        print_json(rows)
    else:
        print(yaml_of(rows, address), end="")
        _say(found)
    return 0


def _address(url: str) -> str:
    """The address, with https:// where no scheme is given."""
    url = url.strip() if "://" in url else f"https://{url.strip()}"
    if not re.match(r"https?://[^\s/?#]+[^\s]*$", url):
        raise UsageError(f"{url}: no web address — write it as in https://example.org/news")
    return url


def _places(given: tuple[str, ...]) -> tuple[str, ...]:
    for place in given:
        if not re.fullmatch(r"\S+:\d{1,5}", place):
            raise UsageError(f"--allow-private {place}: write host:port, as in 127.0.0.1:8900")
    return tuple(place.lower() for place in given)


def _known(workspace: Any) -> tuple[SourceSpec, ...]:
    """The workspace's sources; none outside of one."""
    try:
        root = find_root(workspace)
    except UsageError:
        if workspace is not None:
            raise
        return ()
    return load_for_service(root).sources


@contextmanager
def _told() -> Iterator[Callable[[str], object]]:
    """Shows on the standard error what is being tried, on a terminal."""
    err = Console(stderr=True, highlight=False)
    if not err.is_terminal:
        yield str
        return
    with err.status("looking") as status:
        yield lambda url: status.update(f"trying {url}".replace("[", "\\["))


def _say(found: Discovery) -> None:
    for sentence in found.refused:
        print(sentence, file=sys.stderr)
    if found.problem:
        print(f"tocsin: {found.problem}", file=sys.stderr)


def _rows(found: Discovery, sources: tuple[SourceSpec, ...], allowed: tuple[str, ...]) -> list[dict[str, Any]]:
    """The proposals as lines of JSON, each with an id that is free."""
    taken = {source.id for source in sources}
    known = {source.url: source.id for source in sources}
    rows = []
    for place, each in enumerate(found.proposals):
        chosen = free(id_of_site(each.url), taken)
        taken.add(chosen)
        rows.append(_row(each, chosen, known.get(each.url), allowed) | {"best": place == 0})
    return rows


def _row(each: Proposal, chosen: str, known: str | None, allowed: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": chosen,
        "url": each.url,
        "kind": each.kind,
        "name": each.name or None,
        "language": each.language,
        "list": each.listing.model_dump(exclude_none=True) if each.listing else None,
        "allow_private": list(allowed),
        "how": each.how,
        "entries": each.entries,
        "newest": each.newest,
        "text": "full" if each.full_text else "teaser" if each.titled else "none",
        "source": known,
    }


# --- YAML ---------------------------------------------------------------------------------------------------------


def yaml_of(rows: list[dict[str, Any]], url: str) -> str:
    """A file for sources/: the first proposal, and the others as comments."""
    lines = [f"# what tocsin sources discover found at {url}", "sources:"]
    for place, row in enumerate(rows):
        if place:
            lines += ["", "  # or:"]
        lines.append(f"  # {_comment(row)}")
        lines += [f"  {'# ' if place else ''}{text}" for text in _source(row)]
    return "\n".join(lines) + "\n"


def _comment(row: dict[str, Any]) -> str:
    newest = f"newest {row['newest']:%Y-%m-%d %H:%M}" if row["newest"] else "none with a date"
    text = {
        "full": "the whole text is in the feed",
        "teaser": "the text is read from the pages",
        "none": "title and text are read from the pages",
    }[row["text"]]
    known = f"; it is your source {row['source']} already" if row["source"] else ""
    entries = count(row["entries"], "entry")
    return f"{row['kind']}, {row['how']}: {entries}, {newest}; {text}{known}"


def _source(row: dict[str, Any]) -> Iterator[str]:
    """The source's lines; JSON is YAML."""
    yield f"- id: {row['id']}"
    yield f"  url: {_quoted(row['url'])}"
    if row["kind"] is SourceKind.PAGE:
        yield f"  kind: {row['kind']}"
        yield f"  list: {_mapping(row['list'])}"
    if row["name"]:
        yield f"  name: {_quoted(row['name'])}"
    if row["language"]:
        yield f"  language: {_quoted(row['language'])}"
    if row["allow_private"]:
        yield f"  allow_private: {_quoted(row['allow_private'])}"


def _mapping(values: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {_quoted(value)}" for key, value in values.items()) + "}"


def _quoted(value: object) -> str:
    return json_text.dumps(value, ensure_ascii=False)
