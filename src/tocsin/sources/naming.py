"""Ids for sources that nobody named yet. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from tocsin import urls

_LONGEST = 60
"""Characters of an id."""


def slug(text: str) -> str:
    """The text as lower-case letters, digits and hyphens; empty when it has none of them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST].strip("-")


def id_of_site(url: str) -> str:
    """An id after the address's host."""
    return slug(urls.host(url).removeprefix("www.")) or "source"


def free(wanted: str, taken: Collection[str]) -> str:
    """The id, or the id with the first number that makes it none of `taken`."""
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
