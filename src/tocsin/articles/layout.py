"""Where title, deck, byline, date and paragraphs stand in a text of the article format.

The header is told from the text by its shape, as a reader would tell it:

- the first line is the title;
- a lone short line directly under it is the deck;
- a line that is a date is the date, and the line before it the byline;
- what stands between title and byline or date is the deck;
- a first block before a dateline (`SEOUL — …`) that comes soon after it is the deck.

Where shape is not enough a line says what it is: `DECK: `, `BY: `, `DATE: ` in the header, `P: ` for a paragraph, and
`H2: ` (any level) for a heading between paragraphs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tocsin.times import parse_date

Span = tuple[int, int]

_MARK = re.compile(r"(DECK|BY|DATE|P|H[1-6]): +(?=\S)")
_DATELINE = re.compile(
    r"[^\W\d_a-z][\w.' -]{1,30}(?:, [^\W\d_][\w. ]{2,20})?(?: \([\w /.-]{2,30}\))? ?(?:—|–|--) ?\S"
    r"|[(（\[【][^)）\]】\s]{1,12}[=＝][^)）\]】]{1,20}[)）\]】]"
)
_BYLINE = re.compile(r"By [^\W\d_][^.!?:;]{2,60}|\S{2,4} (?:기자|특파원)|(?:Автор|Von|Par) [^\W\d_][^.!?:;]{2,60}")
_SENTENCE_END = (".", "!", "?", "。", "！", "？", "”", '"', "」", ":", ";")
_DECK_LENGTH = 300
_BYLINE_LENGTH = 100
_DATELINE_WITHIN = 4
"""Lines after the first block in which a dateline makes that block a deck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Half-open character spans in the given text, marks and surrounding space left out."""

    title: Span
    deck: Span | None = None
    byline: Span | None = None
    date: Span | None = None
    paragraphs: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    whole: int
    """Where the line starts, its mark included."""
    start: int
    end: int
    mark: str
    text: str
    block: int
    """Number of the block (lines without a blank one between them) it belongs to."""


def layout(text: str) -> Layout:
    """The text's parts. A text without any visible character has an empty title at 0."""
    lines = _lines(text)
    if not lines:
        return Layout(title=(0, 0))
    rest = lines[1:]
    parts = _header(lines[0], rest)
    header = set(map(id, parts.values()))
    body = tuple(_paragraph(line) for line in rest if id(line) not in header)
    return Layout(title=_span(lines[0]), paragraphs=body, **{name: _span(line) for name, line in parts.items()})


def marked(text: str) -> bool:
    """Whether a line would be read as carrying a mark."""
    return bool(_MARK.match(text))


def _lines(text: str) -> list[_Line]:
    """The lines that show something. The first one is the title, whatever it looks like."""
    found: list[_Line] = []
    at = block = 0
    for raw in text.split("\n"):
        bare = raw.strip("\ufeff").strip()
        if bare:
            start = at + raw.index(bare)
            mark = _MARK.match(bare) if found else None
            skip = mark.end() if mark else 0
            found.append(_Line(start, start + skip, start + len(bare), mark[1] if mark else "", bare[skip:], block))
        else:
            block += 1
        at += len(raw) + 1
    return found


def _span(line: _Line) -> Span:
    return line.start, line.end


def _paragraph(line: _Line) -> Span:
    """A header's mark that stands elsewhere is part of the text."""
    return (line.whole if line.mark in {"DECK", "BY", "DATE"} else line.start), line.end


def _header(title: _Line, rest: list[_Line]) -> dict[str, _Line]:
    """The header's lines by name; the first line with a paragraph's mark ends it."""
    upto = next((i for i, line in enumerate(rest) if line.mark in {"P", "H1", "H2", "H3", "H4", "H5", "H6"}), len(rest))
    head = rest[:upto]
    parts = _marked_parts(head)
    plain = [line for line in head if not line.mark]
    if parts:
        return parts | _date_parts(plain[:2], parts)
    return _shaped_parts(title, head)


def _marked_parts(head: list[_Line]) -> dict[str, _Line]:
    """Lines that name themselves, as long as nothing but such lines and a date stands before them."""
    names = {"DECK": "deck", "BY": "byline", "DATE": "date"}
    parts: dict[str, _Line] = {}
    for line in head:
        name = names.get(line.mark)
        if name is None:
            break
        if name == "date" and not parse_date(line.text):
            break
        parts.setdefault(name, line)
    return parts


def _date_parts(plain: list[_Line], parts: dict[str, _Line]) -> dict[str, _Line]:
    """A byline and date by shape after a marked deck."""
    if "date" in parts or "byline" in parts or not plain:
        return {}
    return _credit(plain)


def _credit(lines: list[_Line]) -> dict[str, _Line]:
    """Byline and date at the beginning of these lines."""
    if parse_date(lines[0].text):
        found = {"date": lines[0]}
        if len(lines) > 1 and lines[1].block == lines[0].block and _BYLINE.fullmatch(lines[1].text):
            found["byline"] = lines[1]
        return found
    if len(lines) > 1 and _may_be_byline(lines[0].text) and parse_date(lines[1].text):
        return {"byline": lines[0], "date": lines[1]}
    return {"byline": lines[0]} if _BYLINE.fullmatch(lines[0].text) else {}


def _shaped_parts(title: _Line, head: list[_Line]) -> dict[str, _Line]:
    if not head:
        return {}
    if credit := _credit(head[:2]):
        return credit
    first = head[0]
    if _may_be_deck(first) and (credit := _credit(head[1:3]) if len(head) > 1 else {}):
        return {"deck": first} | credit
    alone = len(head) > 1 and head[1].block != first.block
    if not alone or not _may_be_deck(first):
        return {}
    under_title = first.block == title.block
    return {"deck": first} if under_title or _dateline_follows(head) else {}


def _dateline_follows(head: list[_Line]) -> bool:
    """Whether the text proper begins with a dateline, soon after the first block."""
    if _DATELINE.match(head[0].text):
        return False
    return any(_DATELINE.match(line.text) for line in head[1 : 1 + _DATELINE_WITHIN])


def _may_be_deck(line: _Line) -> bool:
    return len(line.text) <= _DECK_LENGTH and not line.mark and not parse_date(line.text)


def _may_be_byline(text: str) -> bool:
    return len(text) <= _BYLINE_LENGTH and not text.endswith(_SENTENCE_END)
