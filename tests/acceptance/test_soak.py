"""A small `make soak`: nothing grows for ever, and what upkeep deleted does not come back as news."""

from soak import FEEDS, soak


def test_the_database_reaches_a_plateau_and_nothing_comes_back(tmp_path):
    found = soak(tmp_path / "desk", days=8, ticks_a_day=12)
    assert found.again == 0
    assert found.told > FEEDS
    counts = [day.articles for day in found.days]
    assert counts[3] > counts[0] * 3, "so many would come in eight days, if none went"
    assert max(counts[5:]) - min(counts[5:]) < counts[0] / 10
    assert found.days[-1].size < found.days[5].size * 1.1
