"""From a page to an article: the text and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.sources.boilerplate import is_boilerplate
from tocsin.sources.markup import paragraphs_of, selector_error
from tocsin.sources.pages import extract, read_page
from tocsin.specs.sources import Select

BODY = [
    "The harbour master of Port Alder said on Monday that the third crane would stay closed until the storm was over.",
    "Two freighters have been waiting outside the breakwater since Friday, their owners told reporters at the pier.",
    "Fishermen, who depend on the same quay, have asked the council for a ferry that would take their catch across.",
    "The council will meet again on Thursday to decide whether the older crane can be brought back into service.",
]
HEAD = """<title>Storm closes crane | Harbour Post</title><meta property="og:site_name" content="Harbour Post">
<meta property="og:title" content="Storm closes crane"><meta name="description" content="Freighters wait outside.">
<link rel="canonical" href="/storm-closes-crane">"""
JSON_LD = """<script type="application/ld+json">{"@graph": [{"@type": "WebPage"}, {"@type": ["NewsArticle"],
"headline": "Storm closes crane", "datePublished": "2026-03-02T09:30:00+09:00", "author": [{"name": "Mira Holt"},
{"name": "https://post.example/staff"}],}]}</script>"""
FURNITURE = ["Share this article", "Subscribe to our newsletter", "Read more: the storm in pictures", "Advertisement"]


def page(head: str = HEAD + JSON_LD, body: list[str] | None = None, lang: str = "en") -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in (BODY if body is None else body))
    return f"""<!doctype html><html lang="{lang}"><head>{head}</head><body><nav><a href="/">Home</a></nav>
