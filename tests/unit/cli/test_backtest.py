"""`tocsin backtest` tells beforehand what a rule would have told."""

import json
import multiprocessing
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tocsin.articles import document
from tocsin.articles.document import batches
from tocsin.cli import cores, run
from tocsin.cli.cores import Bench, Course, Plan, workbench
from tocsin.errors import TocsinError
from tocsin.rules import backtest
from tocsin.rules.backtest import Span
from tocsin.workspace import load_rules

LAUNCHES = [  # two reports of one launch, one of another a week later, a denial, a text without a date
    {"id": "a", "title": "Missile", "text": "North Korea fired a missile at dawn over the bay.", "date": "2025-10-06"},
    {"id": "b", "title": "Missile", "text": "North Korea fired a missile at dawn over a bay.", "date": "2025-10-06"},
    {"id": "c", "title": "Again", "text": "Another missile was launched by soldiers up north.", "date": "2025-10-22"},
    {"id": "d", "title": "No", "text": "He denied that they fired a missile.", "date": "2025-10-23"},
    {"id": "e", "title": "When?", "text": "They launched one missile on some day."},
    {"id": "f", "title": "Rain", "text": "It rained.", "date": "2025-10-24"},
]


@pytest.fixture
def records(workspace):
    def write(rows, name="texts.jsonl"):
        path = workspace / name
        path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
        return str(path)

    return write


@pytest.fixture
def told(workspace, capsys):
    def of(*arguments, code=0):
        assert run(["backtest", *map(str, arguments)]) == code
        out, err = capsys.readouterr()
        return out + err

    return of


@pytest.fixture
def rows(told):
    return lambda *arguments: [json.loads(line) for line in told(*arguments, "--json").splitlines()]


@pytest.fixture
def archive(workspace, capsys):
    """The workspace's articles, stored."""
    assert run(["articles", "import", "inbox"]) == 0
    capsys.readouterr()


def by_rule(found):
    return {row["rule"]: row for row in found if "events" in row}


def without(workspace, old, new, name="older.yaml"):
    """The workspace's rule `launch` alone, with something else in it."""
    documents = (workspace / "rules" / "watch.yaml").read_text("utf-8").split("---\n")
    path = workspace / name
    path.write_text(next(one for one in documents if "id: launch\n" in one).replace(old, new), "utf-8")
    return path


def test_events_are_counted_by_rule_and_week_with_quiet_weeks_between(records, rows):
    launch = by_rule(rows(records(LAUNCHES)))["launch"]
    assert (launch["events"], launch["mentions"], launch["undated"]) == (4, 1, 1)
    assert launch["weeks"] == {"2025-W41": 2, "2025-W42": 0, "2025-W43": 1}
    assert launch["mention_share"] == 0.2


def test_alerts_are_estimated_after_grouping_and_without_what_a_special_rule_tells(records, rows):
    found = by_rule(rows(records(LAUNCHES)))
    assert found["by-dprk"]["events"] == 2
    assert found["by-dprk"]["alerts"] == 1  # a and b are one story
    assert found["launch"]["alerts"] == 1  # only c: by-dprk tells the other story
    assert found["launch"]["alerts_per_week"] == pytest.approx(1 / (18 / 7), abs=0.01)


def test_too_many_events_to_group_are_estimated_from_the_newest(records, told, rows, monkeypatch):
    monkeypatch.setattr(backtest, "GROUPED", 1)
    launch = by_rule(rows(records(LAUNCHES)))["launch"]
    assert (launch["alerts"], launch["alerts_per_week"], launch["partly"]) == (1, 1.0, True)


def test_the_chart_and_samples_are_for_people(records, told):
    text = told(records(LAUNCHES))
    assert "2025-W41  ██ 2" in text
    assert "2025-W42   0" in text
    assert "4 events, 1 mention (20% of what it found)" in text
    assert "2025-10-22  Again\n              “Another missile was launched by soldiers up north.”" in text
    assert "Found nothing: flood" in text
    assert "6 articles in " in text
    assert "a second on 1 core" in text
    assert text.index("Again") < text.index("When?")  # without a date comes last


