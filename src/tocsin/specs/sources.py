"""`sources/*.yaml`: where news comes from."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from tocsin.specs.base import Duration, Id, Language, Spec

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+[^\s]*$")]
HostPort = Annotated[str, StringConstraints(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^\s/\[\]:@?#]+):\d{1,5}$")]


class SourceKind(StrEnum):
    """What stands at the source's address."""

    FEED = "feed"
    SITEMAP = "sitemap"
    PAGE = "page"
    FILES = "files"


class Select(Spec):
    """CSS selectors for a site whose pages the extractor reads badly. Each is tried; what finds nothing is ignored."""

    title: str | None = None
    deck: str | None = None
    byline: str | None = None
    date: str | None = None
    body: str | None = None
    """Every element found is one or more paragraphs."""
    remove: tuple[str, ...] = ()
    """Taken out before anything else is read."""


class Listing(Spec):
    """CSS selectors for a page that lists articles. All but `entry` are looked for inside each entry."""

    entry: str = Field(description="Every element found is one article: a row, a list item, a card.")
    link: str | None = Field(
        default=None,
        description="The link to the article's page. When absent: the heading's, else the one with the longest text.",
    )
    title: str | None = Field(default=None, description="When absent: the heading, else the link's text.")
    date: str | None = Field(
        default=None,
        description="When absent: the first thing that is a date. One outside the entries (a day's heading) dates "
        "those that follow it.",
    )
    deck: str | None = Field(default=None, description="A line or two below the title; none when absent.")


class SourceSpec(Spec):
    """One source."""

    id: Id
    url: HttpUrl | None = None
    """Address of a feed, a sitemap or a page that lists articles."""
    path: str | None = None
    """Folder of articles in the text format, relative to the workspace (`kind: files`)."""
    name: str | None = None
    """The outlet's name as shown in alerts; the id when absent."""
    kind: SourceKind | None = None
    list_: Listing | None = Field(default=None, alias="list")
    """Where the articles stand on a page that lists them (`kind: page`); guessed anew each time when absent."""
    every: Duration | None = None
    """How often to poll; at the source's own rhythm when absent."""
    language: Language | None = None
    tags: tuple[str, ...] = ()
    text: Literal["auto", "feed", "page"] = "auto"
    """Where the article's text is taken from; auto: the page, unless the feed carries the full text."""
    select: Select | None = None
    publisher: Id | None = None
    """Publisher family: sources of one family are one origin. The host when absent."""
    tier: Annotated[int, Field(ge=1, le=4)] = 3
    """1 official and wire, 2 national broadcaster or paper of record, 3 specialist or other press, 4 unvetted."""
    headers: dict[str, str] = Field(default_factory=dict)
    enabled: bool = True
    alert_on_first: bool = False
    """Whether the first poll, which finds everything the feed holds, may tell of it."""
    look_again: bool = True
    """Whether articles that were told are looked at again at their own addresses, for two days."""
    allow_private: tuple[HostPort, ...] = ()
    """`host:port` of private addresses that this source may be fetched from, its own address included."""

    @model_validator(mode="after")
    def _address(self) -> SourceSpec:
        if self.kind is SourceKind.FILES:
            if not self.path:
                msg = "a source of kind files needs path: the folder of articles"
                raise ValueError(msg)
        elif not self.url:
            msg = "a source needs url: the address of its feed (or kind: files with path:)"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _listing(self) -> SourceSpec:
        if self.list_ and self.kind not in {None, SourceKind.PAGE}:
            msg = f"list: is for pages that list articles — write kind: page instead of kind: {self.kind}"
            raise ValueError(msg)
        return self

    @property
    def is_page(self) -> bool:
        """Whether its address is a page that lists articles."""
        return self.kind is SourceKind.PAGE or self.list_ is not None


class SourcesFile(Spec):
    """A file in `sources/`."""

    sources: tuple[SourceSpec, ...]
