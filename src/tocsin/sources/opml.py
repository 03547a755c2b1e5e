"""OPML 2.0, in which feed readers exchange their subscriptions. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, indent, tostring

from tocsin import urls
from tocsin.sources.feeds import refused_entities
from tocsin.sources.naming import free, slug
from tocsin.specs.sources import SourceSpec


@dataclass(frozen=True, slots=True)
class Outline:
    """A subscription: what becomes a source."""

    id: str
    name: str
    url: str
    tags: tuple[str, ...]
    """The folders it stands in."""


def read_opml(data: bytes, taken: Collection[str]) -> list[Outline]:
    """The subscriptions, each address once; their ids are none of `taken`.

    Raises:
        ValueError: this is no OPML; the message says why.
    """
    if refused := refused_entities(data):
        raise ValueError(refused)
    try:
        root = fromstring(data)  # noqa: S314 - entities were refused before
    except ParseError as error:
        raise ValueError(f"this is no XML ({error})") from None
    body = root.find("body")
    if root.tag != "opml" or body is None:
        raise ValueError("this is no OPML: it has no <opml> with a <body>")
    found: dict[str, Outline] = {}
    _gather(body, (), found, set(taken))
    return list(found.values())


def _gather(parent: Element, folders: tuple[str, ...], found: dict[str, Outline], taken: set[str]) -> None:
    for each in parent.findall("outline"):
        name = " ".join((each.get("title") or each.get("text") or "").split())
        url = (each.get("xmlUrl") or "").strip()
        if urls.is_web(url) and urls.canonical(url) not in found:
            chosen = free(slug(name) or slug(urls.host(url)) or "source", taken)
            taken.add(chosen)
            found[urls.canonical(url)] = Outline(chosen, name or chosen, url, folders)
        tag = slug(name)
        _gather(each, (*folders, tag) if tag and not url else folders, found, taken)


def write_opml(sources: Iterable[SourceSpec]) -> str:
    """The sources that have a feed, as OPML, in their order."""
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = "tocsin sources"
    body = SubElement(root, "body")
    for source in sources:
        if source.url:
            name = source.name or source.id
            given = {"type": "rss", "text": name, "title": name, "xmlUrl": source.url}
            SubElement(body, "outline", given | ({"category": ",".join(source.tags)} if source.tags else {}))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")
