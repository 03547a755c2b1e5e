"""What an expression demands stands in every text that it matches: else a rule would be passed over in silence."""

import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tocsin.rules.demands import demands
from tocsin.text import fold

LETTERS = "abKkSsſé미사일ミサ一箭я9 -."
plain = st.text(LETTERS.replace(".", ""), min_size=1, max_size=5).map(lambda text: text.replace("-", "\\-"))
kinds = st.sampled_from([".", "[ab]", "[^미]", "[]a]", "\\d", "\\pL", "[[:alpha:]x]", "\\.", "$", "^", "(?i)"])
after = st.sampled_from(["", "", "?", "*", "+", "{2}", "{0,2}", "{1,3}", "{0}", "??", "*?"])


def grouped(inner):
    opening = st.sampled_from(["(", "(?:", "(?P<n>", "(?i:", "(?imU:"])
    return st.builds(lambda start, ways: start + "|".join(ways) + ")", opening, st.lists(inner, min_size=1, max_size=3))


pieces = st.recursive(
    plain | kinds,
    lambda inner: st.lists(st.builds(str.__add__, inner, after), min_size=1, max_size=4).map("".join) | grouped(inner),
    max_leaves=8,
)
expressions = st.lists(st.builds(str.__add__, pieces, after), min_size=1, max_size=4).map("".join)


def compiled(expression):
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except re2.error:
        return None


@settings(max_examples=600)
@given(expressions, st.text(LETTERS, max_size=30))
@example("(abKk|미사일)?9", "9")
@example("(?imU)abab", "xababx")
@example("abab{0,2}", "aba")
@example("(미사|ミサ){2}일", "ミサ미사일")
def test_a_match_holds_what_its_expression_demands(expression, text):
    wanted, search = demands(expression), compiled(expression)
    if search is None or not wanted:
        return
    for found in search.finditer(text):
        assert any(letters in fold(found[0]) for letters in wanted), (found[0], wanted)
