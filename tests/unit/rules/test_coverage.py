"""Coverage tells what no proof touches, and nothing else."""

import pytest

from tocsin.rules.coverage import coverage, shares

LIST = "id: launching\nwords: {en: [launch, fire], ko: [발사]}\n---\n"


@pytest.fixture
def untouched(judge_of, book_of):
    def of(text):
        found = coverage(judge_of(text), book_of(text))
        return {one.name: ([problem.message for problem in one.untouched], one.fails) for one in found}

    return of


def rule(when, tests, more=""):
    return f"id: r\ntitle: R\nwhen: {when}\ntests: {tests}\n{more}"


def test_a_condition_below_when_is_touched_where_it_holds_in_a_match(untouched):
    when = "{any: [{words: fire}, {all: [{words: launch}, {words: rocket}]}]}"
    told, fails = untouched(rule(when, "[{event: They fire.}, {none: They launch.}]"))["rule r"]
    assert fails
    assert [text.rpartition("(")[2] for text in told] == ["words: launch)", "words: rocket)"]


@pytest.mark.parametrize(
    ("none", "fails"),
    [("They fire on film.", False), ("They sleep on film.", True), ("They sleep.", True)],
)
def test_a_condition_below_none_is_touched_where_it_alone_stops_the_rule(untouched, none, fails):
    when = "{all: [{words: fire}, {none: [{words: film}]}]}"
    assert untouched(rule(when, f"[{{event: They fire.}}, {{none: {none}}}]"))["rule r"][1] is fails


@pytest.mark.parametrize(
    ("none", "fails"),
    [("They fire on film.", False), ("They sleep on film.", True)],
)
def test_an_unless_is_touched_where_it_stops_the_rule(untouched, none, fails):
    text = rule("{words: fire}", f"[{{event: They fire.}}, {{none: {none}}}]", "unless: [{words: film}]")
    assert untouched(text)["rule r"][1] is fails


def test_proofs_in_other_documents_and_mentions_count(untouched):
    when = "{any: [{words: fire}, {words: launch}]}"
    more = "---\nproofs: r\ntests: [{event: They launch.}]\n"
    assert untouched(rule(when, "[{event: They fire.}, {none: Quiet.}]", more))["rule r"] == ([], False)


def test_words_are_told_per_language_and_only_a_silent_language_fails(untouched):
    found = untouched(LIST + rule("{terms: launching}", "[{event: They fire.}, {none: Quiet.}]"))
    assert found["terms launching (en)"] == (["terms launching: no proof holds 'launch' (en)"], False)
    assert found["terms launching (ko)"] == (["terms launching: no proof holds '발사' (ko)"], True)


def test_a_draft_may_be_unproven(untouched):
    found = untouched(LIST + rule("{terms: launching}", "[]", "status: draft"))
    assert not any(fails for _, fails in found.values())


def test_shares_add_up(judge_of, book_of):
    text = LIST + rule("{terms: launching}", "[{event: They fire.}, {none: Quiet.}]")
    assert shares(coverage(judge_of(text), book_of(text))) == {"conditions": (1, 1), "words": (1, 3)}
