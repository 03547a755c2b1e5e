"""The quick reading of a page, and choosing among readings."""

from __future__ import annotations

import pytest

from tocsin.sources.agreement import agreed, likeness, medoid, shingles
from tocsin.sources.blocks import Blocks, lines_of, main_blocks
from tocsin.sources.maintext import parsed
from tocsin.sources.readable import readable

LONG = "The harbour master of Port Alder said that crane number {} would stay closed until the storm is over."
TEXTS = tuple(LONG.format(number) for number in ("one", "two", "three", "four", "five", "six"))


def read(body: str) -> tuple[str, ...]:
    return main_blocks(parsed(f"<!doctype html><html><head><title>t</title></head><body>{body}</body></html>")).text


def paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def test_paragraphs_headings_and_lists_come_in_order() -> None:
    body = f"<div><p>{TEXTS[0]}</p><h2>What next</h2><ul><li>A first point</li></ul><p>{TEXTS[1]}</p></div>"
    assert read(body) == (TEXTS[0], "What next", "A first point", TEXTS[1])


def test_text_parted_by_breaks_is_read() -> None:
    assert read(f"<table><tr><td>{TEXTS[0]}<br><br>{TEXTS[1]} <b>bold</b> end.</td></tr></table>") == (
        TEXTS[0],
        f"{TEXTS[1]} bold end.",
    )


@pytest.mark.parametrize(
    "furniture",
    [
        "<div class='related-stories'><p>{}</p></div>",
        "<aside><p>{}</p></aside>",
        "<ul><li><a href='/1'>{}</a></li></ul>",
        "<div id='newsletter-box'><p>{}</p></div>",
        "<figure><figcaption>{}</figcaption></figure>",
    ],
)
def test_furniture_is_left_out(furniture: str) -> None:
    body = f"<article>{paragraphs(TEXTS[:3])}{furniture.format(TEXTS[5])}{paragraphs(TEXTS[3:5])}</article>"
    assert read(body) == TEXTS[:5]


def test_what_holds_the_text_is_no_furniture_whatever_its_name() -> None:
    assert read(f"<div class='page sidebar widget'><div>{paragraphs(TEXTS)}</div></div>") == TEXTS


def test_a_text_split_over_several_containers_is_whole() -> None:
    parts = "".join(f"<div class='part'>{paragraphs(TEXTS[at : at + 2])}</div>" for at in (0, 2, 4))
    assert read(f"<main>{parts}</main>") == TEXTS


def test_deep_nesting_is_no_danger() -> None:
    assert main_blocks(parsed("<html><body>" + "<div>" * 3_000 + paragraphs(TEXTS) + "</div>" * 3_000)) is not None


def test_an_empty_page_has_no_text() -> None:
    assert main_blocks(parsed("<html><body><p></p></body></html>")) == Blocks()


def test_the_medoid_is_the_reading_most_like_the_others() -> None:
    good, more, other = TEXTS[:4], TEXTS[:5], ("Something else that nobody agrees with stands here.",)
    assert medoid([other, (), good, more]) in (good, more)
    assert medoid([(), ()]) == ()


def test_what_only_the_chosen_reading_has_is_left_out() -> None:
    lone = "Nobody else saw this line on the page at all."
    readings = [(*TEXTS[:4], lone), TEXTS[:4], (*TEXTS[:3], TEXTS[4]), (*TEXTS[:4], TEXTS[5])]
    assert lone not in agreed(readings)
    assert agreed([(*TEXTS, lone), *[(*TEXTS, lone)] * 3]) == [*TEXTS, lone]


def test_two_readings_are_no_majority() -> None:
    assert agreed([TEXTS[:3], (), TEXTS[:2]]) == list(TEXTS[:3])
    assert agreed([(), ()]) == []


def test_a_further_reading_leaves_the_page_as_it_is() -> None:
    tree = parsed(f"<!doctype html><html><body><div hidden>x</div><article>{paragraphs(TEXTS)}</article></body></html>")
    before = lines_of(tree)
    assert lines_of(parsed(readable(tree))) == TEXTS
    assert lines_of(tree) == before


def test_a_further_reading_of_nothing_is_empty() -> None:
    assert "<p>" not in readable(parsed("<!doctype html><html><head></head><body></body></html>"))


def test_likeness_counts_characters_where_words_are_not_parted() -> None:
    one, other = shingles(["港口当局星期一宣布关闭"]), shingles(["港口当局星期二宣布关闭"])
    assert 0.2 < likeness(one, other) < 1
    assert likeness(one, one) == 1
    assert likeness(shingles([]), shingles([])) == 0
