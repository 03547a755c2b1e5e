"""What is read without a parser is read as the parser reads it."""

from __future__ import annotations

import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tocsin.sources.fragments import plain_paragraphs
from tocsin.sources.markup import parsed_paragraphs

_TAGS = """
    <p> </p> <P> </P> <div> </div> <br> <br/> <BR\v/> <hr> <ul> <li> </li> </ul> <h2> </h2> <blockquote> <a> </a>
    <a\vhref='x?a=1&b=2'> <b> </b> <em> </em> <span\vclass='y'> </span> <img\vsrc='z.png'/> <strong> </strong>
    <!--x--> <script> </script> <table> <td> <p/> </br> <x:y> </p\v> <p> </p> <br>
"""
_WORDS = "&amp; &lt; &gt; &quot; &nbsp; &#8217; &#39; &rsquo; &hellip; &amp;lt; &copy; & < > ' - ferry. 두루미"
_PIECES = st.sampled_from(
    [
        *(tag.replace("\v", "\t") for tag in re.split(r"[ \n]+", _TAGS)),
        *_WORDS.split(),
        '"',
        " ",
        "\n\n",
        "one two",
        "\u200b",
    ]
)
_NESTED = st.recursive(
    st.lists(_PIECES, max_size=3).map("".join),
    lambda inner: st.tuples(st.sampled_from("p div li ul b a span h2 blockquote em".split()), inner, inner).map(
        lambda made: f"<{made[0]}>{made[1]}</{made[0]}>{made[2]}"
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(_NESTED)
def test_paragraphs_without_a_parser_are_those_of_the_parser(fragment: str) -> None:
    assume("<" in fragment)
    quick = plain_paragraphs(fragment)
    assert quick is None or quick == parsed_paragraphs(fragment)


def test_what_feeds_usually_carry_takes_no_parser() -> None:
    text = '<p>The <a href="https://post.example/1">crane</a> &amp; its ferry.</p><p>Open<br/>again &#8230;</p>'
    assert plain_paragraphs(text) == ("The crane & its ferry.", "Open", "again …")
