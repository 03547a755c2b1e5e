"""What Prefect's own parts print while its server is away: a line, and nothing where `serve.py` has said it."""

from __future__ import annotations

import logging

_TALKATIVE = (
    "prefect.FlowRunCancellingObserver",
    "prefect.FlowRunSuspendingObserver",
    "prefect._internal.concurrency",
    "prefect.events.clients",
)
_OURS = ("prefect.flow_runs", "prefect.task_runs", "tocsin")
"""Loggers whose tracebacks are about a flow of ours: they stay whole."""


def hush() -> None:
    """For every process that talks to the server: Prefect's own complaints come without their tracebacks."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for logger in (logging.root, logging.getLogger("prefect._internal")):  # these two have the handlers that print
        for handler in logger.handlers:
            handler.addFilter(_in_a_line)


def _in_a_line(record: logging.LogRecord) -> bool:
    """Puts the error's name in the place of its traceback."""
    if record.exc_info and record.exc_info[0] and not record.name.startswith(_OURS):
        kind, error, _ = record.exc_info
        record.msg, record.args = f"{record.getMessage()} ({kind.__name__}: {error})", None
        record.exc_info = record.exc_text = None
    return True
