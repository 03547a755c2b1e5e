"""The laws of the article text format, for any article that `build` makes."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from tocsin.articles.build import build
from tocsin.articles.layout import layout
from tocsin.articles.textformat import exported, read, write
from tocsin.errors import ArticleError
from tocsin.model import Article

LOOKS_LIKE_SOMETHING = st.sampled_from(
    [
        *(
            "August 16, 2023",
            "2024년 1월 2일",
            "DATE: May 1, 2020",
            "DATE: soon",
            "By Jane Roe",
            "BY: Jane Roe",
            "Jane Roe",
        ),
        *(
            "DECK: a deck",
            "P: a paragraph",
            "P: P: two marks",
            "H2: a heading",
            "H2:no space",
            "P:",
            "DECK: ",
            "홍길동 기자",
        ),
        *("SEOUL — The council met.", "(서울=가나통신) 회의가 열렸다.", "A short line", "Two sentences. In one line."),
        "A sentence of the usual length that ends as sentences do, with a full stop.",
        "A very long line " * 30,
    ]
)
LINE = st.one_of(LOOKS_LIKE_SOMETHING, st.text(max_size=60))
MOMENT = st.none() | st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - hypothesis wants the limits without a zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))]),
)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    return build(
        title=draw(LINE),
        deck=draw(st.just("") | LINE),
        byline=draw(st.just("") | LINE),
        published=draw(MOMENT),
        paragraphs=draw(st.lists(LINE, max_size=6)),
    )


def told(article: Article) -> tuple[object, ...]:
    return article.title, article.deck, article.byline, article.day, article.paragraphs


@given(articles())
@example(build(title="A title", deck="A deck", paragraphs=["SEOUL — One.", "Two."]))
@example(build(title="A title", paragraphs=["One.", "SEOUL — Two."]))
@example(build(title="DECK: x", deck="DECK: y", byline="BY: z", paragraphs=["May 1, 2020", "By Jane Roe"]))
def test_what_is_written_is_read_back_the_same(article: Article) -> None:
    assert told(read(write(article))) == told(article)


@given(articles())
def test_writing_again_changes_nothing(article: Article) -> None:
    text = write(article)
    assert write(read(text)) == text


@given(st.lists(LINE, max_size=8).map("\n".join) | st.text(max_size=200))
def test_any_text_is_refused_or_stable(text: str) -> None:
    try:
        article = read(text)
    except ArticleError:
        return
    assert exported(article) == text
    assert write(read(write(article))) == write(article)


@given(st.text(max_size=300))
def test_spans_are_in_order_and_inside_the_text(text: str) -> None:
    parts = layout(text)
    spans = [span for span in (parts.title, parts.deck, parts.byline, parts.date, *parts.paragraphs) if span]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    ordered = sorted(spans)
    assert all(before[1] <= after[0] for before, after in pairwise(ordered))
