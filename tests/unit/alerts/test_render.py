"""`python tests/unit/alerts/test_render.py` writes the messages in golden/alerts/ anew (read the diff)."""

import io
import sys
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[2]))  # when it is run to write the messages anew

from alerting import NOON, SENTENCE, alert, evidence, match, report
from tocsin.alerts.markup import document
from tocsin.alerts.render import enough, others, pieces, render, when
from tocsin.alerts.terminal import print_alert
from tocsin.model import Evidence, Reason, Severity

GOLDEN = Path(__file__).parents[2] / "golden" / "alerts"
SEOUL = timezone(timedelta(hours=9))
HOSTILE = (
    "Look @everyone <!channel> **now** [click](https://evil.example/x)\r\nBcc: all@example.org \u202egnp.exe \ud800 "
    + "긴" * 10_000
)
RUSSIAN = "Северная Корея запустила две «баллистические» ракеты в сторону моря, заявил штаб."

ALERTS = {
    "first": alert(article=report(published=NOON.astimezone(SEOUL))),
    "unconfirmed": alert(confirmed=False),
    "corroborated": alert(
        reason=Reason.CORROBORATED,
        origins=2,
        article=report(2, source_name="Northern Wire", publisher="northern", url="https://northern.example/2"),
        reports=(report(published=None),),
    ),
    "escalated-russian": alert(
        reason=Reason.ESCALATED,
        article=report(title="КНДР запустила ракеты", language="ru", published=NOON, day_only=True),
        match=match(text=RUSSIAN, words=("запустила", "баллистические")),
        reports=tuple(report(n, source_name=f"Outlet {n}") for n in range(2, 10)),
    ),
    "grown": alert(
        reason=Reason.UPDATED,
        quiet=True,
        note="6 reports by 3 origins so far",
        origins=3,
        article=report(9, source_name="Northern Wire", url="https://northern.example/9"),
        reports=tuple(report(n, source_name=f"Outlet {n}") for n in range(2, 7)),
    ),
    "hostile": alert(article=report(title=HOSTILE, source_name="<b>Evil</b> @here", url="https://a@evil.example/")),
}


def shown(name):
    message = render(ALERTS[name], stop="Fewer of these: rules/channels.yaml")
    return f"Subject: {message.subject}\n\n{message.text}\n\n-- short --\n{message.short}\n"


@pytest.mark.parametrize("name", ALERTS)
def test_message_is_as_agreed(name):
    assert shown(name) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_hostile_title_can_neither_ping_nor_spoof_nor_inject():
    message = render(ALERTS["hostile"])
    for text in (message.subject, message.text, message.short):
        assert not set(text) & set("@<>*\u202e\r")
        assert "evil.example" not in text
    assert "\n" not in message.subject
    assert len(message.subject) <= 200
    assert len(message.text) < 1500
    message.text.encode("utf-8")


def test_evidence_is_cut_around_the_matched_words():
    sentence = "word " * 200 + "North Korea fired a missile" + " tail" * 200
    start = sentence.index("North")
    found = match(text=sentence, words=(), evidence=evidence(sentence, "North Korea", "missile", start=40))
    shown = pieces(found)
    assert [piece.text for piece in shown if piece.marked] == ["North Korea", "missile"]
    assert sum(len(piece.text) for piece in shown) <= 302
    assert shown[0].text == shown[-1].text == "…"
    assert start > 300


@given(st.data())
def test_marked_pieces_are_the_evidence_and_the_rest_is_the_sentence(data):
    sentence = data.draw(st.text(min_size=1, max_size=250))
    spots = data.draw(st.lists(st.tuples(st.integers(0, len(sentence)), st.integers(0, len(sentence))), max_size=4))
    spans = [(min(spot), max(spot)) for spot in spots]
    found = match(
        text=sentence,
        words=(),
        start=7,
        evidence=tuple(Evidence("body", 7 + left, 7 + right, sentence[left:right]) for left, right in spans),
    )
    shown = pieces(found)
    assert "".join(piece.text for piece in shown) == sentence
    assert sum(len(p.text) for p in shown if p.marked) == len({i for left, right in spans for i in range(left, right)})
    render(alert(match=found))


def test_headline_that_is_the_evidence_is_told_once():
    title = "North Korea fires missiles off east coast"
    told = alert(match=match(text=f"{title}.", words=("North Korea", "fires"), start=0))
    message = render(told)
    assert message.text.count("east coast") == 1
    assert "“«North Korea» «fires» missiles off east coast.”" in message.text
    assert document(message).count("east coast") == 2, "the page's title, and once in the page"


def test_of_reports_with_one_origin_the_first_counts_and_the_others_say_why_not():
    wire = {"origin": "wire", "origin_why": "carries The Wire"}
    copies = [report(n, source_name=f"Outlet {n}", publisher=f"outlet-{n}", **wire) for n in range(2, 9)]
    own = report(9, source_name="Northern Post", publisher="northern")
    told = alert(article=report(10, **wire, source_name="Outlet 10"), reports=(*copies, own), origins=2)
    assert [(one.source_name, why) for one, why in others(told)] == [
        *((f"Outlet {n}", "same origin as Outlet 10") for n in (5, 6, 7, 8)),
        ("Northern Post", ""),
    ]
    assert "- and 3 more" in render(told).text


def test_what_takes_something_back_offers_no_silence():
    assert "tocsin alerts silence --story 5555555555555555" in render(alert(), stop=enough(alert())).text
    assert enough(alert(reason=Reason.WITHDRAWN)) == ""


def test_who_reported_what_is_denied_is_not_said_to_report_the_denial():
    message = render(alert(reason=Reason.CORRECTED, reports=(report(2),)))
    for text in (message.text, document(message)):
        assert "What it denies was reported by:" in text
        assert "Also reported by" not in text


def test_what_is_withdrawn_is_shown_as_what_had_been_said():
    message = render(alert(reason=Reason.WITHDRAWN, article=report(title="Correction")))
    assert "It had said: “«North Korea» «fired»" in message.text
    assert "It had said: <strong" in document(message)
    assert "said as asserted" not in message.text


def test_evidence_outside_the_sentence_is_not_marked():
    found = match(evidence=(Evidence("title", 0, 11, "North Korea"), *evidence(SENTENCE, "fired", start=40)))
    assert [piece.text for piece in pieces(found) if piece.marked] == ["fired"]


def test_time_is_told_in_utc_and_on_the_outlets_clock():
    assert when(report(published=NOON.astimezone(SEOUL))) == "2026-03-04 12:00 UTC (21:00 local, +0900)"
    night = NOON.replace(hour=20).astimezone(SEOUL)
    assert when(report(published=night)) == "2026-03-04 20:00 UTC (2026-03-05 05:00 local, +0900)"
    assert when(report(published=NOON)) == "2026-03-04 12:00 UTC"
    assert when(report(published=NOON, day_only=True)) == "2026-03-04, no time of day given"
    assert when(report(published=None)) == "no time given, seen 2026-03-04 12:00 UTC"


def test_terminal_shows_evidence_without_obeying_the_text():
    out = io.StringIO()
    told = alert(article=report(title="[red]boo[/red] \x1b[31m"), severity=Severity.HIGH)
    print_alert(Console(file=out, width=200, color_system=None), told)
    assert "«North Korea» «fired» two short-range «ballistic missiles»" in out.getvalue()
    assert "[red]boo[/red] [31m" in out.getvalue()
    assert "\x1b" not in out.getvalue()


if __name__ == "__main__":
    for agreed in ALERTS:
        (GOLDEN / f"{agreed}.txt").write_text(shown(agreed), encoding="utf-8")
