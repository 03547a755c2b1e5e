"""A digest: how many of what as bars, readable in plain text and in a mail of HTML, without images."""

from datetime import timedelta
from email.headerregistry import Address
from xml.etree import ElementTree as ET

import pytest

from alerting import NOON, alert, report
from tocsin.alerts.channels.letter import Envelope, letter
from tocsin.alerts.digest import render_digest
from tocsin.alerts.markup import fragment
from tocsin.model import Severity

TITLES = ["Missile launch by North Korea"] * 6 + ["북한의 미사일 발사"] * 3 + ["Arms transfer"]
ALERTS = [
    alert(
        id=f"{number:032x}",
        title=title,
        severity=Severity.HIGH if number else Severity.CRITICAL,
        article=report(number + 1, title=f"Headline {number} <b>@everyone</b>"),
        created_at=NOON + timedelta(minutes=number),
    )
    for number, title in enumerate(TITLES)
]
CHART = """\
Missile launch by North Korea  ████████████████████████ 6
북한의 미사일 발사             ████████████ 3
Arms transfer                  ████ 1"""


def test_bars_begin_below_each_other_in_plain_text_wide_letters_too():
    text = render_digest(ALERTS, NOON + timedelta(hours=1)).text
    head, *chart = text.split("\n\n")[0].splitlines()
    assert head == "10 alerts up to 2026-03-04 13:00 UTC"
    assert "\n".join(chart) == CHART


def test_html_has_the_chart_as_a_table_and_no_image():
    message = render_digest(ALERTS, NOON)
    html = fragment(message)
    body = ET.fromstring(f"<body>{html.replace('<br>', '<br/>')}</body>")
    rows = [[cell.text for cell in row] for row in body.find("table")]
    assert rows == [
        ["Missile launch by North Korea", "6", "█" * 24],
        ["북한의 미사일 발사", "3", "█" * 12],
        ["Arms transfer", "1", "█" * 4],
    ]
    assert body[0].text == "10 alerts up to 2026-03-04 12:00 UTC", "the bars stand there once"
    assert "<img" not in html
    assert "<b>" not in html
    assert html.count("<p>") == 1 + len(ALERTS)


def test_mail_of_a_digest_says_the_same_twice_in_short_lines():
    here = Address("tocsin", "tocsin", "example.org")
    mail = letter(render_digest(ALERTS, NOON), Envelope(channel="ops", sender=here, to=here), "1" * 32, "", NOON)
    assert mail.get_body(("plain",)).get_content().count("█") == mail.get_body(("html",)).get_content().count("█")
    assert max(map(len, mail.as_bytes().splitlines())) <= 78


@pytest.mark.parametrize(
    ("number", "subject"),
    [(1, "1 more alert up to 2026-03-04 12:00 UTC"), (7, "7 more alerts up to 2026-03-04 12:00 UTC")],
)
def test_rest_of_a_throttle_says_that_it_is_more(number, subject):
    message = render_digest(ALERTS[:number], NOON, more=True)
    assert message.subject == subject
    assert message.text.startswith(subject)
