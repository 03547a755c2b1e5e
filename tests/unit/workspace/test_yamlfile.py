from hypothesis import given
from hypothesis import strategies as st

from tocsin.workspace.yamlfile import read_yaml


def read(text):
    documents, problems = read_yaml(text, "rules/x.yaml")
    return [document.value for document in documents], [str(problem) for problem in problems]


def test_plain_values_are_what_they_look_like():
    values, problems = read("a: no\nb: true\nc: 12\nd: 1.5\ne: 2026-11-22\nf:\ng: '7'\nh: 0x1F\ni: on\n")
    assert not problems
    assert values == [
        {"a": "no", "b": True, "c": 12, "d": 1.5, "e": "2026-11-22", "f": None, "g": "7", "h": "0x1F", "i": "on"}
    ]


def test_places_count_from_one():
    (document,), _ = read_yaml("when:\n  all:\n    - terms: missile\n", "x.yaml")
    assert document.values["when", "all", 0, "terms"] == (3, 14)
    assert document.keys["when", "all"] == (2, 3)


def test_several_documents_and_empty_ones():
    values, problems = read("id: a\n---\n---\nid: b\n")
    assert values == [{"id": "a"}, {"id": "b"}]
    assert not problems


def test_a_key_twice_is_told_with_its_place():
    _, problems = read("id: a\nid: b\n")
    assert problems == ["rules/x.yaml:2:1: key 'id' stands twice — keep one"]


def test_a_star_at_the_beginning_is_told_to_be_quoted():
    _, problems = read("words:\n  en: [*launch]\n")
    assert problems == [
        'rules/x.yaml:2:8: alias *launch is not allowed — if the text begins with a star, quote it: "*launch"'
    ]
    _, problems = read("words:\n  ko: [*발사]\n")
    (problem,) = problems
    assert problem.startswith("rules/x.yaml:2:9: not valid YAML")
    assert problem.endswith("— quote a text that begins with * or &")


def test_an_alias_bomb_is_not_expanded():
    text = "a: &a [x, x]\n" + "\n".join(f"{c}: &{c} [*{p}, *{p}]" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    values, problems = read(text)
    assert not values
    assert len(problems) == 16


def test_a_tag_is_refused():
    _, problems = read("a: !!python/object:os.system x\n")
    assert problems == [
        "rules/x.yaml:1:4: tag tag:yaml.org,2002:python/object:os.system is not allowed — write plain values"
    ]


def test_broken_yaml_says_where_and_what_to_do():
    _, problems = read("title: Missile: launch\n")
    (problem,) = problems
    assert problem.startswith("rules/x.yaml:1:15: not valid YAML: mapping values are not allowed")
    assert problem.endswith("— quote a text that holds ': '")


def test_a_control_character_is_told_with_its_place():
    _, problems = read("id: a\ntitle: b\x07c\n")
    assert problems == ["rules/x.yaml:2:9: character U+0007 is not allowed in YAML — delete it"]


def test_deep_nesting_is_refused_without_a_crash():
    _, problems = read("[" * 3000)
    assert len(problems) == 1


@given(st.text())
def test_any_text_gives_values_or_problems_never_an_exception(text):
    read_yaml(text, "x.yaml")
