"""An alert on the terminal, its evidence highlighted."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from tocsin.alerts.clean import plain, safe_url
from tocsin.alerts.render import byline, defused_piece, headline, noted, pieces, says_it_in_the_title, sureness, why
from tocsin.model import Alert, Reason, Severity

_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
    Severity.INFO: "bold",
}


def print_alert(console: Console, alert: Alert) -> None:
    """Prints an alert. Nothing in it is taken as markup or as a terminal's control sequence."""
    console.print(Text(f" {headline(alert)} ", style=_STYLES[alert.severity]))
    of_the_watch = alert.reason is Reason.HEALTH
    for line in map(Text, noted(alert)) if of_the_watch else _story(alert):
        console.print(Text("  ").append_text(line), soft_wrap=True)
    console.print()


def _story(alert: Alert) -> list[Text]:
    lines = [] if says_it_in_the_title(alert) else [Text(plain(alert.article.title), style="bold")]
    lines += [_evidence(alert), Text(f"{byline(alert.article)} · {sureness(alert)}"), Text(why(alert), style="dim")]
    lines += [Text(f"also: {byline(report)}", style="dim") for report in alert.reports]
    if url := safe_url(alert.article.url):
        lines.append(Text(url, style="underline"))
    return lines


def _evidence(alert: Alert) -> Text:
    """The evidence sentence; the matched words stand out by colour and, without colour, by their marks."""
    line = Text("“")
    for piece in pieces(alert.match):
        if piece.marked:
            line.append(f"«{defused_piece(piece).strip()}»", style="bold black on yellow")
        else:
            line.append(defused_piece(piece))
    return line.append("”")