<header><h2>Freighters wait outside.</h2></header>
<main><article><h1>Storm closes crane</h1><p>Storm closes crane</p>{text}</article></main>
<footer>© 2026 Harbour Post. All rights reserved.</footer></body></html>""".encode()


def test_a_page_becomes_an_article() -> None:
    article = extract(page(), "https://www.post.example/storm-closes-crane?utm_source=rss")
    assert (article.title, article.deck, article.byline) == (
        "Storm closes crane",
        "Freighters wait outside.",
        "Mira Holt",
    )
    assert (article.day, article.day_only, article.language) == (date(2026, 3, 2), False, "en")
    assert list(article.paragraphs) == BODY
    assert article.canonical_url == "https://www.post.example/storm-closes-crane"


def test_furniture_is_left_out_of_the_text() -> None:
    mixed = [BODY[0], FURNITURE[0], FURNITURE[1], BODY[1], FURNITURE[2], BODY[2], FURNITURE[3], BODY[3]]
    assert list(extract(page(body=mixed), "https://post.example/1").paragraphs) == BODY


def test_a_description_that_repeats_the_text_is_no_deck() -> None:
    head = HEAD.replace("Freighters wait outside.", BODY[0])
    assert extract(page(head=head), "https://post.example/1").deck == ""


def test_a_description_for_search_engines_is_no_deck() -> None:
    head = HEAD.replace("Freighters wait outside.", "All the latest about storms, cranes and the port.")
    assert extract(page(head=head), "https://post.example/1").deck == ""


def test_where_there_is_next_to_no_text_the_description_is_kept() -> None:
    head = HEAD.replace("Freighters wait outside.", "What the storm did to the port.")
    assert (
        extract(page(head=head, body=["Log on."]), "https://post.example/1").deck == "What the storm did to the port."
    )


@pytest.mark.parametrize(
    "meta",
    [
        '<meta property="article:published_time" content="2026-03-02T09:30:00Z">',
        '<meta name="pubdate" content="March 2, 2026">',
        '<time itemprop="datePublished" datetime="2026-03-02">today</time>',
    ],
)
def test_the_date_is_what_the_page_states(meta: str) -> None:
    assert extract(page(head=HEAD + meta), "https://post.example/1").day == date(2026, 3, 2)


def test_no_date_is_made_up() -> None:
    assert extract(page(head=HEAD), "https://post.example/2026/storm-of-march-2").published is None


def test_the_day_in_an_address_is_the_publishers_own() -> None:
    article = extract(page(head=HEAD), "https://post.example/2026/03/02/storm")
    assert (article.day, article.day_only) == (date(2026, 3, 2), True)


def test_selectors_win_over_everything_else() -> None:
    html = page().replace(
        b"</main>",
        b"<div class='real'><h2>Real title</h2><b class='who'>Tom Reed</b><i class='when'>2026-01-05</i>"
        b"<section><p>One.</p><div class='ad'>Buy!</div><p>Two.</p></section></div></main>",
    )
    select = Select(
        title=".real h2", byline=".who", date=".when", body=".real section", deck=".absent", remove=(".ad",)
    )
    article = extract(html, "https://post.example/1", select=select)
    assert (article.title, article.byline, article.day) == ("Real title", "Tom Reed", date(2026, 1, 5))
    assert article.paragraphs == ("One.", "Two.")
    assert article.deck == "Freighters wait outside."


def test_a_broken_selector_is_told() -> None:
    assert selector_error("div > p.text") is None
    assert selector_error("div >> [") is not None


@pytest.mark.parametrize("canonical", ["https://post.example/", "https://elsewhere.example/x", "http://[broken", ""])
def test_a_canonical_address_that_cannot_be_right_is_not_believed(canonical: str) -> None:
    html = page(head=f'<link rel="canonical" href="{canonical}">')
    assert extract(html, "https://post.example/1?utm_medium=x").canonical_url == "https://post.example/1"


@pytest.mark.parametrize("html", [b"", b"plain words", b"<html></html>", b"\x00\xff", b"<p>" * 5_000, b"<!-- -->"])
def test_any_bytes_make_an_article_of_some_kind(html: bytes) -> None:
    assert extract(html, "https://post.example/1").title


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_page_never_breaks_the_extractor(data: st.DataObject) -> None:
    html = bytearray(page())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(html) - 1))
        html[at : at + data.draw(st.integers(0, 60))] = data.draw(st.binary(max_size=8))
    extract(bytes(html), "https://post.example/1")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Share on Facebook",
            "Read more",
            "Also read: five storms",
            "Advertisement",
            "Photo: Anna Berg/pool",
            "© 2026 Post",
        ),
        *(
            "Sign up for our daily newsletter.",
            "Copyright 2026. All rights reserved.",
            "12 comments",
            "Tags: storm, port",
        ),
        *(
            "기사제보 help@post.example",
            "무단 전재 및 재배포 금지",
            "関連記事",
            "责任编辑：王小明",
            "Читайте также: шторм в порту",
        ),
        "Follow the Harbour Post on Facebook and send us your pictures of the storm.",
        "Unser Newsletter informiert Sie jeden Morgen kostenlos.",
        "Если вы заметили ошибку, нажмите Ctrl+Enter.",
        "電子版に登録すると続きをお読みいただけます。",
        *("The crane in winter. © Anna Berg/pool", "March 2, 2026 - 11:28 KST", "(Credit: Anna Berg)", "drucken"),
        *("https://post.example/x", "***", "Lesen Sie auch: Sturm im Hafen", "Last updated March 2, 2026"),
    ],
)
def test_furniture_is_known(text: str) -> None:
    assert is_boilerplate(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Share prices fell.", "Read more widely, she told the students, and you will write better for it.", *BODY),
        "More from the summit is expected on Thursday, the minister said.",
        "Photographs of the crane were shown to the council.",
        "The newsletter that the port sends out every week named the wrong pier.",
        "“We will not sign,” he said.",
        "“Tell us on Facebook what you saw,” the harbour master asked his crew.",
        "Facebook told US officials that it had closed the accounts.",
        "Auf Twitter schrieb die Ministerin, sie werde nicht zurücktreten.",
        "On March 2, 2026 at 11:28 the alarm went off.",
        "합동참모본부는 발사 사실을 확인했다고 밝혔다.",
        "Источник в порту подтвердил закрытие крана.",
    ],
)
def test_sentences_are_no_furniture(text: str) -> None:
    assert not is_boilerplate(text)


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("plain &amp; simple", ("plain & simple",)),
        ("one\n\ntwo\nlines", ("one", "two lines")),
        ("<p>one <b>bold</b> word</p><p>two</p>", ("one bold word", "two")),
        ("one<br/>two<script>alert(1)</script><style>p{}</style>", ("one", "two")),
        ("<ul><li>a</li><li>b</li></ul><!-- comment -->", ("a", "b")),
        ("<figure><img><figcaption>A crane</figcaption></figure><p>text</p>", ("text",)),
        ("", ()),
    ],
)
def test_fragments_become_paragraphs(fragment: str, expected: tuple[str, ...]) -> None:
    assert paragraphs_of(fragment) == expected


def test_deep_nesting_is_no_danger() -> None:
    assert paragraphs_of("<div>" * 20_000 + "deep" + "</div>" * 20_000) in {("deep",), ()}


def test_extract_is_lazy_about_trafilatura() -> None:
    import subprocess
    import sys

    code = "import sys; import tocsin.sources.pages, tocsin.sources.collect; sys.exit('trafilatura' in sys.modules)"
    result: Any = subprocess.run([sys.executable, "-c", code], check=False)
    assert result.returncode == 0


def test_what_select_does_not_find_is_known() -> None:
    html = page().replace(b"</main>", b"<i class='when'>soon</i></main>")
    select = Select(deck=".absent", date=".when", body="main p", remove=(".never-there",))
    assert read_page(html, "https://post.example/1", select=select).missed == ("deck", "date")


def test_a_chosen_date_may_stand_in_a_line_with_other_words() -> None:
    html = page().replace(b"</main>", "<i class='when'>Опубликовано: 05.01.2026</i></main>".encode())
    read = read_page(html, "https://post.example/1", select=Select(date=".when"))
    assert (read.published and read.published.date(), read.missed) == (date(2026, 1, 5), ())
