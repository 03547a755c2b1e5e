"""Pages that are not the plain article page: live blogs, paywalls, pages of scripts, several articles, old markup."""

from __future__ import annotations

import json

import pytest

from tocsin.articles.identity import keys
from tocsin.sources.metadata import names
from tocsin.sources.pages import extract
from tocsin.sources.pruning import LARGE

SENTENCE = (
    "On day {} the harbour master of Port Alder said that the third crane would stay closed until the storm was over."
)
TEXT = [SENTENCE.format(day) for day in ("one", "two", "three", "four", "five", "six", "seven")]
LONG = [SENTENCE.format(f"{day}, which was a long one,") for day in range(20)]
URL = "https://www.post.example/storm-closes-crane"


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def page(body: str, head: str = "", title: str = "Storm closes crane") -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><title>{title}</title>{head}</head><body>{body}</body></html>'.encode()
    )


def linked_data(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


# --- where the text stands ----------------------------------------------------------------------------------------


def test_a_first_paragraph_in_a_container_of_its_own_is_kept() -> None:
    body = f"""<h1>Storm closes crane</h1><section class="top"><div>{paragraphs(TEXT[:1])}</div></section>
    <section class="rest"><div>{paragraphs(TEXT[1:])}</div></section>"""
    assert list(extract(page(body), URL).paragraphs) == TEXT


def test_a_beginning_before_the_paywalled_rest_is_kept() -> None:
    rest = f"<div class='locked-part'>{paragraphs(TEXT[1:])}</div>"
    body = f"<article><h1>Storm closes crane</h1>{paragraphs(TEXT[:1])}{rest}</article>"
    assert list(extract(page(body), URL).paragraphs) == TEXT


def test_sections_that_are_named_like_furniture_hold_the_text_together() -> None:
    sections = "".join(f'<div class="sidebar-grid__content">{paragraphs([text])}</div>' for text in TEXT)
    body = f'<h1>Storm closes crane</h1><div class="sidebar-grid">{sections}</div>'
    assert list(extract(page(body), URL).paragraphs) == TEXT


def test_a_picture_inside_a_link_does_not_cut_the_sentence() -> None:
    first = TEXT[0].replace("crane", '<a href="/crane">crane<svg><path d="M0"/></svg></a>')
    assert (
        list(extract(page(f"<article><h1>Storm</h1>{paragraphs([first, *TEXT[1:]])}</article>"), URL).paragraphs)
        == TEXT
    )


def test_lines_parted_by_breaks_are_paragraphs() -> None:
    assert list(extract(page(f"<h1>Storm</h1><div>{'<br><br>'.join(TEXT)}</div>"), URL).paragraphs) == TEXT


def test_nested_tables_are_read() -> None:
    cell = f"<table><tr><td><table><tr><td>{'<br><br>'.join(TEXT)}</td></tr></table></td></tr></table>"
    body = f"<table><tr><td><a href='/1'>Home</a></td><td>{cell}</td></tr></table>"
    assert list(extract(page(body), URL).paragraphs) == TEXT


def test_preformatted_text_is_read() -> None:
    assert (
        SENTENCE.format("one")
        in extract(page(f"<h1>Storm</h1><div><pre>{TEXT[0]}</pre>{paragraphs(TEXT[1:])}</div>")).paragraphs
    )


def test_a_page_that_scrolls_on_gives_its_own_article() -> None:
    other = [text.replace("crane", "ferry").replace("Port Alder", "Lower Quay") for text in TEXT * 3]
    body = f"""<main><div><article><h1>Storm closes crane</h1>{paragraphs(TEXT)}</article></div>
    <div><article><h1>Ferry sails again</h1>{paragraphs(other)}</article></div></main>"""
    assert list(extract(page(body), URL).paragraphs) == TEXT


@pytest.mark.parametrize(
    "name", ["comments", "komentarze", "commentaires", "reader-comments", "disqus_thread", "boxComments"]
)
def test_readers_comments_are_left_out(name: str) -> None:
    replies = [
        f"I have worked on that crane for {years} years and never seen anything like it, to be honest."
        for years in range(9)
    ]
    comments = f'<div class="{name}">{paragraphs(replies)}</div>'
    body = f'<h1>Storm closes crane</h1><div class="text">{paragraphs(LONG)}{comments}</div>'
    assert not set(replies) & set(extract(page(body), URL).paragraphs)


def test_a_page_of_very_many_elements_is_read_where_its_headline_stands() -> None:
    rows = "".join(f"<tr><td>{n}</td><td>{SENTENCE.format(n)}</td></tr>" for n in range(LARGE // 3))
    body = f"<article><h1>Storm closes crane</h1>{paragraphs(TEXT)}</article><table>{rows}</table>"
    assert list(extract(page(body), URL).paragraphs) == TEXT


def test_of_a_page_with_more_tags_than_any_article_the_beginning_is_read() -> None:
    rows = "".join(f"<p>{SENTENCE.format(n)}</p>" for n in range(80_000))
    body = f"<div><h1>Storm closes crane</h1>{paragraphs(TEXT)}</div><ul>{rows}</ul>"
    article = extract(page(body), URL)
    assert article.title == "Storm closes crane"
    assert 0 < len(article.paragraphs) < 80_000


# --- the standfirst -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["standfirst", "article__lead", "sub-title", "chapo", "vorspann", "articleIntro"])
def test_a_standfirst_that_only_the_page_shows_is_found_and_not_repeated(name: str) -> None:
    deck = "Two freighters wait outside the breakwater while the council argues about who will pay for the repair"
    header = f'<header><h1>Storm closes crane</h1><p class="{name}">{deck}</p></header>'
    body = f"<article>{header}<div>{paragraphs(TEXT)}</div></article>"
    article = extract(page(body), URL)
    assert (article.deck, list(article.paragraphs)) == (deck, TEXT)


def test_of_several_descriptions_the_one_shown_is_the_standfirst() -> None:
    head = linked_data(
        headline="Storm closes crane", description="Everything about the crane of Port Alder, cranes and ports."
    )
    head += '<meta property="og:description" content="Two freighters wait outside.">'
    body = f"<article><h1>Storm closes crane</h1><h2>Two freighters wait outside.</h2>{paragraphs(TEXT)}</article>"
    assert extract(page(body, head), URL).deck == "Two freighters wait outside."


# --- live blogs ---------------------------------------------------------------------------------------------------


def posts(count: int) -> str:
    return "".join(
        f'<div class="post" id="post-{n}"><time datetime="2026-03-02T{n:02d}:00:00Z">{n:02d}:00</time>'
        f"<h3>Hour {n} at the quay</h3>"
        f"<p>{SENTENCE.format(n)}</p></div>"
        for n in range(count, 0, -1)
    )


def test_a_live_blog_is_complete_and_newest_first() -> None:
    head = linked_data(**{"@type": "LiveBlogPosting"}, headline="Storm live", coverageStartTime="2026-03-02T06:00:00Z")
    body = f"<main><h1>Storm live</h1><div class='liveblog'>{posts(12)}</div></main>"
    article = extract(page(body, head, "Storm live"), URL)
    assert [text for text in article.paragraphs if text.startswith("On day")] == [
        SENTENCE.format(n) for n in range(12, 0, -1)
    ]
    assert (article.title, str(article.day)) == ("Storm live", "2026-03-02")


def test_a_live_blog_whose_posts_only_its_data_holds_is_read() -> None:
    updates = [{"@type": "BlogPosting", "headline": f"Hour {n}", "articleBody": text} for n, text in enumerate(TEXT)]
    head = linked_data(**{"@type": "LiveBlogPosting"}, headline="Storm live", liveBlogUpdate=updates)
    assert set(TEXT) <= set(extract(page("<h1>Storm live</h1><div id='app'></div>", head), URL).paragraphs)


# --- paywalls -----------------------------------------------------------------------------------------------------

PROMPT = "<div class='x'>Subscribe to continue reading</div>"


@pytest.mark.parametrize(
    ("head", "after"),
    [
        (linked_data(headline="Storm", isAccessibleForFree=False), ""),
        (linked_data(headline="Storm", isAccessibleForFree="False"), ""),
        (
            linked_data(
                headline="Storm", hasPart={"@type": "WebPageElement", "isAccessibleForFree": "http://schema.org/False"}
            ),
            "",
        ),
        (linked_data(headline="Storm", wordCount=900), ""),
        ('<meta property="article:content_tier" content="locked">', ""),
        ("", PROMPT),
        ("", "<div>この記事は有料会員限定です。残り1234文字</div>"),
    ],
)
def test_the_beginning_of_a_paywalled_article_is_a_teaser(head: str, after: str) -> None:
    assert extract(page(f"<article><h1>Storm</h1>{paragraphs(TEXT[:2])}</article>{after}", head), URL).teaser


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (linked_data(headline="Storm", isAccessibleForFree=True), TEXT[:2]),
        (linked_data(headline="Storm", isAccessibleForFree=False), LONG),
        ("", TEXT[:2]),
        ('<meta property="article:content_tier" content="free">', TEXT[:2]),
    ],
)
def test_a_short_article_and_a_whole_one_behind_a_meter_are_no_teasers(head: str, text: list[str]) -> None:
    assert not extract(page(f"<article><h1>Storm</h1>{paragraphs(text)}</article>", head), URL).teaser


# --- text in scripts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        linked_data(headline="Storm closes crane", articleBody="\n\n".join(TEXT)),
        f'<script type="application/json">{json.dumps({"page": {"body": [{"text": text} for text in TEXT]}})}</script>',
        f"<script>window.__STATE__ = {json.dumps({'story': {'html': paragraphs(TEXT)}})};</script>",
    ],
)
def test_a_page_that_shows_nothing_without_scripts_is_read_from_them(script: str) -> None:
    article = extract(page(f"<h1>Storm closes crane</h1><div id='root'></div>{script}"), URL)
    assert list(article.paragraphs) == TEXT


