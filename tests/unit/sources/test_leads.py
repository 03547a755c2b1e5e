"""Which addresses on a page are worth trying as feeds and sitemaps."""

from __future__ import annotations

import pytest

from tocsin.sources.leads import leads_of_page, sitemaps_of_robots

URL = "https://www.post.example/world/"


def linked(href: str, text: str = "All news") -> list[str]:
    return [lead.url for lead in leads_of_page(f"<a href='{href}'>{text}</a>".encode(), None, URL)]


@pytest.mark.parametrize(
    "href",
    [
        *("/rss", "/rss/", "rss.xml", "/feeds/all", "/world.rss", "/atom.xml", "/rss2.xml", "/?feed=rss2"),
        *("/news/feed.json", "https://feeds.post.example/rss/all", "/service/rss_all.xml", "/index.rdf"),
    ],
)
def test_a_link_that_looks_like_a_feed_is_tried(href: str) -> None:
    assert len(linked(href)) == 1


@pytest.mark.parametrize(
    "href",
    [
        *("/feedback", "/atomic-energy-talks", "/news/1234", "/embrasses", "https://else.example/rss"),
        *("mailto:rss@post.example", "/comments/feed", "/?feed=comments-rss2", "http://[/rss", "javascript:rss()"),
    ],
)
def test_other_links_are_left_alone(href: str) -> None:
    assert linked(href) == []


@pytest.mark.parametrize("text", ["Comments on this", "댓글 RSS", "コメントのRSS"])
def test_a_feed_called_comments_is_left_alone(text: str) -> None:
    assert linked("/rss/all", text) == []


def test_what_the_page_declares_comes_before_what_it_links_to() -> None:
    html = (
        "<a href='/rss/linked'>RSS</a><link rel='alternate' type='application/atom+xml' href='/declared'>"
        "<link rel='alternate' type='application/json' href='/wp-json/1'>"
        "<link rel='alternate' hreflang='ko' href='/ko'>"
    )
    assert [lead.url for lead in leads_of_page(html.encode(), None, URL)] == [
        "https://www.post.example/declared",
        "https://www.post.example/rss/linked",
    ]


def test_robots_txt_names_sitemaps_the_news_first() -> None:
    text = "User-agent: *\nSITEMAP: /all.xml\nDisallow: /x\n  sitemap:https://www.post.example/news.xml\nSitemap: file:///x"
    assert [lead.url for lead in sitemaps_of_robots(text, URL)] == [
        "https://www.post.example/news.xml",
        "https://www.post.example/all.xml",
    ]
