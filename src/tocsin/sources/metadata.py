"""Title, standfirst and author of a page from what it says about itself. Pure.

Order of trust, as measured on news pages: JSON-LD, then meta, then what stands on the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tocsin.articles.clean import headline, line
from tocsin.sources.head import PageHead

_ARTICLE = re.compile(r"(Article|BlogPosting|Report|LiveBlogPosting)$")
_DEPTH = 6
_WITHIN = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item")
_AUTHORS = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "dable:author",
)
_SEPARATOR = re.compile(
    r"\s+(?:[|–—·•»«>:｜/-]|::|--)\s+|\s*[|｜]\s*|_(?=[^_]+$)|--|(?<=[\u3040-\u9fff])-(?=[\u3040-\u9fff])"
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\.(?:com|org|net|de)\b"
    r"|^\W*\d*\W*$|^(?:no author|author|agencies|admin|staff|editors?|redaktion|newsroom|editorial|unknown|none)$",
    re.IGNORECASE,
)
_AND = re.compile(
    r"[;|｜]|\s+(?:and|und|et|&|и|y)\s+(?=[^\W\d_a-zа-я])|(?<=[\uac00-\ud7a3])\s*[·ㆍ,]\s*(?=[\uac00-\ud7a3])"
)
_ADDRESS = re.compile(r"[(<\[]?\S+@\S+\.\w+[)>\]]?")
_ROLE = re.compile(
    r"\s*[=(（/／]?\s*(?:(?:선임|수석|전문|인턴|정치|사회|경제|국제)?기자|특파원|논설위원|편집위원|앵커|記者|特派員|编辑|記者會|记者)[)）]?\s*$"
    r"|,\s+(?:staff (?:writer|reporter)|(?:senior |chief )?(?:correspondent|reporter|editor)|redakteur(?:in)?)\s*$",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\s*[,|–-]?\s*(?:\d{1,2}[. ]?\s?[^\W\d_]{3,12}\.? \d{4}|[^\W\d_]{3,12}\.? \d{1,2}, \d{4}"
    r"|\d{4}[-./年]\d{1,2}[-./月]\d{1,2}).*$"
)
_BY = re.compile(
    r"^(?:(?:written )?by|von|par|por|author|autor|автор|text|記者|记者|작성자|글)\s*[:：]?\s+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Stated:
    """An article as JSON-LD states it; what it leaves out is empty."""

    headline: str = ""
    description: str = ""
    body: str = ""
    published: str = ""
    page_published: str = ""
    """What a page that is not called an article states; it may be the site's."""
    authors: tuple[str, ...] = field(default=())
    locked: bool = False
    """Whether it, or a part of it, is not free to read."""
    words: int = 0
    """Length of the text; 0 when not stated."""


def stated(scripts: tuple[str, ...]) -> Stated:
    """The article that a page's JSON-LD describes; of several, the first, completed by the others."""
    best = Stated()
    for script in scripts:
        for node in _nodes(_loaded(script)):
            if _is_article(node):
                best = _completed(best, node)
            elif not best.page_published:
                best = replace(best, page_published=_string(node, "datePublished"))
    return best


def title_of(head: PageHead, said: Stated) -> str:
    """The headline, by order of trust: JSON-LD, a heading that the page's title repeats, og:title, the title.

    A heading nothing else agrees with is often the site's name or a section's.
    """
    site = headline(head.meta.get("og:site_name", ""))
    page_title = headline(head.title)
    social = _without_site(
        headline(head.meta.get("og:title", "")) or headline(head.meta.get("twitter:title", "")), site
    )
    others = f"{page_title} {social} {said.headline}"
    if said.headline and _letters(said.headline) != _letters(site) and _overlap(said.headline, _seen(head, social)):
        return _without_site(said.headline, site)
    headings = [text for text in head.headings if _letters(text) != _letters(site)]
    agreed = [text for text in headings if _overlap(text, others)]
    if agreed:
        return max(agreed, key=lambda text: len(_words(text) & _words(others)))
    if social and _letters(social) != _letters(site):
        return social
    below = [text for text in head.subheadings if _repeated(text, page_title)]
    if below:
        return max(below, key=len)
    return (headings[0] if len(headings) == 1 and not page_title else "") or longest_part(page_title, site)


def longest_part(title: str, site: str) -> str:
    """The part of a page's title that is the headline: the first one with some words, or else the longest."""
    parts = [part for part in title_parts(title) if _letters(part) != _letters(site)]
    if not parts:
        return title
    enough = 24
    first = next((part for part in parts if _weight(part) >= enough), "")
    return first or max(parts, key=_weight)


def title_parts(title: str) -> list[str]:
    """What stands between the separators of a page's title."""
    return [part.strip() for part in _SEPARATOR.split(title) if part.strip()]


def decks_of(head: PageHead, said: Stated) -> tuple[str, ...]:
    """The standfirsts that the page states, best first, without those that are only the beginning of a cut sentence."""
    texts = (said.description, head.meta.get("og:description", ""), head.meta.get("description", ""))
    longest = 400
    whole = (t for t in map(headline, texts) if t and len(t) <= longest and not t.endswith(("…", "...", "[…]")))
    return tuple(dict.fromkeys(whole))


