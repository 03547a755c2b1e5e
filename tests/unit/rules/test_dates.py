from datetime import date

import pytest

from tocsin.rules.dates import dated

TODAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("on March 3", [1]),
        ("on 3 March 2026", [1]),
        ("on Dec. 24", [70]),
        ("in 2017", [2985]),
        ("exits the 2018 pact", []),
        ("in May 2025", [277]),
        ("2025년 3월 4일", [365]),
        ("3월 2일", [2]),
        ("지난해 3월 2일", [367]),
        ("3日", [1]),
        ("28日", [4]),
        ("3日間", []),
        ("去年3月", [338]),
        ("3 марта 2025 года", [366]),
        ("10 days ago", [10]),
        ("3년 전", [1095]),
        ("から28年。", [10220]),
        ("28年ぶり", []),
        ("から28年ぶり", []),
        ("34年となる", [12410]),
        ("10 years since", [3650]),
        ("10 years on: the harbour", [3650]),
        ("10 years on the run", []),
        ("로켓 발사 10년…", [3650]),
        ("10년 만에", []),
        ("2025년…", [63]),
        ("3年后", [1095]),
        ("2,000 troops", []),
        ("February 31", []),
    ],
)
def test_the_age_of_a_date_in_days(text, ages):
    assert [one.age for one in dated(text, 0, len(text), TODAY)] == ages


def test_without_a_publication_date_only_ago_has_an_age():
    assert [one.age for one in dated("in 2017, 10 days ago", 0, 20, None)] == [10]


def test_a_month_alone_names_no_day():
    assert [one.by_day for one in dated("in March and on March 3", 0, 23, TODAY)] == [True, False]


@pytest.mark.parametrize("text", ["on 5 May", "5月に", "발사는 5월", "в мае", "in May", "on June 3, 2026", "in 2028"])
def test_a_date_wholly_in_the_future_is_ahead(text):
    assert [one.ahead for one in dated(text, 0, len(text), TODAY)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "until 5 May",
        "from 5 May",
        "5월까지",
        "5月から",
        "до 5 мая",
        "至5月",
        "in March",
        "on March 5",
        "in 2026",
        "on 3 March",
        "on 20 October",
    ],
)
def test_an_end_a_beginning_and_what_may_be_past_are_not_ahead(text):
    assert not any(one.ahead for one in dated(text, 0, len(text), TODAY))
