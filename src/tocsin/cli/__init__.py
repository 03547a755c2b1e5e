"""The command line: one module per group of commands, imported when its command is called.

Every command returns its exit code: 0 fine, 1 problems found, 2 the command was called wrongly.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError

from tocsin.errors import TocsinError, UsageError, WorkspaceError

_COMMANDS = {
    "init": ("workspace:init", "Make a new workspace, with the sources and rules of the first watch."),
    "check": ("workspace:check", "Check every source, rule and channel file; tells all problems at once."),
    "schema": ("workspace:schema", "Print the JSON Schema of the YAML files, for editors."),
    "run": ("run:run", "One pass now: fetch, judge, deliver."),
    "serve": ("run:serve", "Watch on a schedule, until Ctrl-C."),
    "upkeep": ("upkeep:upkeep", "Delete what is old and needed by nothing; --dry-run only says what."),
    "backup": ("backup:backup", "Copy the store into one file, while it is in use."),
    "restore": ("backup:restore", "Copy a backup into an empty store, of either kind of database."),
    "status": ("status:status", "Whether the watch is well; --blind tells what could not be seen."),
    "pages": ("pages:pages", "Hand out health, metrics and alerts by HTTP, until Ctrl-C."),
    "match": ("rules:match", "Judge article files, folders or .jsonl by the rules."),
    "stories": ("stories:stories", "Group articles that tell the same happening."),
    "test": ("rules:prove", "Run the tests of rules, filters and stories; --coverage tells what none touches."),
    "explain": ("explain:explain", "Why an article fired a rule or did not, and what became of it."),
    "backtest": ("backtest:backtest", "What rules would have told over the archive or given articles."),
    "backfill": (
        "backfill:backfill",
        "Judge an archive again with today's rules and keep what they find; tells nobody.",
    ),
}
_GROUPS = {
    "sources": (
        "Where news comes from.",
        {
            "list": ("sources:list_", "List the sources and how each one does."),
            "check": ("sources:check", "Fetch each source once and say what came; nothing is stored."),
            "discover": ("discover:discover", "Propose sources for a site, as YAML."),
            "import-opml": ("opml:import_", "Make sources of a feed reader's subscriptions."),
            "export-opml": ("opml:export", "Print the sources as OPML, for feed readers."),
        },
    ),
    "articles": (
        "The archive.",
        {
            "import": ("articles:import_", "Store a folder of articles in the text format."),
            "export": ("articles:export", "Write every article into a folder, in the text format."),
            "search": ("articles:search", "Find articles that hold all the words."),
            "show": ("articles:show", "Print one article."),
        },
    ),
    "alerts": (
        "What was told, and what was held back.",
        {
            "list": ("alerts:list_", "List alerts, newest first; --held lists what was not told, and why."),
            "show": ("alerts:show", "Print one alert as it was sent."),
            "resend": ("alerts:resend", "Send one alert again to its channels."),
            "routes": ("routes:routes", "Who would get an alert and when, as a timeline; nothing is sent."),
            "silence": ("silences:silence", "Do not tell of a rule, story, entity, tag or source for a while."),
            "silences": ("silences:list_", "List the silences, newest first."),
            "unsilence": ("silences:end", "End a silence before its time."),
            "export": ("publish:export", "Write alerts as an Atom feed, a JSON feed or CAP 1.2 messages."),
        },
    ),
    "channels": (
        "Who is told.",
        {
            "list": ("channels:list_", "List the channels: who sends, whether they can, what waits for them."),
            "test": ("channels:try_", "Send a test message to each channel, or to one."),
        },
    ),
    "deliveries": (
        "The outbox.",
        {
            "list": ("deliveries:list_", "List deliveries, newest first."),
            "show": ("deliveries:show", "Print one delivery and every attempt at it."),
            "retry": ("deliveries:retry", "Try dead, failed or held deliveries again at the next pass."),
            "drop": ("deliveries:drop", "Give deliveries up."),
        },
    ),
}


_REFUSED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EFBIG})
"""What a disk that is full, worn, read-only or another user's says."""


def _app() -> App:
    app = App(
        name="tocsin",
        help="Watches news sources, judges every article against your rules, and tells the right people once.",
        version=version("tocsin"),
        result_action="return_value",
        suppress_keyboard_interrupt=False,  # run() says that it stopped
    )
    for name, (place, text) in _COMMANDS.items():
        app.command(f"tocsin.cli.{place}", name=name, help=text)
    for group, (text, commands) in _GROUPS.items():
        inner = App(name=group, help=text, result_action="return_value")
        for name, (place, command_text) in commands.items():
            inner.command(f"tocsin.cli.{place}", name=name, help=command_text)
        app.command(inner)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and exits with its code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Runs one command; its exit code. Errors of ours become a sentence on the standard error."""
    try:
        result = _app()(list(arguments), exit_on_error=False, print_error=True)
    except (CycloptsError, UsageError) as error:
        if isinstance(error, UsageError):
            print(f"tocsin: {error}", file=sys.stderr)
        return 2
    except TocsinError as error:
        # Each line of a workspace's problems begins with its place, for editors to jump to.
        print(error if isinstance(error, WorkspaceError) else f"tocsin: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output (head, less) went away: that is no problem of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # What no command has foreseen about a disk; anything else is a mistake of ours and stays one.
        if error.errno not in _REFUSED:
            raise
        place = f"{error.filename}: " if error.filename else ""
        print(f"tocsin: {place}{error.strerror} — make room, or mend the permissions, and try again", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tocsin: stopped", file=sys.stderr)
        return 130
    return result if isinstance(result, int) else 0