def test_data_of_other_articles_does_not_replace_a_text_that_is_shown() -> None:
    others = [text.replace("crane", "ferry") for text in LONG]
    script = f"<script>window.__STATE__ = {json.dumps({'other': others})};</script>"
    assert list(extract(page(f"<article><h1>Storm</h1>{paragraphs(TEXT)}</article>{script}"), URL).paragraphs) == TEXT


# --- the same article elsewhere -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://amp.post.example/storm-closes-crane",
        f"{URL}/amp",
        f"{URL}?outputType=amp",
        f"{URL}/print",
        f"{URL}?print=1",
    ],
)
def test_an_amp_or_print_page_is_the_same_article(url: str) -> None:
    body = f"<article><h1>Storm closes crane</h1>{paragraphs(TEXT)}</article>"
    head = f'<link rel="canonical" href="{URL}">'
    first, again = extract(page(body, head), URL), extract(page(f"<div>{body}</div>", head), url)
    assert first.canonical_url == again.canonical_url
    assert set(keys(first)) & set(keys(again))


# --- encodings ----------------------------------------------------------------------------------------------------

KOREAN = "항만 당국은 월요일 폭풍이 지나갈 때까지 기중기를 닫아 둔다고 밝혔다. 화물선 두 척이 밖에서 기다린다."
JAPANESE = "港湾当局は月曜日、嵐が過ぎるまで三号クレーンを閉鎖すると発表した。貨物船二隻が防波堤の外で待っている。"
CHINESE = "港务局星期一表示，三号起重机将关闭到风暴结束。两艘货轮自星期五以来一直在防波堤外等候。"
RUSSIAN = (
    "Капитан порта сообщил в понедельник, что третий кран останется закрытым до конца шторма. Два судна ждут в море."
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((KOREAN, each) for each in ("euc-kr", "utf-16", "utf-8-sig", "utf-16-le")),
        *((JAPANESE, each) for each in ("shift_jis", "euc-jp", "iso-2022-jp", "utf-16-be")),
        *((CHINESE, each) for each in ("gb18030", "gb2312", "utf-8")),
        *((RUSSIAN, each) for each in ("windows-1251", "utf-16")),
    ],
)
@pytest.mark.parametrize("declared", ["right", "utf-8", "iso-8859-1", ""])
def test_the_text_is_right_whatever_encoding_is_declared(text: str, encoding: str, declared: str) -> None:
    charset = {"right": encoding}.get(declared, declared)
    meta = f'<meta charset="{charset}">' if charset else ""
    html = f"<!doctype html><html><head>{meta}<title>{text[:9]}</title></head><body><h1>{text[:9]}</h1>"
    html += paragraphs([f"{text} {n}" for n in range(4)]) + "</body></html>"
    assert extract(html.encode(encoding), URL).paragraphs[0] == f"{text} 0"


