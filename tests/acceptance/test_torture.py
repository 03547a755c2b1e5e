"""A small `make torture`: flaky receivers, killed senders, nothing lost and nothing told twice under a new id."""

import random

from torture import torture


def test_kills_and_flaky_receivers_lose_nothing_and_double_nothing(tmp_path):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    found = torture(tmp_path / "desk", alerts=60, kills=6, seed=seed)
    assert (found.deliveries, found.lost, found.duplicates) == (120, 0, 0)
    assert found.kills, "they were killed at work"
    assert found.faults, "the receivers were flaky"
