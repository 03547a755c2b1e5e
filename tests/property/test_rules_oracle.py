"""The quick ways find what the slow and simple ways find: patterns by `re`, rules by asking every sentence."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.model import Document
from tocsin.rules.compile import Judge, RuleBook, compile_rules
from tocsin.rules.lexicon import Lexicon
from tocsin.rules.match import Asked
from tocsin.rules.patterns import parse
from tocsin.rules.testing import fields_of
from tocsin.specs.base import Located
from tocsin.specs.rules import RuleSpec
from tocsin.text import ALPHABETIC, HANGUL, RUSSIAN_ENDINGS, english_forms, fold, is_hangul, is_ideographic

# --- patterns -----------------------------------------------------------------------------------------------------

STEMS = st.sampled_from(
    ["north", "fire", "ban", "ko", "пуск", "север", "북한", "발사", "朝鲜", "ミサ", "kn-23", "n's", "e.uk"]
)
MARKED = st.tuples(STEMS, st.sampled_from(["", "", "*", "~"])).map("".join)
PATTERNS = st.tuples(st.sampled_from(["", "", "*"]), st.lists(MARKED, min_size=1, max_size=3)).map(
    lambda pair: pair[0] + " ".join(pair[1])
)
PIECES = st.sampled_from(
    (
        *"north North fire fired banned ban ko kn-23 KN пуском Север N’s ‘ “ é 북한 은 발사 朝鲜 ミサ".split(),
        *"- ' « … ö € Ｋ · s x e uk 、 ．".split(),
        "\u3000",
        *(" ", " ", " ", ". ", "\n"),
    )
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


def expression(source: str) -> re.Pattern[str]:
    """The word syntax as one regular expression, written down word by word."""
    opened, parts, before = source.startswith("*"), [], ""
    for marked in source.removeprefix("*").split():
        mark = marked[-1] if marked[-1] in "*~" else ""
        literals = fold(marked.removesuffix(mark)).split()
        for index, literal in enumerate(literals):
            spaced = not (is_hangul(literal[-1]) or is_ideographic(literal[-1]))
            if before:
                parts.append(" {1,2}" if spaced and before == "spaced" else " ?")
            else:
                parts.append("" if opened else left(literal[0]))
            parts.append(one_word(literal, mark if index == len(literals) - 1 and spaced else ""))
            parts.append(f"(?![{ALPHABETIC}])" if spaced else "")
            before = "spaced" if spaced else "not"
    return re.compile("".join(parts))


def left(first: str) -> str:
    return "" if is_ideographic(first) else f"(?<![{HANGUL if is_hangul(first) else ALPHABETIC}])"


def one_word(literal: str, mark: str) -> str:
    if mark == "*":
        return re.escape(literal) + f"[{ALPHABETIC}']{{0,40}}"
    if mark == "~" and re.search("[а-я]", literal):
        return re.escape(literal) + f"(?:{'|'.join(sorted(RUSSIAN_ENDINGS, key=len, reverse=True))})"
    if mark == "~":
        stem, endings = english_forms(literal)
        return re.escape(stem) + f"(?:{'|'.join(sorted(endings, key=len, reverse=True))})"
    return re.escape(literal)


@settings(max_examples=500, deadline=None)
@given(PATTERNS, TEXTS)
def test_patterns_stand_where_a_plain_expression_finds_them(source, text):
    folded, slow = fold(text), expression(source)
    everywhere = {found.span() for at in range(len(text)) if (found := slow.match(folded, at))}
    quick = {span for _, span in Lexicon([parse(source)]).find(text)}
    assert quick <= everywhere
    missed = {one for one in everywhere if not any(one[0] < end and start < one[1] for start, end in quick)}
    assert not missed


@settings(max_examples=200, deadline=None)
@given(st.lists(PATTERNS, min_size=1, max_size=8), TEXTS)
def test_patterns_do_not_disturb_each_other(sources, text):
    together = Lexicon([parse(one) for one in sources]).find(text)
    apart = [(at, span) for at, one in enumerate(sources) for _, span in Lexicon([parse(one)]).find(text)]
    assert set(together) == set(apart)


# --- rules --------------------------------------------------------------------------------------------------------

NUMBER = 12
WORDS = [f"word{chr(ord('a') + at)}" for at in range(NUMBER)]


@st.composite
def conditions(draw, words: list[str], depth: int = 0):
    """A tree in which every leaf has words of its own."""
    kind = draw(st.sampled_from(["words"] if depth > 1 or len(words) < 3 else ["words", "regex", "all", "any", "of"]))
    if kind == "words":
        return {"words": [words.pop() for _ in range(draw(st.integers(1, min(2, len(words)))))]}
    if kind == "regex":
        return {"regex": words.pop()}
    children = [draw(conditions(words, depth + 1)) for _ in range(draw(st.integers(1, 3))) if words]
    if kind == "of":
        return {"at_least": draw(st.integers(1, len(children))), "of": children}
    if kind == "all" and words and draw(st.booleans()):
        children.append({"none": [{"words": [words.pop()]}]})
    return {kind: children}


def holds(node: dict, sentence: set[str]) -> bool:
    """A tree, asked of the words of one sentence."""
    if "words" in node:
        return not sentence.isdisjoint(node["words"])
    if "regex" in node:
        return node["regex"] in sentence
    kind = next(kind for kind in ("all", "any", "none", "of") if kind in node)
    holding = [holds(child, sentence) for child in node[kind]]
    if kind == "of":
        return sum(holding) >= node["at_least"]
    return not any(holding) if kind == "none" else all(holding) if kind == "all" else any(holding)


def judge_of(trees: list[dict]) -> Judge:
    specs = [
        RuleSpec.model_validate({"id": f"r{at}", "title": "R", "status": "draft", "when": tree})
        for at, tree in enumerate(trees)
    ]
    judge, problems = compile_rules(RuleBook(rules=tuple(Located(spec, "rules/x.yaml", {}) for spec in specs)))
    assert judge, problems
    return judge


TREES = st.lists(st.builds(lambda: list(WORDS)).flatmap(conditions), min_size=1, max_size=5)
SENTENCES = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), min_size=1, max_size=5)


@settings(max_examples=400, deadline=None)
@given(TREES, SENTENCES)
def test_rules_fire_where_a_sentence_satisfies_them(trees, sentences):
    text = " ".join(f"The {' '.join(words)} rest." for words in sentences)
    document = Document(id="d", text=text, fields=fields_of(text, titled=False))
    judge = judge_of(trees)
    wanted = {f"r{at}" for at, tree in enumerate(trees) if any(holds(tree, set(words)) for words in sentences)}
    assert {match.rule for match in judge.matches(document)} == wanted


@settings(max_examples=200, deadline=None)
@given(TREES, SENTENCES)
def test_the_sieve_keeps_every_rule_that_fires_when_all_are_asked(trees, sentences):
    text = "\n".join(" ".join(words).capitalize() + "." for words in sentences)
    document = Document(id="d", text=text, fields=fields_of(text, titled=True))
    judge = judge_of(trees)
    asked = Asked(judge.view(document), judge.compiled, judge.kinship)
    assert {one.rule for one in judge.matches(document)} == {rule for rule in judge.compiled if asked.candidates(rule)}
