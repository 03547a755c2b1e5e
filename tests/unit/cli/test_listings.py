"""Every listing speaks JSON too: one object a line, and nothing else."""

import json

import pytest

from tocsin.cli import run

LISTINGS = {
    "sources": ["sources", "list"],
    "articles": ["articles", "search", "missile"],
    "alerts": ["alerts", "list"],
    "held": ["alerts", "list", "--held"],
    "silences": ["alerts", "silences"],
    "routes": ["alerts", "routes", "--try", "by-dprk"],
    "channels": ["channels", "list"],
    "deliveries": ["deliveries", "list"],
    "stories": ["stories", "inbox"],
    "matches": ["match", "inbox", "--rules", "rules"],
    "status": ["status"],
}


@pytest.mark.parametrize("arguments", LISTINGS.values(), ids=LISTINGS)
def test_listing_is_one_json_object_a_line(workspace, capsys, arguments):
    run(["run"])
    run(["alerts", "silence", "--rule", "flood", "--for", "1h", "--reason", "spring"])
    capsys.readouterr()
    assert run([*arguments, "--json"]) in {0, 1}
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows
    assert all(isinstance(row, dict) and row for row in rows)
