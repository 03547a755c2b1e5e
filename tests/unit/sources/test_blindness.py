from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.sources.blindness import BlindSpot, Stretch, common, downtime, merged

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATE = timedelta(minutes=10)


def at(since, until):
    """Minutes after noon."""
    return Stretch(NOON + timedelta(minutes=since), NOON + timedelta(minutes=until))


@pytest.mark.parametrize(
    ("passes", "expected"),
    [
        ([], [(0, 60)]),
        ([(-5, -4), (1, 2), (5, 30), (35, 36), (44, 45), (54, 55)], []),
        ([(-90, -89), (20, 21), (30, 31), (40, 41), (50, 51)], [(0, 20)]),
        ([(-1, 0), (5, 6), (30, 31), (40, 41), (50, 51)], [(6, 30)]),
        ([(-1, 0), (9, 10)], [(10, 60)]),
        ([(20, 21), (30, 31), (40, 41), (50, 51)], []),  # before the very first pass there was nothing to see
    ],
)
def test_no_pass_for_too_long_is_time_in_which_nothing_was_seen(passes, expected):
    found = downtime([at(*each) for each in passes], at(0, 60), LATE)
    assert found == tuple(at(*each) for each in expected)


def test_a_blind_spot_is_cut_to_what_was_asked_for():
    assert BlindSpot(source="a", since=NOON).within(at(10, 60)) == at(10, 60)
    spot = BlindSpot(source="a", since=NOON, until=NOON + timedelta(minutes=20))
    assert spot.within(at(10, 60)) == at(10, 20)


def test_only_what_lies_in_all_is_common():
    several = [[at(0, 10), at(20, 40)], [at(5, 30)], [at(0, 8), at(25, 60)]]
    assert common(several) == (at(5, 8), at(25, 30))
    assert common([[at(0, 1)], []]) == ()
    assert common([]) == ()


minutes = st.tuples(st.integers(0, 50), st.integers(1, 10)).map(lambda pair: at(pair[0], sum(pair)))


def covered(stretches):
    return {
        minute
        for minute in range(61)
        for each in stretches
        if each.since <= NOON + timedelta(minutes=minute) < each.until
    }


@given(st.lists(minutes), st.lists(minutes))
def test_merging_and_cutting_agree_with_counting_every_minute(one, other):
    assert covered(merged(one)) == covered(one)
    assert all(a.until < b.since for a, b in zip(merged(one), merged(one)[1:], strict=False))
    assert covered(common([one, other])) == covered(one) & covered(other)
