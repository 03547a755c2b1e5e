import re
import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.alerts.clean import cut, defused, plain, safe_url

HOSTILE = "Cc", "Cf", "Cs", "Zl", "Zp"


@pytest.mark.parametrize(
    ("given_", "read"),
    [
        ("line\nbreak\r\nand\ttab\u2028end", "line break and tab end"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("bell\x07 \x1b[31mred\x1b[0m nul\x00", "bell [31mred[0m nul"),
        ("half \ud83d pair", "half pair"),
        ("a" + "\u0301" * 40 + "b", "á\u0301\u0301\u0301b"),
        ("북한이 미사일을 발사했다", "북한이 미사일을 발사했다"),
        ("Запуск ракеты — «срочно»", "Запуск ракеты — «срочно»"),
    ],
)
def test_plain_keeps_the_words_and_nothing_else(given_, read):
    assert plain(given_) == read


@pytest.mark.parametrize(
    "title",
    [
        "@everyone look",
        "<!channel> fire",
        "<@U024BE7LH> fire",
        "<users/all>",
        "**bold** __under__ ~~gone~~ ||spoiler|| `code`",
        "[click me](https://evil.example/x)",
        "see https://evil.example/login now",
        "visit www.evil.example today",
        "<b>bold</b><script>x</script>",
        "\\@everyone",
    ],
)
def test_no_service_reads_a_headline_as_a_command(title):
    harmless = defused(title, 300)
    assert not re.search(r"[@<>*`\\]|~~|\|\||__|\]\(|\w://", harmless)
    assert not re.search(r"[a-z]\.[a-z]{2}", harmless)


def test_ordinary_headlines_stay_as_they_are():
    for title in (
        '[속보] 합참 "미상 발사체 2발 포착"',
        "U.S. and S. Korea hold talks; 1,200 km range (state media)",
        "Запуск ракеты: что известно?",
        "防衛省「弾道ミサイルの可能性」",
    ):
        assert defused(title, 300) == title


@given(st.text(max_size=400), st.integers(2, 120))
def test_defused_text_is_one_visible_harmless_line(text, limit):
    harmless = defused(text, limit)
    assert not any(unicodedata.category(char) in HOSTILE for char in harmless)
    assert not set(harmless) & set("@<>*`\\\n\r")
    harmless.encode("utf-8")


@given(st.text(max_size=300), st.integers(2, 100))
def test_cut_text_fits_and_is_a_beginning(text, limit):
    short = cut(text, limit)
    assert len(short) <= limit
    assert short == text or text.startswith(short[:-1])


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://news.example/a?b=c&d=e", "https://news.example/a?b=c&d=e"),
        ("https://news.example/2026/발사", "https://news.example/2026/%EB%B0%9C%EC%82%AC"),
        ("https://news.example/@everyone", "https://news.example/%40everyone"),
        ("https://news.example/a b<c>*d*|`", "https://news.example/a%20b%3Cc%3E%2Ad%2A%7C%60"),
        ("https://bank.example@evil.example/", None),
        ("javascript:alert(1)", None),
        ("ftp://news.example/", None),
        ("https://exa mple/", None),
        ("https://[::1", None),
        ("https://news.example:99999/", None),
        ("https://news.example/" + "x" * 3000, None),
        ("https://한국.example/", "https://xn--3e0b707e.example/"),
        ("", None),
        (None, None),
    ],
)
def test_only_an_address_is_a_link(url, safe):
    assert safe_url(url) == safe


@given(st.text(max_size=80))
def test_safe_url_never_raises_and_stays_on_its_host(tail):
    url = safe_url("https://news.example/" + tail)
    assert url is None or urlsplit(url).hostname == "news.example"
    safe_url(tail)
