"""What upkeep deletes, and above all what it does not."""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from tocsin.articles.build import build
from tocsin.articles.identity import keys
from tocsin.model import Collected, FetchOutcome, FetchState
from tocsin.pipeline import begin, judge, upkeep
from tocsin.settings import Keep
from tocsin.store import open_store, schema
from tocsin.workspace import load

THEN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
KEEP = Keep(articles=90, stories=200, alerts=400, keys=500, ticks=14)
RULE = """
id: fired
title: Something was fired
severity: high
when: {words: [fired]}
tests:
  - event: The battery fired on Sunday.
  - none: A quiet Sunday.
"""
SPIKE = """
id: many
title: More than usual
severity: low
threshold: {within: 1d, spike: 3, history: 300d}
"""


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "sources").mkdir()
    (tmp_path / "rules" / "fired.yaml").write_text(RULE)
    (tmp_path / "rules" / "channels.yaml").write_text(
        "channels: [{id: desk, url: '${DESK_URL}'}]\nroutes: [{to: [desk]}]\n"
    )
    (tmp_path / "sources" / "a.yaml").write_text("sources:\n  - {id: one, url: 'https://one.example/feed'}\n")
    return tmp_path


@pytest.fixture
def store(database, tmp_path):
    with open_store(database, tmp_path / "data") as opened:
        yield opened


def article(title, **changes):
    given = {
        "title": title,
        "paragraphs": [f"{title}. The harbour office confirmed it in a notice on Sunday morning, and gave no detail."],
        "source": "one",
        "url": f"https://one.example/{title.replace(' ', '-')}",
        "published": THEN,
        "fetched_at": THEN,
    }
    return build(**(given | changes))


def take_in(desk, store, *made, now=THEN):
    state = FetchState(source="one", outcome=FetchOutcome.OK, polled_at=now)
    return judge(load(desk), store, [Collected(state=state, articles=made)], now=lambda: now)


def rows(store, table):
    with store.writing() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def days(number):
    return THEN + timedelta(days=number)


def after(desk, store, number, **options):
    return upkeep(load(desk), store, keep=options.pop("keep", KEEP), now=days(number), **options)


def test_an_old_article_without_a_match_goes_and_stays_known(desk, store):
    old = article("A quiet harbour")
    take_in(desk, store, old)
    assert after(desk, store, 89).removed.articles == 0
    assert after(desk, store, 91).removed.articles == 1
    assert rows(store, schema.article_keys) == 0
    assert store.known(keys(old)) == frozenset(keys(old)), "its feed may list it for years: it must not be new again"
    after(desk, store, 700)
    assert store.known(keys(old)) == frozenset()


def test_what_came_from_a_file_is_the_users_own_archive(desk, store):
    take_in(desk, store, replace(article("A quiet harbour"), file_name="001_0123456789abcdef.txt"))
    assert after(desk, store, 5_000).removed.articles == 0


def test_an_article_with_a_match_stays_as_long_as_its_story(desk, store):
    take_in(desk, store, article("A battery fired"))
    with store.writing() as connection:
        connection.execute(schema.deliveries.delete())
        connection.execute(schema.alerts.delete())
    assert not after(desk, store, 199).removed
    gone = after(desk, store, 201).removed
    assert (gone.stories, gone.matches, gone.articles) == (1, 1, 1)


def test_an_alert_that_waits_for_its_channel_keeps_everything_it_speaks_of(desk, store):
    take_in(desk, store, article("A battery fired"))
    assert rows(store, schema.alerts) == 1
    with store.writing() as connection:
        connection.execute(update(schema.deliveries).values(state="failed"))
    assert not after(desk, store, 3_000).removed
    with store.writing() as connection:
        connection.execute(update(schema.deliveries).values(state="sent"))
    gone = after(desk, store, 3_000).removed
    assert (gone.alerts, gone.stories, gone.matches, gone.articles) == (1, 1, 1, 1)
    assert rows(store, schema.deliveries) == 0


def test_a_story_that_still_gets_reports_remembers_what_was_told(desk, store):
    take_in(desk, store, article("A battery fired"))
    with store.writing() as connection:
        connection.execute(update(schema.deliveries).values(state="sent"))
        connection.execute(update(schema.stories).values(last_seen=days(999)))
    short = Keep(articles=1, stories=1, alerts=1)
    assert not after(desk, store, 1_000, keep=short).removed
    assert rows(store, schema.alerts) == rows(store, schema.articles) == 1


def test_articles_stay_while_a_threshold_rule_counts_back_to_them(desk, store):
    (desk / "rules" / "many.yaml").write_text(SPIKE)
    take_in(desk, store, article("A quiet harbour"))
    assert not load(desk).problems
    assert after(desk, store, 300).removed.articles == 0
    assert after(desk, store, 302).removed.articles == 1


def test_zero_keeps_for_ever(desk, store):
    take_in(desk, store, article("A quiet harbour"), article("A battery fired"))
    for_ever = Keep(articles=0, stories=0, alerts=0, keys=0, ticks=0)
    assert not after(desk, store, 9_000, keep=for_ever).removed


def test_a_dry_run_counts_what_the_real_one_deletes_and_deletes_nothing(desk, store):
    take_in(desk, store, *(article(f"A quiet harbour {number}") for number in range(450)), article("A battery fired"))
    with store.writing() as connection:
        connection.execute(update(schema.deliveries).values(state="sent"))
    told = after(desk, store, 1_000, dry_run=True).removed
    assert (told.articles, told.alerts, told.stories) == (451, 1, 1)
    assert rows(store, schema.articles) == 451
    assert after(desk, store, 1_000).removed == told
    assert rows(store, schema.articles) == 0


def test_the_newest_finished_pass_stays_however_old(desk, store):
    for number in range(3):
        begin(store, days(number))
    with store.writing() as connection:
        connection.execute(update(schema.ticks).where(schema.ticks.c.number < 3).values(ended_at=days(2)))
    assert after(desk, store, 100).removed.ticks == 1
    assert rows(store, schema.ticks) == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_file_shrinks_when_much_of_it_is_free(desk, store):
    long = "A sentence of no importance about the harbour and its cranes. " * 400
    take_in(desk, store, *(article(f"Quiet {number}", paragraphs=[f"{number} {long}"]) for number in range(600)))
    report = after(desk, store, 100)
    assert report.removed.articles == 600
    assert report.after < report.before / 4


def test_files_of_dead_workers_go_and_those_of_living_ones_stay(desk, store):
    folder = desk / "data" / "workers"
    dead, young = folder / "gone-1-aa", folder / "gone-2-bb"
    long_ago = time.time() - 100_000
    for path in (dead, young):
        path.touch()
    os.utime(dead, (long_ago, long_ago))
    for name in (store.worker, "here"):
        os.utime(folder / name, (long_ago, long_ago))
    assert after(desk, store, 1).workers == 1
    assert sorted(path.name for path in folder.iterdir()) == sorted([young.name, store.worker, "here"])
