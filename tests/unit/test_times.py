"""Dates as publishers write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.times import lasting, parse_date

KST = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "August 16, 2023",
            "Aug. 16, 2023",
            "Aug 16 2023",
            "16 August 2023",
            "Wednesday, August 16, 2023",
            "August 16th, 2023",
        ),
        *(
            "2023-08-16",
            "20230816",
            "2023.08.16",
            "2023. 8. 16.",
            "2023/08/16",
            "2023년 8월 16일",
            "2023년 8월 16일 수요일",
        ),
        *(
            "2023年8月16日",
            "2023年8月16日（水）",
            "2023年8月16日 星期三",
            "16 августа 2023",
            "16 августа 2023 г.",
            "16.08.2023",
        ),
        *("16. August 2023", "16 de agosto de 2023", "16 août 2023", "Mittwoch, 16. August 2023"),
    ],
)
def test_a_day_is_read(text: str) -> None:
    assert parse_date(text) == (datetime(2023, 8, 16, tzinfo=UTC), True)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Wed, 16 Aug 2023 09:30:15 +0900", datetime(2023, 8, 16, 9, 30, 15, tzinfo=KST)),
        ("Wed, 16 Aug 2023 09:30:15 KST", datetime(2023, 8, 16, 9, 30, 15, tzinfo=KST)),
        ("16 Aug 23 09:30 GMT", datetime(2023, 8, 16, 9, 30, tzinfo=UTC)),
        ("Wed, 16 Aug 2023 09:30:15 EST", datetime(2023, 8, 16, 9, 30, 15, tzinfo=timezone(timedelta(hours=-5)))),
        ("2023-08-16T09:30:15+09:00", datetime(2023, 8, 16, 9, 30, 15, tzinfo=KST)),
        ("2023-08-16T09:30:15.123456Z", datetime(2023, 8, 16, 9, 30, 15, tzinfo=UTC)),
        ("2023-08-16T09:30:15", datetime(2023, 8, 16, 9, 30, 15, tzinfo=UTC)),
        ("2023-08-16 09:30", datetime(2023, 8, 16, 9, 30, tzinfo=UTC)),
        ("2023.08.16 09:30", datetime(2023, 8, 16, 9, 30, tzinfo=UTC)),
        ("August 16, 2023 at 3:04 p.m.", datetime(2023, 8, 16, 15, 4, tzinfo=UTC)),
        ("August 16, 2023, 12:04 AM", datetime(2023, 8, 16, 0, 4, tzinfo=UTC)),
        ("Wed, 16 Aug 2023 23:59:60 GMT", datetime(2023, 8, 16, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_with_its_offset(text: str, moment: datetime) -> None:
    found = parse_date(text)
    assert found == (moment, False)
    assert found[0].utcoffset() == moment.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        *("03/04/2024", "yesterday", "", "August 2023", "2023", "Summer 16, 2023", "February 30, 2024", "2024-13-01"),
        *(
            "On August 16, 2023 the pier closed",
            "1692178215",
            "16:30",
            "25:99 August 16, 2023",
            "x" * 200,
            "0000-00-00",
        ),
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    assert parse_date(text) is None


@given(st.text(max_size=90))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or found[0].tzinfo is not None


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(KST)))  # noqa: DTZ001 - hypothesis wants it bare
def test_iso_is_read_as_written(moment: datetime) -> None:
    assert parse_date(moment.isoformat(timespec="seconds")) == (moment.replace(microsecond=0), False)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-22T09:00:00Z", datetime(2026, 11, 22, 9, tzinfo=UTC)),
        ("2026-11-22T09:00:00.999999+09:00", datetime(2026, 11, 22, 9, tzinfo=KST)),
        ("2026-12-31T23:59:60Z", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),  # a leap second
        ("2026-02-30T09:00:00Z", None),
        ("2026-11-22T09:00:00+24:00", None),
    ],
)
def test_what_machines_write_is_read_like_what_people_write(written: str, moment: datetime | None) -> None:
    assert parse_date(written) == parse_date(f" {written} ") == (moment and (moment, False))


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (3600, "1 h"),
        (12_000, "3 h 20 min"),
        (90_061, "1 d 1 h"),
        (86_460, "1 d"),
        (-5, "0 s"),
    ],
)
def test_a_length_of_time_is_told_in_its_two_largest_units(seconds, shown):
    assert lasting(timedelta(seconds=seconds)) == shown
