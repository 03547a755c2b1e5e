"""The first poll of a source is its stock; what follows is news. The newsroom through the whole pass."""

import shutil
from pathlib import Path

import pytest

from newsroom.server import Newsroom
from tocsin import pipeline
from tocsin.model import HeldReason
from tocsin.store import open_store
from tocsin.workspace import load

ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(tmp_path):
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    (tmp_path / "sources").mkdir()
    with Newsroom() as room:
        room.write_sources(tmp_path / "sources")
        yield tmp_path


def tick(root, **options):
    with open_store(f"sqlite:///{root}/t.db", root) as store:
        return pipeline.tick(load(root), store, everything=True, **options)


def test_the_first_poll_stores_and_judges_everything_and_tells_nobody(desk):
    first = tick(desk)
    assert first.judged.articles == 25
    assert first.judged.alerts == []
    assert sum(one.held.reason is HeldReason.BASELINE for one in first.judged.not_told) >= 3
    assert tick(desk, alert_on_first=True).judged.alerts == [], "its second poll brings nothing new"


def test_the_first_poll_tells_when_asked_to(desk):
    assert len(tick(desk, alert_on_first=True).judged.alerts) == 3


def test_a_folder_has_no_baseline(desk):
    (desk / "inbox").mkdir()
    text = "Pyongyang fires missile\n\nNorth Korea fired a ballistic missile into the sea, Seoul's military said.\n"
    (desk / "inbox" / "a.txt").write_text(text, "utf-8")
    (desk / "sources" / "newsroom.yaml").write_text("sources:\n  - id: inbox\n    kind: files\n    path: inbox\n")
    assert [alert.rule for alert in tick(desk).judged.alerts] == ["dprk-missile-launch"]
