"""A word in quotation marks that is a name or a figure of speech is not the thing."""

import pytest

RULES = """
id: launching
words: {en: [launch~, fire~], ko: ["*발사"], ja: [発射, 運行], ru: [запуст~], zh: [发射, 上映]}
---
id: missile
words:
  en: [missile~, rocket~]
  ko: ["*미사일", 로켓, 화성-17]
  ja: [ミサイル, ロケット, 火星]
  ru: [ракет~, Орешник~]
  zh: [导弹, 火箭]
---
id: oreshnik
title: Oreshnik
kind: missile
names: {ru: [Орешник~]}
---
id: r
title: R
status: draft
when: {all: [{terms: launching}, {terms: missile}]}
"""


@pytest.mark.parametrize(
    "text",
    [
        "В городе запустили трамвай «Ракета».",
        "The line launched its tram “Rocket” at noon.",
        "'로켓 성장' 신호탄 발사",
        "地下鉄「ロケット」が運行を始めた。",
        "影片《火箭》周五上映。",
    ],
)
def test_a_quoted_name_or_figure_is_not_the_thing(judge_of, fired, text):
    assert "r" not in fired(judge_of(RULES), text)


@pytest.mark.parametrize(
    "text",
    [
        "'화성-17형' 발사",
        "「火星17」を発射した。",
        "Армия запустила «Орешник».",
        "Армия запустила ракету «Ясень».",
        "'신형 미사일' 발사",
        "'미사일 발사' 발표",
        "北朝鮮が「ミサイル」を発射した。",
        "They fired a “missile” into the sea.",
        "They said: “We fired a missile.”",
        "It's the firm's day: they fired a missile.",
    ],
)
def test_a_quoted_weapon_or_a_quoted_sentence_still_counts(judge_of, fired, text):
    assert "r" in fired(judge_of(RULES), text)


def test_an_unclosed_quotation_is_no_quotation(judge_of, fired):
    assert "r" in fired(judge_of(RULES), "«Rocket was fired today")
