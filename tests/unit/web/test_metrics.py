import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from tocsin.pipeline.condition import ChannelCondition, Condition
from tocsin.store.looks import Standing
from tocsin.store.totals import key
from tocsin.web.metrics import exposition

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOSTILE = 'a"b\\c\nd'


def condition(**changes):
    well = {
        "now": NOON,
        "last": {"started_at": NOON - timedelta(seconds=65), "ended_at": NOON - timedelta(seconds=60)},
        "late_after": timedelta(minutes=10),
        "sources": {"ok": 3, "failed": 1},
        "failing": (),
        "health": {},
        "channels": (
            ChannelCondition(
                id=HOSTILE, resting_until=NOON, failures=3, last_sent=None, deliveries={}, last_error="refused"
            ),
        ),
        "deliveries": {"sent": 5, "pending": 2},
        "oldest": NOON - timedelta(hours=1),
        "outages": (),
        "problems": (),
        "articles": 7,
        "looks": Standing(watched=0, due=0, next_at=None, missing=0, vanished=0),
    }
    return Condition(**well | changes)


def read(page):
    families = list(text_string_to_metric_families(page.decode()))
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_what_is_measured_and_counted_can_be_read_by_prometheus():
    counted = {key("alerts", severity="high"): 4, key("deliveries", channel=HOSTILE, outcome="sent"): 9}
    values = read(exposition(condition(), counted))
    assert values["tocsin_store_up", ()] == 1
    assert values["tocsin_tick_lag_seconds", ()] == 60
    assert values["tocsin_tick_duration_seconds", ()] == 5
    assert values["tocsin_outbox_age_seconds", ()] == 3600
    assert values["tocsin_alerts_total", (("severity", "high"),)] == 4
    assert values["tocsin_alerts_total", (("severity", "critical"),)] == 0
    assert values["tocsin_deliveries_total", (("channel", HOSTILE), ("outcome", "sent"))] == 9
    assert values["tocsin_channel_resting", (("channel", HOSTILE),)] == 1
    assert values["tocsin_sources", (("state", "ok"),)] == 3


def test_every_metric_is_named_and_explained():
    page = exposition(condition(), {}).decode()
    lines = page.splitlines()
    names = {line.split("{")[0].split(" ")[0] for line in lines if not line.startswith("#")}
    assert all(name.startswith("tocsin_") for name in names)
    for name in names:
        assert any(line.startswith(f"# HELP {name} ") for line in lines), name
        assert any(line.startswith(f"# TYPE {name} ") for line in lines), name


def test_a_watch_that_never_ran_has_no_lag_and_a_store_that_is_away_only_says_so():
    assert "tocsin_tick_lag_seconds" not in exposition(condition(last=None), {}).decode()
    assert read(exposition(None, {})) == {("tocsin_store_up", ()): 0}


def test_the_alert_rules_that_ship_ask_for_metrics_that_there_are():
    path = Path(__file__).parents[3] / "deploy" / "prometheus-alerts.yaml"
    (group,) = yaml.safe_load(path.read_text("utf-8"))["groups"]
    asked = {name for rule in group["rules"] for name in re.findall(r"\btocsin_\w+", rule["expr"])}
    assert len(asked) > 6
    assert asked <= {name for name, _ in read(exposition(condition(deliveries={"dead": 1}), {}))}
