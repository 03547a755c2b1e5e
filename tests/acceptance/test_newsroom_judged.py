"""The bundled newsroom through the real pipeline: what a careful reader expects is what the watch does."""

import random
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from newsroom.server import Newsroom
from tocsin import pipeline
from tocsin.model import FetchOutcome
from tocsin.store import ledger, open_store
from tocsin.workspace import load

ROOT = Path(__file__).parents[2]
EXPECTED = yaml.safe_load((ROOT / "tests" / "newsroom" / "expected.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """The workspace, what one poll of the newsroom brought, and which article is which."""
    root = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "rules", root / "rules")
    (root / "sources").mkdir()
    with Newsroom() as room:
        room.write_sources(root / "sources")
        workspace = load(root)
        with open_store(f"sqlite:///{root}/first.db", root) as store:
            found = pipeline.collect(workspace, store, everything=True, alert_on_first=True)
        names = {article.id: room.article_id(article.url) for one in found for article in one.articles}
    return workspace, found, names


def judge(workspace, found, path):
    with open_store(f"sqlite:///{path}", path.parent) as store:
        judged = pipeline.judge(workspace, store, found)
        with store.writing() as connection:
            stories = ledger.open_stories(connection, datetime(2000, 1, 1, tzinfo=UTC))
    return judged, stories


def test_every_article_came_and_the_dead_source_stopped_nothing(collected):
    _, found, names = collected
    assert set(names.values()) == set(EXPECTED)
    failed = [one.state.source for one in found if one.state.outcome is FetchOutcome.FAILED]
    assert failed == ["silent-gazette"]


def test_every_article_is_graded_as_a_careful_reader_would(collected, tmp_path):
    workspace, found, names = collected
    grades = {}
    judged, _ = judge(workspace, found, tmp_path / "t.db")
    for one in judged.not_told:
        grades[names[one.held.article], one.held.rule] = one.match.grade.value
    for alert in judged.alerts:
        grades[names[alert.article.article], alert.rule] = alert.match.grade.value
    wrong = {}
    for article, rules in EXPECTED.items():
        wanted = {
            rule: grade if isinstance(grade, list) else [grade] for rule, grade in rules.items() if rule != "story"
        }
        for rule in {*wanted, *(rule for name, rule in grades if name == article)}:
            got = grades.get((article, rule), "none")
            if got not in wanted.get(rule, ["none"]):
                wrong[article, rule] = got
    assert not wrong


@pytest.mark.parametrize("seed", range(8))
def test_one_alert_a_story_in_whatever_order_the_reports_come(collected, tmp_path, seed):
    workspace, found, names = collected
    order = list(found)
    random.Random(seed).shuffle(order)
    judged, stories = judge(workspace, order, tmp_path / "t.db")
    assert sorted(alert.rule for alert in judged.alerts) == [
        "dprk-missile-launch",
        "dprk-russia-pact",
        "dprk-troops-russia",
    ]
    told = {alert.story for alert in judged.alerts}
    groups = [{names[report.article] for report in story.reports} for story in stories if story.id in told]
    for group in groups:
        kinds = {EXPECTED[name].get("story") for name in group if "story" in EXPECTED[name]}
        assert len(kinds) == 1, group
    assert sum("story" in EXPECTED[name] for group in groups for name in group) == 8
