"""What is sound but hardly meant is said as a warning."""

import pytest

from tocsin.rules.lint import warnings

TESTS = "tests: [{event: They fired.}, {none: They slept.}]\n"


def rule(name, when):
    return f"id: {name}\ntitle: {name}\nwhen: {when}\n{TESTS}"


def terms(words, name="list"):
    return f"id: {name}\nwords: {words}\n---\n" + rule(f"uses-{name}", f"{{terms: {name}}}")


def a_filter(name, condition, rules="[fired]"):
    texts = "tests: [{suppresses: The league fired him.}, {keeps: They fired.}]\n"
    return f"id: {name}\nreason: sport\nfilter: {condition}\nrules: {rules}\n{texts}"


FIRED = rule("fired", "{words: [fired]}")
FLOOD = rule("flood", "{words: flood}")


@pytest.mark.parametrize(
    ("documents", "says"),
    [
        ([FIRED, rule("again", "{words: [fired]}")], "the same conditions as rule 'fired'"),
        ([FIRED, "id: lonely\nwords: {en: [fire]}\n"], "no rule or filter uses term list 'lonely'"),
        ([terms("{en: [launch, fire, launch]}")], "'launch' stands twice in this list"),
        ([terms("{en: ['launch*', launched]}")], "'launched' is found by 'launch*' already"),
        ([terms("{en: ['launch~', launches]}")], "'launches' is found by 'launch~' already"),
        ([terms("{en: ['launch*', 'launch~']}")], "'launch~' is found by 'launch*' already"),
        ([terms("{ko: ['*발사', 발사]}")], "'발사' is found by '*발사' already"),
        (
            [FIRED, a_filter("narrow", "{words: [league]}"), a_filter("wide", "{words: [league, cup]}")],
            "filter 'wide' takes all of this already",
        ),
        (
            [FIRED, FLOOD, a_filter("one", "{any: [{words: [league]}]}"), a_filter("two", "{words: [league]}", "all")],
            "filter 'two' takes all of this already",
        ),
    ],
)
def test_it_is_told(book_of, documents, says):
    (told,) = warnings(book_of("---\n".join(documents)))
    assert says in told.message
    assert told.warning


@pytest.mark.parametrize(
    "documents",
    [
        [FIRED, rule("again", "{words: [fired, launched]}")],
        [FIRED, a_filter("uses", "{terms: sport}"), "id: sport\nwords: {en: [league]}\n"],
        [terms("{ko: [발사], ja: [発射], en: [fire, firework]}")],
        [terms("{en: [launch], ru: [launch]}")],
        [terms("{ko: [시험발사, '*발사대']}")],
        [FIRED, a_filter("one", "{words: [league]}"), a_filter("two", "{words: [league], within: article}")],
        [
            FIRED,
            FLOOD,
            a_filter("one", "{words: [cup]}", "all"),
            a_filter("two", "{words: [rain]}"),
        ],
    ],
)
def test_what_is_meant_so_is_left_alone(book_of, documents):
    assert warnings(book_of("---\n".join(documents))) == ()
