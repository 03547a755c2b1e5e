"""`tocsin deliveries list` says why a delivery is not sent yet, and until when."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.cli import run
from tocsin.cli.deliveries import waiting

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=10), NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("state", "waits", "due_at", "rest_until", "expected"),
    [
        ("pending", "quiet hours until 07:00 UTC", LATER, None, "quiet hours until 07:00 UTC"),
        ("pending", "quiet hours until 07:00 UTC", NOW, None, "goes out with the next pass"),
        ("pending", "", NOW, SOON, "its channel rests after failures until 2026-11-22 09:10 UTC"),
        ("pending", "digest at 10:00 UTC", LATER, SOON, "digest at 10:00 UTC"),
        ("failed", "digest at 08:00 UTC", SOON, None, "next try 2026-11-22 09:10 UTC"),
        ("failed", "", SOON, LATER, "its channel rests after failures until 2026-11-22 10:00 UTC"),
        ("failed", "", SOON, NOW, "next try 2026-11-22 09:10 UTC"),
        ("covered", "told with official, alert a", LATER, None, "told with official, alert a"),
        ("sent", "quiet hours until 07:00 UTC", NOW, SOON, ""),
        ("dead", "", NOW, None, ""),
        ("held", "", NOW, None, ""),
    ],
)
def test_the_reason_that_holds_longest_is_told(state, waits, due_at, rest_until, expected):
    assert waiting(state, waits, due_at, rest_until, NOW) == expected


def test_list_and_explain_say_that_a_delivery_waits_for_its_digest(workspace, capsys):
    daily = "channels:\n  - {id: daily, url: json://127.0.0.1:9/a, digest: {every: 24h}}\n"
    (workspace / "rules" / "channels.yaml").write_text(daily)
    run(["run"])
    capsys.readouterr()
    assert run(["deliveries", "list"]) == 0
    assert "digest at " in " ".join(capsys.readouterr().out.split())
    assert run(["deliveries", "list", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["waits"][:10], row["rest_until"]) == ("digest at ", None)
    assert run(["explain", "00000000000000a1"]) == 0
    assert "daily: pending, 0 attempts, digest at " in capsys.readouterr().out
