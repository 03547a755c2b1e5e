"""A message as HTML: for mail readers and for Matrix rooms. Every text in it is defused first and escaped here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from tocsin.alerts.clean import defused, safe_url
from tocsin.alerts.render import (
    HEADLINE_LIMIT,
    Bar,
    Message,
    Piece,
    before,
    brief,
    byline,
    defused_piece,
    headline,
    others,
    others_said,
    pieces,
    says_it_in_the_title,
    sureness,
    whose,
    why,
)
from tocsin.model import Alert, Reason, Report

_STYLE = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:1em auto;padding:0 1em}"
    "blockquote{margin:1em 0;padding:0 0 0 1em;border-left:3px solid #999}"
    "strong.hit{text-decoration:underline}"
    "small{opacity:.75}"
    "@media (prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#8ab4f8}}"
)


def document(message: Message) -> str:
    """A whole page for a mail: no image, no script, nothing loaded, colours left to the reader."""
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(message.subject)}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{fragment(message)}\n</body></html>\n"
    )


def fragment(message: Message) -> str:
    """The message in paragraphs, with no tag that Matrix forbids; one element a line."""
    alert = message.alert
    if alert is None or alert.reason is Reason.HEALTH or alert.quiet:
        first, *rest = message.text.split("\n\n")
        if message.chart:
            first = first.partition("\n")[0]
        return "\n".join([_paragraph(first), *_table(message.chart), *map(_paragraph, rest)])
    return "\n".join(part for part in _parts(alert, message) if part)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text).replace(chr(10), '<br>')}</p>"


def _table(chart: Sequence[Bar]) -> list[str]:
    """The chart in a table: bars of blocks start below each other in any font, and are read aloud as numbers."""
    rows = (f"<tr><td>{escape(bar.name)}</td><td>{bar.number}</td><td>{bar.blocks}</td></tr>" for bar in chart)
    return ["<table>", *rows, "</table>"] if chart else []


def _parts(alert: Alert, message: Message) -> Iterator[str]:
    aside = f"<br>{escape(message.aside)}" if message.aside else ""
    yield f"<p><strong>{escape(headline(alert))}</strong><br>{escape(sureness(alert))}{aside}</p>"
    evidence = "".join(_piece(piece) for piece in pieces(alert.match)).strip()
    twice = says_it_in_the_title(alert)
    title = evidence if twice else escape(defused(alert.article.title, HEADLINE_LIMIT))
    yield f"<p>“{_linked(title, alert.article)}”<br>{escape(byline(alert.article))}</p>"
    yield f"<blockquote>{before(alert)}{evidence}</blockquote>" if evidence and not twice else ""
    yield f"<p>Why: {escape(why(alert))}</p>"
    if shown := others(alert):
        lines = "".join(
            f"<li>{_linked(escape(brief(one)), one)}{escape(whose(one))}{f' · {escape(same)}' if same else ''}</li>"
            for one, same in shown
        )
        more = len(alert.reports) - len(shown)
        yield f"<p>{others_said(alert)}</p><ul>{lines}{f'<li>and {more} more</li>' if more else ''}</ul>"
    foot = f"Story {alert.story} · alert {alert.id}"
    yield f"<p><small>{escape(foot)}{'<br>' + escape(message.stop) if message.stop else ''}</small></p>"


def _piece(piece: Piece) -> str:
    text = escape(defused_piece(piece))
    return f'<strong class="hit">{text.strip()}</strong>' if piece.marked else text


def _linked(text: str, report: Report) -> str:
    url = safe_url(report.url)
    return f'<a href="{escape(url)}">{text}</a>' if url else text
