"""What a backfill writes, and above all what it does not."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tocsin.articles.build import build
from tocsin.articles.textformat import write
from tocsin.model import Collected, FetchOutcome, FetchState, HeldReason, Reason
from tocsin.pipeline import archive as cutting
from tocsin.pipeline import judge, upkeep
from tocsin.pipeline.archive import Bench, chunks, judged_chunk, packed, plan
from tocsin.pipeline.backfill import Bookmark, Figures, backfill, survey
from tocsin.pipeline.thresholds import commit_thresholds
from tocsin.settings import Keep
from tocsin.store import articles, open_store, schema
from tocsin.workspace import load

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
THEN = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
FIRED = """
id: fired
title: Something was fired
severity: high
when: {words: [fired]}
tests:
  - event: The battery fired on Sunday.
  - none: A quiet Sunday.
"""
SIGNED = """
id: signed
title: Something was signed
severity: low
when: {words: [signed]}
tests:
  - event: They signed it.
  - none: A quiet Sunday.
"""
SPIKE = """
id: many
title: Many
severity: low
threshold: {rule: fired, within: 1d, count: 2}
"""
NOTICE = "The harbour office confirmed it in a notice on the same morning, and gave no detail."
OTHER = "Fishermen nearby heard nothing of it, a council of elders wrote to the ministry some hours later."


@pytest.fixture
def desk(tmp_path, monkeypatch, database):
    monkeypatch.setenv("TOCSIN_DATABASE_URL", database)
    (tmp_path / "rules").mkdir()
    (tmp_path / "sources").mkdir()
    (tmp_path / "rules" / "fired.yaml").write_text(FIRED)
    (tmp_path / "sources" / "a.yaml").write_text("sources:\n  - {id: one, url: 'https://one.example/feed'}\n")
    return tmp_path


@pytest.fixture
def store(desk, database):
    with open_store(database, desk / "data") as opened:
        yield opened


def record(number, title, at=THEN, text=NOTICE):
    return {"id": f"r{number}", "title": title, "text": f"{title}. {text}", "date": at.isoformat()}


def lines(desk, *records, name="old.jsonl"):
    path = desk / name
    path.write_text("".join(json.dumps(one) + "\n" for one in records), "utf-8")
    return path


BATTERY = [
    record(1, "The battery fired at dawn"),
    record(2, "The battery fired at dawn, office says", THEN + timedelta(hours=2)),
    record(3, "Rain in the valley"),
    record(4, "A warship fired flares far north", THEN + timedelta(days=60), OTHER),
]


def run(desk, store, *paths, now=NOW, since=None, until=None, work=None, seen=None) -> Figures:
    watch = load(desk)
    asked = plan(watch, source="import", since=since, until=until, now=now)
    given = survey(store, paths)
    bench = Bench(asked)
    return backfill(
        watch,
        store,
        given,
        work or (lambda cut: map(bench.batch, cut)),
        bookmark=Bookmark(desk, given, str(since), str(until)),
        now=now,
        on_written=seen or (lambda _: None),
    )


def everything(store) -> dict[str, list[tuple]]:
    """All rows of the tables that a backfill may write to."""
    names = ("articles", "matches", "stories", "story_reports", "alerts", "deliveries", "looks", "article_keys")
    with store.writing() as connection:
        return {name: sorted(map(repr, connection.execute(select(getattr(schema, name))))) for name in names}


def number(store, table) -> int:
    with store.writing() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def kept(store) -> dict[tuple[str, str], tuple[str, str | None]]:
    """(Headline, rule) → grade, and why it is not told."""
    m, a = schema.matches.c, schema.articles.c
    query = select(a.title, m.rule, m.grade, m.held).join_from(schema.matches, schema.articles, m.article == a.id)
    with store.writing() as connection:
        return {(title, rule): (grade, held) for title, rule, grade, held in connection.execute(query)}


def arrive(desk, store, *titles, now=NOW, text=NOTICE):
    made = [
        build(
            title=title,
            paragraphs=[f"{title}. {text}"],
            source="one",
            url=f"https://one.example/{title}",
            published=now,
            fetched_at=now,
        )
        for title in titles
    ]
    state = FetchState(source="one", outcome=FetchOutcome.OK, polled_at=now)
    return judge(load(desk), store, [Collected(state=state, articles=tuple(made))], now=lambda: now)


def test_what_is_found_is_kept_and_nobody_is_told(desk, store):
    figures = run(desk, store, lines(desk, *BATTERY))
    assert figures == Figures(judged=4, articles=3, events=3, stored=3, new=3)
    assert set(kept(store).values()) == {("event", HeldReason.BACKFILL.value)}
    assert (number(store, schema.alerts), number(store, schema.deliveries), number(store, schema.looks)) == (0, 0, 0)


def test_articles_on_which_no_rule_fires_are_not_stored(desk, store):
    run(desk, store, lines(desk, *BATTERY))
    assert number(store, schema.articles) == 3


def test_running_it_twice_changes_nothing(desk, store):
    path = lines(desk, *BATTERY, BATTERY[0] | {"date": "2020-01-01"}, {"title": "They fired", "text": "on a day."})
    run(desk, store, path)
    before = everything(store)
    again = run(desk, store, path, now=NOW + timedelta(days=1))
    assert (again.new, again.changed, again.gone, again.stored) == (0, 0, 0, 0)
    over_the_store = run(desk, store, now=NOW + timedelta(days=2))
    assert (over_the_store.new, over_the_store.changed, over_the_store.gone) == (0, 0, 0)
    assert everything(store) == before


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2)])
def test_reports_of_one_happening_are_one_story_in_whatever_order_they_come(desk, store, order):
    run(desk, store, lines(desk, *(BATTERY[place] for place in order)))
    with store.writing() as connection:
        found = list(connection.execute(select(schema.stories.c.first_seen, schema.stories.c.last_seen)))
    apart = THEN + timedelta(days=60)
    assert sorted(map(tuple, found)) == [(THEN, THEN + timedelta(hours=2)), (apart, apart)]


def test_how_the_archive_is_cut_makes_no_difference(desk, store, monkeypatch, tmp_path):
    monkeypatch.setattr(cutting, "TOGETHER", 1)
    folder = tmp_path / "texts"
    folder.mkdir()
    for place, one in enumerate(BATTERY):
        made = build(title=one["title"], paragraphs=[one["text"]], published=datetime.fromisoformat(one["date"]))
        (folder / f"{place:03}.txt").write_text(write(made), "utf-8")
    watch = load(desk)
    asked = plan(watch, source="import", since=None, until=None, now=NOW)
    path = lines(desk, *BATTERY)
    assert [len(one) for one in chunks([path, folder])] == [1, 1]
    found = [judged_chunk(packed(asked), one) for one in chunks([path, folder])]
    assert found == list(map(Bench(asked).batch, chunks([path, folder])))
    assert [len(one.readings) for one in found] == [3, 3]


def test_a_run_that_was_ended_goes_on_where_it_was(desk, store, monkeypatch):
    monkeypatch.setattr(cutting, "TOGETHER", 1)
    paths = [lines(desk, one, name=f"{place}.jsonl") for place, one in enumerate(BATTERY)]
    bench = Bench(plan(load(desk), source="import", since=None, until=None, now=NOW))

    def dying(cut) -> Iterator:
        for place, one in enumerate(cut):
            if place == 2:
                raise KeyboardInterrupt
            yield bench.batch(one)

    with pytest.raises(KeyboardInterrupt):
        run(desk, store, *paths, work=dying)
    assert number(store, schema.matches) == 2
    seen = []
    assert run(desk, store, *paths, seen=seen.append).judged == 2
    assert len(seen) == 2
    assert number(store, schema.matches) == 3
    assert not (desk / "data" / "backfill").exists()


def test_a_run_over_a_changed_archive_begins_at_the_front(desk, store):
    path = lines(desk, *BATTERY)
    given = survey(store, [path])
    Bookmark(desk, given).put(1, 0)
    assert Bookmark(desk, given).chunks() == 1
    assert Bookmark(desk, given, "30d").chunks() == 0
    lines(desk, *BATTERY[:3])
    assert Bookmark(desk, survey(store, [path])).chunks() == 0


def test_a_run_over_a_store_that_was_made_anew_begins_at_the_front(desk, store):
    given = survey(store, [lines(desk, *BATTERY)])
    Bookmark(desk, given).put(1, 3)
    assert Bookmark(desk, given).chunks() == 0
    assert Bookmark(desk, replace(given, last=3)).chunks() == 1


def test_a_bookmark_that_cannot_be_read_or_written_costs_time_only(desk, store, caplog):
    (desk / "data").mkdir(exist_ok=True)
    (desk / "data" / "backfill").write_text("in the way")
    assert run(desk, store, lines(desk, *BATTERY)).new == 3
    assert "a run that is ended begins at the front" in caplog.text


def test_a_new_rule_is_found_in_what_the_store_holds(desk, store):
    arrive(desk, store, "They signed the treaty at last")
    (desk / "rules" / "signed.yaml").write_text(SIGNED)
    assert run(desk, store).new == 1
    assert kept(store) == {("They signed the treaty at last", "signed"): ("event", HeldReason.BACKFILL.value)}


def test_what_a_rule_no_longer_finds_goes_with_its_story_unless_it_was_told(desk, store):
    (desk / "rules" / "signed.yaml").write_text(SIGNED)
    (desk / "rules" / "channels.yaml").write_text(
        "channels:\n  - {id: room, url: 'json://localhost'}\nroutes:\n  - {to: [room]}\n"
    )
    assert len(arrive(desk, store, "The battery fired at dawn").alerts) == 1
    run(desk, store, lines(desk, record(9, "They signed the treaty", text=OTHER)))
    assert number(store, schema.stories) == 2
    for name in ("fired", "signed"):
        text = {"fired": FIRED, "signed": SIGNED}[name].replace(f"[{name}]", f"[{name} nothing]")
        text = text.replace("The battery fired on", "The battery fired nothing on").replace(
            "signed it", "signed nothing"
        )
        (desk / "rules" / f"{name}.yaml").write_text(text)
    assert run(desk, store).gone == 1
    assert kept(store) == {("The battery fired at dawn", "fired"): ("event", None)}
    assert number(store, schema.stories) == 1


def test_an_event_that_is_a_mention_now_is_kept_as_one_and_its_story_says_so(desk, store):
    path = lines(desk, BATTERY[0])
    run(desk, store, path)
    rule = FIRED.replace("severity: high", "severity: high\nstatus: draft\nassertion: [denied]")
    (desk / "rules" / "fired.yaml").write_text(rule.partition("tests:")[0])
    again = run(desk, store, path)
    assert (again.changed, again.mentions, again.events) == (1, 1, 0)
    assert kept(store) == {("The battery fired at dawn", "fired"): ("mention", HeldReason.MENTION.value)}
    with store.writing() as connection:
        (report,) = connection.execute(select(schema.story_reports.c.report_json)).scalars()
    assert json.loads(report)["events"] == []


def test_what_was_told_stays_as_it_was_told(desk, store):
    (desk / "rules" / "channels.yaml").write_text(
        "channels:\n  - {id: room, url: 'json://localhost'}\nroutes:\n  - {to: [room]}\n"
    )
    arrive(desk, store, "The battery fired at dawn")
    before = everything(store)
    (desk / "rules" / "fired.yaml").write_text(FIRED.replace("Something was", "Anything that was"))
    assert run(desk, store).changed == 0
    assert everything(store) == before


def test_what_only_a_later_text_says_is_not_forgotten(desk, store):
    arrive(desk, store, "A quiet morning at the harbour")
    with store.writing() as connection:
        (first,) = articles.every_article(connection)
        later = replace(first, title="The battery fired at dawn", id="00000000000000ff", content_hash="1" * 64)
        articles.save_revision(connection, later, NOW)
    assert run(desk, store).new == 1
    before = everything(store)
    assert run(desk, store) == Figures(judged=1, articles=1, events=1)
    assert everything(store) == before


def test_only_what_was_published_in_the_time_asked_for_is_judged(desk, store):
    path = lines(desk, *BATTERY, {"title": "They fired", "text": "on some day."})
    later = THEN + timedelta(days=1)
    assert run(desk, store, path, until=later).new == 2
    assert run(desk, store, path, since=later).new == 1
    assert run(desk, store, since=THEN, until=later).judged == 2


def test_a_day_later_the_watch_tells_what_it_sees_itself(desk, store):
    """Nothing that a backfill found makes the watch believe that somebody was told."""
    (desk / "rules" / "channels.yaml").write_text(
        "channels:\n  - {id: room, url: 'json://localhost'}\nroutes:\n  - {to: [room]}\n"
    )
    run(desk, store, lines(desk, record(1, "The battery fired at dawn", NOW - timedelta(hours=1))))
    judged = arrive(desk, store, "The battery fired at dawn, office says")
    assert [alert.reason for alert in judged.alerts] == [Reason.FIRST]
    assert number(store, schema.stories) == 1


def test_old_stories_take_no_new_reports(desk, store):
    run(desk, store, lines(desk, *BATTERY))
    judged = arrive(desk, store, "The battery fired at dawn again")
    assert [alert.reason for alert in judged.alerts] == [Reason.FIRST]
    assert number(store, schema.stories) == 3


def test_upkeep_keeps_old_stories_for_as_long_after_they_were_found_as_others(desk, store):
    run(desk, store, lines(desk, *BATTERY))
    keep = Keep(articles=30, stories=30, alerts=30, keys=30, ticks=14)
    upkeep(load(desk), store, keep=keep, now=NOW + timedelta(days=29))
    assert (number(store, schema.stories), number(store, schema.matches)) == (2, 3)
    upkeep(load(desk), store, keep=keep, now=NOW + timedelta(days=31))
    assert (number(store, schema.stories), number(store, schema.matches)) == (0, 0)


def test_threshold_rules_do_not_count_what_a_backfill_found(desk, store):
    (desk / "rules" / "many.yaml").write_text(SPIKE)
    run(desk, store, lines(desk, *BATTERY))
    judged = arrive(desk, store)
    commit_thresholds(load(desk), store, judged, NOW)
    assert (judged.alerts, judged.not_told) == ([], [])


def test_what_cannot_be_read_is_said_and_the_rest_is_judged(desk, store):
    path = lines(desk, *BATTERY)
    path.write_text('{"title": \n' + path.read_text("utf-8"), "utf-8")
    seen = []
    figures = run(desk, store, path, desk / "nothing.txt", seen=seen.append)
    assert (figures.unreadable, figures.new) == (2, 3)
    assert [problem.line for one in seen for problem in one.problems] == [1, 0]
