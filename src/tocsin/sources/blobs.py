"""A page's text out of the data its scripts carry, for pages that show nothing without them. Pure.

Frameworks put a page's content into a JSON block (`__NEXT_DATA__`, `application/json`, `window.__STATE__ = {…}`). Which
key holds the text differs from site to site; that it is the longest run of sentences under one key does not.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tocsin.sources.markup import paragraphs_of

_STATE = re.compile(r"^\s*(?:window\.|var |let |const |self\.)?[\w.$\[\]\"']{1,60}\s*=\s*(?=[{\[])")
_LARGEST = 4_000_000
"""Characters of a script."""
_SENTENCE = 60
"""Characters of a value that may be a paragraph."""
_ENOUGH = 300
"""Characters of paragraphs from which they may be an article."""
_ENDS = (".", "!", "?", "。", "！", "？", "”", '"', "」", "…", ">")


def told_in(scripts: Iterable[str]) -> tuple[str, ...]:
    """The paragraphs of the longest text in these scripts; empty where none holds one."""
    held: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for number, script in enumerate(scripts):
        for path, text in _texts(_loaded(script)):
            held[(str(number), *path)].append(text)
    best = max(held.values(), key=lambda texts: sum(map(len, texts)), default=[])
    paragraphs = tuple(line for text in dict.fromkeys(best) for line in paragraphs_of(text))
    return paragraphs if sum(map(len, paragraphs)) >= _ENOUGH else ()


def _loaded(script: str) -> object:
    text = _STATE.sub("", script.strip(), count=1) if len(script) <= _LARGEST else ""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _texts(data: object) -> Iterator[tuple[tuple[str, ...], str]]:
    """(keys that lead there, the places in lists left out; sentence), in the order of the data."""
    pending: list[tuple[tuple[str, ...], object]] = [((), data)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, str):
            if len(value) >= _SENTENCE and value.rstrip().endswith(_ENDS):
                yield path, value
        elif isinstance(value, list):
            pending.extend((path, each) for each in reversed(value))
        elif isinstance(value, dict):
            pending.extend(((*path, key), each) for key, each in reversed(value.items()))