def byline_of(head: PageHead, said: Stated) -> str:
    """The authors, joined by commas; the outlet's own name is none."""
    site = _letters(head.meta.get("og:site_name", ""))
    stated = [*(names([name]) for name in said.authors), "", *(names([head.meta.get(key, "")]) for key in _AUTHORS)]
    people = [name for name in stated[: len(said.authors)] if name and _letters(name) != site]
    if people:
        return ", ".join(dict.fromkeys(people))
    return next((name for name in stated if name and _letters(name) != site), "") or names(head.authors[:3])


def names(texts: Iterable[str]) -> str:
    """People's names out of author statements."""
    longest = 80
    parts = [_name(part) for text in texts for part in _AND.split(headline(text))]
    good = [part for part in parts if part and len(part) <= longest and not _NOT_A_NAME.search(part)]
    return ", ".join(dict.fromkeys(good))


def _name(text: str) -> str:
    """A name without `by`, e-mail address, date and role."""
    bare = _DATED.sub("", _ADDRESS.sub("", line(text)))
    return _ROLE.sub("", _BY.sub("", line(bare))).strip(" ,/·-")


def _loaded(script: str) -> object:
    """The JSON of a script, with the mistakes forgiven that sites make."""
    text = script.strip().removeprefix("<!--").removesuffix("-->")
    text = re.sub(r"^\s*//\s*<!\[CDATA\[|//\s*\]\]>\s*$", "", text).strip()
    for attempt in (text, re.sub(r",\s*([}\]])", r"\1", text.rstrip(";"))):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(value: object, depth: int = 0) -> Iterator[dict[str, object]]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for each in value:
            yield from _nodes(each, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in _WITHIN:
            yield from _nodes(value.get(key), depth + 1)


def _is_article(node: Mapping[str, object]) -> bool:
    kinds = node.get("@type")
    return any(
        isinstance(kind, str) and _ARTICLE.search(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _completed(best: Stated, node: Mapping[str, object]) -> Stated:
    return replace(
        best,
        headline=best.headline or headline(_string(node, "headline") or _string(node, "name")),
        description=best.description or headline(_string(node, "description")),
        body=best.body or _string(node, "articleBody") or _updates(node),
        published=best.published or _string(node, "datePublished") or _string(node, "coverageStartTime"),
        authors=best.authors or tuple(_people(node.get("author"))),
        locked=best.locked or _is_locked(node) or any(map(_is_locked, _dicts(node.get("hasPart")))),
        words=best.words or _number(node.get("wordCount")),
    )


def _updates(node: Mapping[str, object]) -> str:
    """The text of a live blog's posts, as they are listed."""
    posts = [post for post in _dicts(node.get("liveBlogUpdate")) if _is_article(post)]
    return "\n\n".join(filter(None, (_string(post, key) for post in posts for key in ("headline", "articleBody"))))


def _is_locked(node: Mapping[str, object]) -> bool:
    return str(node.get("isAccessibleForFree", "")).rpartition("/")[2].lower() in {"false", "no", "0"}


def _dicts(value: object) -> Iterator[dict[str, object]]:
    return (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict))


def _number(value: object) -> int:
    digits = str(value).strip()
    longest = 7
    return int(digits) if digits.isdecimal() and len(digits) <= longest else 0


def _people(value: object) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        name = each.get("name") if isinstance(each, dict) else each
        for text in name if isinstance(name, list) else [name]:
            if isinstance(text, str) and text.strip():
                yield text


def _string(node: Mapping[str, object], key: str) -> str:
    value = node.get(key)
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, str) else ""


def _without_site(title: str, site: str) -> str:
    """The title without the outlet's name behind (or before) a separator."""
    parts = [part for part in _SEPARATOR.split(title) if part]
    if len(parts) > 1:
        few = 4
        if _letters(parts[-1]) == _letters(site) or ("|" in title and len(parts[-1].split()) <= few):
            return title[: title.rindex(parts[-1])].rstrip(" |–—·•»«:｜-_")
        if _letters(parts[0]) == _letters(site):
            return title[len(parts[0]) :].lstrip(" |–—·•»«:｜-_")
    return title


def _overlap(text: str, others: str) -> bool:
    """Whether most words of a text, or its letters where words are not parted, stand in the others."""
    words = _words(text)
    half = 0.5
    return bool(words) and (len(words & _words(others)) >= half * len(words) or _letters(text) in _letters(others))


def _repeated(text: str, title: str) -> bool:
    some = 12
    letters = _letters(text)
    return _weight(text) >= some and letters in _letters(title)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[\u3040-\u9fff\uf900-\ufaff]|\w+", text.casefold()))


def _weight(text: str) -> int:
    """Length, with a letter of a dense script counting as three."""
    return sum(3 if c >= "\u3040" else 1 for c in text)


def _seen(head: PageHead, social: str) -> str:
    return " ".join((*head.headings, social, head.title))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
