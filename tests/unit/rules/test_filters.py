"""Filters: what stands in a filtered context is kept, marked and not told."""

import pytest

BOOK = """
id: fired
title: Fired
tags: [arms]
when: {words: [fired]}
tests: [{event: They fired it.}, {none: Quiet.}]
---
id: ship-fired
title: Fired by a ship
when: {all: [{rule: fired}, {words: [frigate]}]}
tests: [{event: The frigate fired it.}, {none: Quiet.}]
---
id: flood
title: Flood
when: {words: [flood]}
tests: [{event: A flood came.}, {none: Quiet.}]
---
id: no-sport
reason: sport pages fire strikers
filter: {words: [striker, league]}
rules: [RULES]
tests: [{suppresses: The league fired him.}, {keeps: They fired it.}]
"""


@pytest.fixture
def grades(judge_of, fired):
    def read(text, rules="fired"):
        found = fired(judge_of(BOOK.replace("RULES", rules)), text)
        return {rule: (match.grade.value, match.filter) for rule, match in found.items()}

    return read


def test_a_match_near_the_filters_words_is_a_mention_with_the_filters_name(grades):
    assert grades("The league fired its striker.") == {"fired": ("mention", "no-sport")}


def test_the_reason_comes_along(judge_of, fired):
    match = fired(judge_of(BOOK.replace("RULES", "fired")), "The league fired its striker.")["fired"]
    assert match.filter_reason == "sport pages fire strikers"


def test_the_same_article_still_tells_what_stands_outside_the_filtered_context(grades):
    assert grades("The league fired its striker. At dawn the battery fired twice.") == {"fired": ("event", "")}


def test_a_rule_that_no_filter_names_is_left_alone(grades):
    assert grades("A flood hit the league.")["flood"] == ("event", "")


def test_what_is_built_on_a_filtered_rule_is_filtered_too(grades):
    found = grades("The frigate fired on the league.")
    assert found == {"fired": ("mention", "no-sport"), "ship-fired": ("mention", "no-sport")}


def test_a_tag_names_every_rule_that_has_it(grades):
    assert grades("The league fired its striker.", rules="arms") == {"fired": ("mention", "no-sport")}


def test_what_is_a_mention_outside_the_filter_stays_an_unfiltered_mention(judge_of, fired):
    text = BOOK.replace("RULES", "fired") + "---\nlanguage: en\ncues: [{class: denied, words: [never]}]\n"
    match = fired(judge_of(text), "The league fired its striker. The battery never fired.")["fired"]
    assert (match.grade.value, match.assertion.value, match.filter) == ("mention", "asserted", "no-sport")


@pytest.mark.parametrize(
    ("rules", "condition", "says"),
    [
        ("fird", "{words: [league]}", "no rule or tag is called 'fird' — did you mean 'fired'?"),
        ("fired", "{words: [fired]}", "suppresses rule 'fired' entirely"),
        ("fired", "{any: [{words: [cup]}, {rule: fired}]}", "suppresses rule 'fired' entirely"),
        ("fired", "{terms: sport}", "no term list is called 'sport'"),
        ("fired", "{}", "a condition without content"),
    ],
)
def test_a_mistake_is_told(problems_of, rules, condition, says):
    text = BOOK.replace("RULES", rules).replace("{words: [striker, league]}", condition)
    assert any(says in problem.message for problem in problems_of(text)), problems_of(text)


def test_a_filter_without_both_kinds_of_tests_is_refused(problems_of):
    text = BOOK.replace("RULES", "fired").replace(", {keeps: They fired it.}", "")
    assert any("one suppresses and one keeps" in problem.message for problem in problems_of(text))
