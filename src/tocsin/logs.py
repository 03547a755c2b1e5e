"""Logs: where they go and how a line looks. Lines hold no article texts and no secrets."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

TEXT, JSON = "text", "json"
FORMS = (TEXT, JSON)
_FIELDS = ("source", "rule", "alert", "delivery", "channel", "tick")
"""What a record may say beside its message, given as `extra`."""
_OURS = "tocsin"


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, the fields that the record has, and its error."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": moment, "level": record.levelname, "logger": record.name}
        line["message"] = record.getMessage()
        line |= {name: str(value) for name in _FIELDS if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up(level: str, form: str = TEXT, stream: TextIO | None = None) -> None:
    """Sends our lines from `level` on to the standard error, and warnings of others.

    Others' chatter names whole addresses, and ours are secrets: it is not to be had, whatever the level.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if form == JSON else plain)
    root = logging.getLogger()
    for old in [each for each in root.handlers if getattr(each, "is_ours", False)]:
        root.removeHandler(old)
    handler.is_ours = True  # type: ignore[attr-defined]  # so that setting up again replaces it
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    logging.getLogger(_OURS).setLevel(level)
