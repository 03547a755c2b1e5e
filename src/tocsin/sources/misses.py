"""Selectors that find nothing: told once a poll, not for every page."""

from __future__ import annotations

from collections import Counter

from tocsin.sources.pages import Page
from tocsin.specs.sources import SourceSpec


class Misses:
    """Counts over the pages of one poll of one source what `select` did not find."""

    def __init__(self) -> None:
        self._pages = 0
        self._missed: Counter[str] = Counter()

    def count(self, page: Page) -> None:
        """Take a page into account."""
        self._pages += 1
        self._missed.update(page.missed)

    def notes(self, source: SourceSpec) -> list[str]:
        """A sentence for each selector that found nothing on any of the pages: the site was rebuilt, as a rule."""
        where = "the one page" if self._pages == 1 else f"any of the {self._pages} pages"
        return [
            f"{source.id}: select: {name} {getattr(source.select, name)!r} finds nothing on {where} read — correct it"
            for name, count in self._missed.items()
            if count == self._pages
        ]