def test_long_silences_take_one_line(records, told):
    far = [LAUNCHES[0], LAUNCHES[2] | {"date": "2026-01-21"}]
    assert "14 weeks without any" in told(records(far), "--rule", "launch")


def test_only_the_rule_asked_for_is_shown(records, rows):
    assert by_rule(rows(records(LAUNCHES), "--rule", "by-dprk")).keys() == {"by-dprk"}


def test_a_rule_file_stands_in_for_the_rules_with_its_ids(workspace, records, rows):
    path = without(workspace, "terms: missile", "words: soldiers", "draft.yaml")
    found = by_rule(rows(records(LAUNCHES), "--rule", path))
    assert {name: row["events"] for name, row in found.items()} == {"launch": 1}


def test_against_an_older_file_lists_each_article_told_more_or_less(workspace, records, rows, told):
    old = without(workspace, "terms: missile", "words: [soldiers, rained]")
    old.write_text(old.read_text("utf-8").replace("{terms: launching}", "{any: [{terms: launching}, {words: it}]}"))
    path = records(LAUNCHES)
    changes = {(row["change"], row["id"]): row["why"] for row in rows(path, "--against", old) if "change" in row}
    assert changes == {
        ("+", "a"): "before: no match",
        ("+", "b"): "before: no match",
        ("+", "e"): "before: no match",
        ("-", "f"): "now: no match",
    }
    text = told(path, "--against", old)
    assert "Against the older rules: +3 −1" in text
    assert "− launch  (now: no match)  f\n  2025-10-24  Rain" in text


def test_a_mention_that_was_an_event_says_what_decides_now(workspace, records, rows):
    old = without(workspace, "when:", "assertion: [asserted, denied]\nwhen:")
    (change,) = (row for row in rows(records(LAUNCHES), "--against", old) if "change" in row)
    assert (change["change"], change["id"], change["why"]) == ("-", "d", "now: mention, denied by “denied that”")


def test_against_a_folder_compares_all_rules(workspace, records, rows):
    old = workspace / "old"
    old.mkdir()
    text = (workspace / "rules" / "watch.yaml").read_text("utf-8")
    (old / "watch.yaml").write_text(text.replace("fire~]", "shoot~, fire]").replace("fired", "launched"), "utf-8")
    changes = [(row["rule"], row["change"], row["id"]) for row in rows(records(LAUNCHES), "--against", old)[3:-1]]
    assert changes == [(rule, "+", name) for name in "ab" for rule in ("by-dprk", "launch")]


def test_a_term_list_alone_can_be_compared(workspace, records, rows):
    old = workspace / "terms.yaml"
    old.write_text("id: missile\nwords: {en: [bay]}\n", "utf-8")
    changes = {(row["rule"], row["id"]) for row in rows(records(LAUNCHES), "--against", old) if "change" in row}
    assert changes == {("launch", "c"), ("launch", "e")}


def test_no_difference_is_said(workspace, records, told):
    assert "Against the older rules: +0 −0" in told(records(LAUNCHES), "--against", "rules/watch.yaml")


def test_without_paths_the_archive_is_judged(archive, rows):
    found = by_rule(rows())
    assert found["launch"]["events"] == 2
    assert found["launch"]["mentions"] == 1


def test_since_leaves_out_what_is_older_or_has_no_date(records, rows):
    young = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    *found, figures = rows(records([*LAUNCHES, LAUNCHES[0] | {"id": "y", "date": young}]), "--since", "9d")
    assert by_rule(found)["launch"]["events"] == 1
    assert figures["articles"] == 1
    assert figures["left_out"] == len(LAUNCHES)


def test_since_holds_for_the_archive_too(archive, rows):
    assert rows("--since", "1s")[-1]["articles"] == 0


