"""What the pages of a poll lack, told once and not for every page: what selectors do not find, and what is cut off."""

from __future__ import annotations

from collections import Counter

from tocsin.sources.pages import Page
from tocsin.specs.sources import SourceSpec


class Misses:
    """Counts over the pages of one poll of one source what `select` did not find, and those read in part."""

    def __init__(self) -> None:
        self._pages = 0
        self._cut = 0
        self._missed: Counter[str] = Counter()

    def count(self, page: Page) -> None:
        """Take a page into account."""
        self._pages += 1
        self._cut += page.cut
        self._missed.update(page.missed)

    def notes(self, source: SourceSpec) -> list[str]:
        """A sentence for pages that were cut, and one for each selector that found nothing on any of the pages.

        A selector that finds nothing means that the site was rebuilt, as a rule.
        """
        cut = [f"{source.id}: {self._cut} of {self._pages} pages were too large: only their beginning was read"]
        where = "the one page" if self._pages == 1 else f"any of the {self._pages} pages"
        return (cut if self._cut else []) + [
            f"{source.id}: select: {name} {getattr(source.select, name)!r} finds nothing on {where} read — correct it"
            for name, count in self._missed.items()
            if count == self._pages
        ]
