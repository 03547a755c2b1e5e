"""Measured on real pages that stay outside the project; skipped where they are not.

The floors were measured, and are never lowered silently.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "extract"
needs_data = pytest.mark.skipif(
    not (DATA / "gold.jsonl.gz").exists(), reason="the measuring pages are not beside this checkout"
)


FLOORS = [("text", 0.964), ("recall", 0.98), ("title", 0.83), ("date", 0.95), ("author", 0.84)]
FLOORS += [("wanted", 0.915), ("standfirst", 0.93)]
CEILINGS = [("date wrong", 0.03), ("leak", 0.04), ("headline repeated", 0.01)]
"""Trafilatura's own: .056, .062 and about a third."""


def scoring() -> ModuleType:
    spec = importlib.util.spec_from_file_location("extract_score", DATA / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    from tocsin.sources.pages import extract

    score = scoring()
    pages = map(json.loads, gzip.decompress((DATA / "gold.jsonl.gz").read_bytes()).splitlines())
    bodies, titles, dates, authors, snippets, repeated = [], [], [], [], [], []
    for gold in pages:
        made = extract(gzip.decompress((DATA / gold["page"]).read_bytes()), gold["url"])
        text = "\n\n".join(filter(None, (made.deck, *made.paragraphs)))
        bodies.append(score.body_score(gold, text))
        snippets.append(score.snippet_score(gold, text))
        repeated.append(made.title in made.paragraphs[:3])
        titles.append(score.title_score(gold.get("title"), made.title))
        dates.append(score.date_score(gold.get("published"), made.published.isoformat() if made.published else None))
        authors.append(score.author_score(gold.get("authors"), [made.byline] if made.byline else []))

    def mean(scores: list[dict[str, Any] | None], key: str) -> float:
        return float(score.mean([float(each[key]) for each in scores if each]))

    wrong = [float(each["given"] and not each["hit"]) for each in dates if each]
    wanted = sum(each["tp"] for each in snippets if each)
    leaked = sum(each["fp"] for each in snippets if each)
    return {
        "wanted": wanted / (wanted + sum(each["fn"] for each in snippets if each)),
        "standfirst": float(score.mean([each["standfirst"] for each in bodies if each])),
        "headline repeated": sum(repeated) / len(repeated),
        "leak": leaked / (leaked + sum(each["tn"] for each in snippets if each)),
        "recall": float(score.agg([each["main"] for each in bodies if each])["r"]),
        "text": float(score.agg([each["main"] for each in bodies if each])["f1"]),
        "title": mean(titles, "exact"),
        "date": mean(dates, "hit"),
        "date wrong": sum(wrong) / len(wrong),
        "author": mean(authors, "f1"),
    }


@needs_data
@pytest.mark.parametrize(("what", "floor"), FLOORS)
def test_extraction_stays_above_its_floor(measured: dict[str, float], what: str, floor: float) -> None:
    assert measured[what] >= floor, measured


@needs_data
@pytest.mark.parametrize(("what", "ceiling"), CEILINGS)
def test_mistakes_stay_below_their_ceiling(measured: dict[str, float], what: str, ceiling: float) -> None:
    assert measured[what] <= ceiling, measured
