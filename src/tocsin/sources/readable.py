"""A further reading of a page's main text, by readability-lxml, the one module that imports it."""

from __future__ import annotations

import logging
from copy import deepcopy
from typing import Any

from readability import Document
from readability.readability import Unparseable

logging.getLogger("readability").setLevel(logging.CRITICAL)  # it logs every page that is no article with a traceback


def readable(tree: Any) -> str:
    """The part of a page that reads like an article, as HTML; empty when there is none. The tree is left as it is."""
    try:
        return str(Document(deepcopy(tree)).summary())
    except Unparseable:
        return ""
