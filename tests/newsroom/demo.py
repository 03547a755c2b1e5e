"""`make demo`: the whole of tocsin at work on an invented newsroom, with no account and no network.

Six outlets are served over real HTTP on loopback; the watch runs once as a Prefect flow with the shipped rules; the
alerts go through Apprise to a real receiver. Everything is written below data/demo/ (or demo/ in the folder named as
the only argument) and made anew each time, but for Prefect's own database, which makes the first time slower.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from textwrap import indent

from rich.console import Console

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "data"
DEMO = DATA / "demo"
WORKSPACE = DEMO / "workspace"
PREFECT = DATA / "demo-prefect"

sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "flows")]

from newsroom.receiver import Message, Receiver  # noqa: E402 - the path above
from newsroom.server import Newsroom  # noqa: E402


def main() -> int:
    """Runs the demo; 0 when every alert arrived."""
    out = Console(highlight=False, soft_wrap=True)
    started = time.monotonic()
    with Newsroom() as room, Receiver(log=_fresh_folder() / "arrived.jsonl") as receiver:
        room.write_sources(WORKSPACE / "sources")
        out.print(f"[bold]1. An invented newsroom[/]: {len(room.outlets)} outlets at {room.url}")
        out.print(f"   and a receiver for the alerts at {receiver.url}\n")
        report = _watch(out, receiver)
        out.print("\n[bold]3. What the watch found[/]\n")
        _tell(out, report)
        complete = _say_what_arrived(out, receiver.messages, report)
    written = _export()
    out.print(f"\n{written} articles were written to {_shown(DEMO / 'articles')}/ as text files.")
    out.print(
        f"Done in {time.monotonic() - started:.0f} s. Look further: "
        f".venv/bin/tocsin alerts list --held -w {_shown(WORKSPACE)}"
    )
    return 0 if complete else 1


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _fresh_folder() -> Path:
    """The demo's workspace as a person would have it: our rules, and sources of its own."""
    shutil.rmtree(DEMO, ignore_errors=True)
    shutil.copytree(ROOT / "rules", WORKSPACE / "rules")
    (WORKSPACE / "sources").mkdir()
    return DEMO


def _watch(out: Console, receiver: Receiver) -> object:
    os.environ["TOCSIN_DESK_URL"] = receiver.apprise_url
    os.environ["TOCSIN_ALERT_ON_FIRST"] = "1"  # one pass is all there is
    os.environ.pop("TOCSIN_DATABASE_URL", None)
    os.environ.pop("PREFECT_API_URL", None)
    os.environ["PREFECT_HOME"] = str(PREFECT)
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    os.environ["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] = "120"
    os.environ["PREFECT_LOGGING_EXTRA_LOGGERS"] = "tocsin"
    first = not PREFECT.exists()
    out.print("[bold]2. One pass as a Prefect flow[/]: fetch, judge, deliver")
    wait = "15–40 s the first time" if first else "about 10 s"
    out.print(
        f"   Prefect starts a temporary server for it, which takes {wait};\n"
        "   the pass itself takes one or two. (`tocsin run` does the same without Prefect.)\n"
    )
    from watch import watch

    return watch(str(WORKSPACE))


def _tell(out: Console, report: object) -> None:
    from tocsin.cli.run import tell

    tell(out, report)


def _say_what_arrived(out: Console, messages: Sequence[Message], report: object) -> bool:
    alerts = report.judged.alerts
    out.print(f"\n[bold]4. What arrived at the receiver[/]: {len(messages)} messages for {len(alerts)} alerts\n")
    for message in messages:
        out.print(f"  ✉ {message.title}", style="bold", markup=False)
        out.print(indent(message.body, "    │ ", lambda _: True), markup=False)
        out.print()
    return len(messages) == len(alerts) > 0


def _export() -> int:
    from tocsin.cli.articles import write_folder
    from tocsin.settings import Settings
    from tocsin.store import articles, open_store

    with open_store(Settings().database(WORKSPACE), WORKSPACE / "data") as store, store.writing() as connection:
        return write_folder(articles.every_article(connection), DEMO / "articles")


if __name__ == "__main__":
    sys.exit(main())
