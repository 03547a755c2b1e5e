import pytest

GOOD = "tests: [{event: They fired.}, {none: They slept.}]"


def rule(when: str, more: str = GOOD, name: str = "r") -> str:
    return f"id: {name}\ntitle: R\nwhen: {when}\n{more}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (rule("{words: fire}") + "\n---\n" + rule("{words: fire}"), "rule id 'r' stands already in rules/x.yaml:1"),
        (rule("{entity: dprk}") + "\n---\nid: dprk1\ntitle: D\nnames: {en: [North]}", "did you mean 'dprk1'?"),
        (rule("{terms: missile}"), "no term list is called 'missile'"),
        (rule("{rule: other}"), "no rule is called 'other'"),
        (rule("{rule: r}"), "a circle: r → r"),
        (rule("{rule: b}", name="a") + "\n---\n" + rule("{rule: a}", name="b"), "a circle: a → b → a"),
        (rule("{}"), "a condition without content"),
        (rule("{within: sentence}"), "a condition without content"),
        (rule("{at_least: 2}"), "write of: beside at_least:"),
        (rule("{words: fire, terms: x}"), "either terms or words"),
        (rule("{of: [{words: fire}]}"), "of needs at_least"),
        (rule("{at_least: 3, of: [{words: fire}]}"), "can never hold"),
        (rule("{all: []}"), "all is empty"),
        (rule("{words: []}"), "words is empty"),
        (rule("{none: [{words: fire}]}"), "can never match"),
        (rule("{all: [{words: a b}, {none: [{words: a b}]}]}"), "demanded and excluded"),
        (rule("{words: a b}", GOOD + "\nunless: [{words: a b}]"), "demanded and excluded"),
        (rule("{words: fire, as: actor}"), "needs entity:"),
        (rule("{words: sign .. pact}"), "write ..3"),
        (rule("{words: sign ..12 pact}"), "one to 9 words"),
        (rule("{words: ..3 pact}"), "between two words"),
        (rule("{words: [{name: a ..3 b, case: true}]}"), "do not go together"),
        (rule("{regex: '(fire'}"), "missing )"),
        (rule(r"{regex: '(a)\1'}"), "no back references"),
        (rule(r"{regex: '\b북한\b'}"), "knows ASCII letters only"),
        (rule("{regex: 'a*'}"), "matches nothing at all"),
        (rule("{language: ko}"), "add words, terms or a rule"),
        (rule("{any: [{words: fire}, {language: ko}]}"), "put it under all:"),
        (rule("{all: [{words: fire}, {tags: wire, within: article}]}"), "delete within"),
        (rule("{all: [{words: fire, stands: before}, {words: gun}]}"), "this is the event word itself"),
        (rule("{stands: after, all: [{words: fire}, {words: gun}]}"), "this is the event word itself"),
        (rule("{all: [{words: fire}, {language: ko}, {none: [{language: ko}]}]}"), "demanded and excluded"),
        (rule("{words: fi*re}"), "stand at the end of a word"),
        (rule("{words: fire}", ""), "a stable rule needs at least one event test"),
        (rule("{words: fire}", "tests: [{event: They fired.}]"), "a stable rule needs at least one event test"),
        (rule("{words: fire}", "tests: [{event: a, none: b}, {event: a}, {none: b}]"), "exactly one of event"),
        (rule("{words: fire}", "tests: [{event: ' '}, {none: b}]"), "a test without text"),
        (rule("{words: fire}", GOOD + "\nassertion: []"), "assertion is empty"),
        ("id: t\nwords: {}", "'t' has no words"),
        ("id: t\nwords: {en: [a b], ko: []}", "the list for 'ko' is empty"),
        ("id: t\nwords: {en: ['*']}", "no letters"),
        ("id: e\ntitle: E\nnames: {en: [{name: the North, weak: true}]}", "every name is weak"),
        ("id: e\ntitle: E\nof: x\nnames: {en: [North]}", "no entity is called 'x'"),
        ("id: e\ntitle: E\nof: e\nnames: {en: [North]}", "a circle: e → e"),
        ("language: en\ncues: [{class: denied, words: ['no~t']}]", "stand at the end of a word"),
    ],
)
def test_a_mistake_is_told(problems_of, text, says):
    assert any(says in problem.message for problem in problems_of(text)), problems_of(text)


def test_all_problems_come_at_once_and_no_judge(book_of):
    from tocsin.rules.compile import compile_rules

    judge, problems = compile_rules(book_of(rule("{all: [{terms: x}, {entity: y}, {rule: z}]}", "")))
    assert judge is None
    assert len(problems) == 4


def test_a_sound_rule_has_no_problems(problems_of):
    assert problems_of(rule("{words: fire~}")) == []


def test_a_problem_points_at_its_place():
    from tocsin.rules.compile import RuleBook, compile_rules
    from tocsin.specs.base import Located
    from tocsin.specs.rules import RuleSpec

    spec = RuleSpec.model_validate({"id": "r", "title": "R", "status": "draft", "when": {"all": [{"terms": "x"}]}})
    positions = {(): (1, 1), ("when", "all", 0, "terms"): (7, 14)}
    _, (problem,) = compile_rules(RuleBook(rules=(Located(spec, "rules/a.yaml", positions),)))
    assert str(problem).startswith("rules/a.yaml:7:14: no term list is called 'x'")


def test_a_long_gap_in_an_expression_is_a_warning(problems_of):
    (problem,) = problems_of(rule("{regex: 'fire.{0,150}gun'}"))
    assert problem.warning
    assert "150 characters" in problem.message