def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_judged(records, told):
    text = told(records(LAUNCHES), "nowhere.txt", code=1)
    assert "nowhere.txt: cannot be read" in text
    assert "4 events" in text


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--since", "soon"], 2, "write 90m, 24h, 7d or 2w"),
        (["--rule", "lunch"], 2, "did you mean 'launch'?"),
        (["--rule", "lunch.yaml"], 1, "lunch.yaml: cannot be read"),
        (["--rule", "bad.yaml"], 1, "bad.yaml:1:"),
        (["--rule", "dangling.yaml"], 1, "dangling.yaml:3:"),
        (["--against", "lunch.yaml"], 2, "name an older rule file or rules folder"),
    ],
)
def test_a_wrong_call_gets_a_sentence_with_its_place(workspace, told, arguments, code, sentence):
    (workspace / "bad.yaml").write_text("id: x\ntitel: X\nwhen: {words: a}\n")
    (workspace / "dangling.yaml").write_text("id: x\ntitle: X\nwhen: {terms: nothing}\nstatus: draft\n")
    assert sentence in told("inbox", *arguments, code=code)


def test_nothing_at_all_is_no_failure(records, told):
    assert "0 articles in " in told(records([]))


def texts(number):
    """Records, of which every seventh is told."""
    for place in range(number):
        text = f"North Korea fired missile {place}." if place % 7 == 0 else "Rain."
        yield {"id": place, "title": f"Text {place}", "text": text, "date": "2025-10-06"}


def judged(workspace, path, number):
    _, book = load_rules(workspace / "rules")
    plan, course = Plan(book=book, old=book), Course()
    with workbench(partial(Bench, plan), Bench(plan), number) as work:
        for one in work(batches([Path(path)])):
            course.add(one)
    return course


def test_all_cores_say_the_same_as_one_in_the_same_order(workspace, records, monkeypatch):
    monkeypatch.setattr(document, "_LINES_AT_A_TIME", 2_000)
    number = cores.FEW + 150
    path = records(texts(number))
    monkeypatch.setattr(cores, "cores", lambda: 2)
    spread = judged(workspace, path, number)
    monkeypatch.setattr(cores, "cores", lambda: 1)
    assert spread == judged(workspace, path, number)
    assert (spread.read, spread.span.articles) == (number, number)
    assert [new.id for new, _ in spread.pairs] == [str(place) for place in range(0, number, 7)]


def test_a_process_of_its_own_says_the_same(records, rows):
    """There the workers share the compiled rules, where the system lets them."""
    path = records(texts(cores.FEW + 10))
    command = [sys.executable, "-m", "tocsin", "backtest", path, "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stderr == ""
    assert [json.loads(line) for line in done.stdout.splitlines()][:-1] == rows(path)[:-1]


def test_a_broken_line_far_down_is_told_with_its_place_whichever_process_reads_it(records, monkeypatch, capsys):
    monkeypatch.setattr(document, "_LINES_AT_A_TIME", 2_000)
    path = Path(records(texts(300)))
    with path.open("a") as file:
        file.write('\n\n{"id": 1, "title": \n{"id": 2, "title": "x", "date": "some day"}\n')
    assert run(["backtest", str(path), "--json"]) == 1
    out, err = capsys.readouterr()
    first, second = err.splitlines()
    assert first.startswith(f"tocsin: {path}:302:19: no JSON")
    assert second.startswith(f"tocsin: {path}:303:1: \"date\": 'some day' is no date")
    figures = json.loads(out.splitlines()[-1])
    assert (figures["articles"], figures["unreadable"]) == (300, 2)


def test_a_process_that_is_killed_is_told_in_a_sentence(workspace, records, monkeypatch):
    monkeypatch.setattr(cores, "cores", lambda: 2)
    _, book = load_rules(workspace / "rules")
    plan = Plan(book=book)

    def killing(paths):
        for one in batches(paths):
            for child in multiprocessing.active_children():
                child.kill()
                child.join()
            yield one

    with (
        workbench(partial(Bench, plan), Bench(plan), cores.FEW) as work,
        pytest.raises(TocsinError, match="ended from outside"),
    ):
        list(work(killing([Path(records(texts(3)))])))


def test_a_rate_is_never_over_less_than_a_week():
    span = Span()
    for hour in (1, 5):
        span.add(datetime(2026, 11, 1, hour, tzinfo=UTC))
    assert span.weeks == 1.0