def test_one_broken_character_does_not_spoil_a_page() -> None:
    html = page(f"<h1>x</h1>{paragraphs([KOREAN] + [f'{KOREAN} {n}' for n in range(4)])}</div>").replace(
        "다".encode(), b"\xeb\x8b", 1
    )
    assert f"{KOREAN} 3" in extract(html, URL).paragraphs


def test_a_compressed_body_is_no_page() -> None:
    import gzip

    assert extract(gzip.compress(page(paragraphs(TEXT))), URL).paragraphs == ()


# --- bylines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("By Mira Holt", "Mira Holt"),
        ("Mira Holt and Jan Roe", "Mira Holt, Jan Roe"),
        ("Von Anna Muster und Jan Roe", "Anna Muster, Jan Roe"),
        ("Mira Holt, Staff Writer", "Mira Holt"),
        ("By Mira Holt | March 2, 2026", "Mira Holt"),
        ("Mira Holt (mira@post.example)", "Mira Holt"),
        ("김하늘 기자 haneul@post.example", "김하늘"),
        ("김하늘·이바다 기자", "김하늘, 이바다"),
        ("山野花子記者", "山野花子"),
        ("记者 王小明", "王小明"),
        ("Newsroom", ""),
    ],
)
def test_a_byline_is_the_people_and_nothing_else(text: str, name: str) -> None:
    assert names([text]) == name
