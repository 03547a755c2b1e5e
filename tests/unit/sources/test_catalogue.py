"""The shipped sources. Whether the addresses answer is not tested here: `tocsin sources check` does that."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tocsin.specs.sources import SourcesFile, SourceSpec

FOLDER = Path(__file__).parents[3] / "sources"
FILES = sorted(FOLDER.glob("*.yaml"))
LANGUAGES = ("en", "ko", "ja", "ru", "zh")


def read(path: Path) -> tuple[SourceSpec, ...]:
    return SourcesFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).sources


SOURCES = [source for path in FILES for source in read(path)]
ENABLED = [source for source in SOURCES if source.enabled]
ids = [source.id for source in SOURCES]


def test_the_catalogue_has_at_least_35_sources_switched_on() -> None:
    assert len(ENABLED) >= 35


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_several_sources_and_publishers(language: str) -> None:
    own = [source for source in ENABLED if source.language == language]
    assert len(own) >= 8
    assert len({source.publisher for source in own}) >= 5


def test_only_the_five_languages_are_in_the_catalogue() -> None:
    assert {source.language for source in SOURCES} == set(LANGUAGES)


def test_ids_are_unique_over_all_files() -> None:
    assert [name for name, count in Counter(ids).items() if count > 1] == []


def test_addresses_are_unique_whatever_their_scheme_and_last_slash() -> None:
    seen = Counter((source.url or "").partition("://")[2].rstrip("/").lower() for source in SOURCES)
    assert [address for address, count in seen.items() if count > 1] == []


@pytest.mark.parametrize("source", SOURCES, ids=ids)
def test_a_source_says_what_it_is(source: SourceSpec) -> None:
    assert source.name
    assert source.publisher
    assert source.tags
    assert {"name", "language", "publisher", "tier", "tags"} <= source.model_fields_set


@pytest.mark.parametrize("source", SOURCES, ids=ids)
def test_an_address_is_a_plain_public_one(source: SourceSpec) -> None:
    parts = urlsplit(source.url or "")
    assert parts.scheme in {"http", "https"}
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.netloc), "a host, no port and no password"
    assert not source.headers
    assert not source.allow_private


def test_only_those_known_to_have_no_https_are_fetched_without_it() -> None:
    plain = {source.publisher for source in ENABLED if (source.url or "").startswith("http://")}
    assert plain == {"kremlin"}


def test_wires_are_of_tier_1_and_polled_every_five_minutes_and_others_at_the_usual_pace() -> None:
    wires = {source.id for source in SOURCES if "wire" in source.tags}
    assert {source.id for source in SOURCES if source.every == timedelta(minutes=5)} == wires
    assert {source.id for source in SOURCES if source.every is None} == set(ids) - wires
    assert {source.tier for source in SOURCES if source.id in wires} == {1}


def test_governments_are_of_tier_1() -> None:
    assert {source.tier for source in SOURCES if "government" in source.tags} == {1}


@pytest.mark.parametrize("family", ["yonhap", "kyodo", "tass", "bbc", "dw", "nhk", "daily-nk", "kremlin"])
def test_editions_of_one_newsroom_are_one_family(family: str) -> None:
    assert sum(source.publisher == family for source in SOURCES) >= 2


def test_one_host_is_one_family_unless_it_carries_others() -> None:
    """Two families behind one host would count as two origins by mistake."""
    families = defaultdict(set)
    for source in SOURCES:
        families[urlsplit(source.url or "").netloc.removeprefix("www.")].add(source.publisher)
    assert {host: found for host, found in families.items() if len(found) > 1} == {}


@pytest.mark.parametrize("family", ["tass", "ria", "xinhua", "china-news-service", "cgtn", "global-times", "voa"])
def test_state_media_are_marked_as_such(family: str) -> None:
    assert all("state-media" in source.tags for source in SOURCES if source.publisher == family)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_says_when_its_addresses_were_collected_and_that_they_are_unverified(path: Path) -> None:
    head = path.read_text(encoding="utf-8").partition("sources:")[0]
    assert "November 2026" in head
    assert "tocsin sources check" in head


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_switched_off_says_why_in_a_comment_above_it(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("  - id:")]
    blocks = zip(starts, [*starts[1:], len(lines)], strict=True)
    off = [start for start, end in blocks if "    enabled: false" in lines[start:end]]
    assert [lines[start] for start in off if not lines[start - 1].startswith("  # ")] == []
    assert len(off) == sum(not source.enabled for source in read(path))


def test_the_reference_names_every_key_of_a_source_and_every_file() -> None:
    reference = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", reference, re.MULTILINE))
    assert {info.alias or name for name, info in SourceSpec.model_fields.items()} == rows
    assert all(f"`{path.name}`" in reference for path in FILES)


def test_the_reference_explains_every_tag_but_places() -> None:
    reference = (FOLDER / "README.md").read_text(encoding="utf-8").partition("### Tags")[2]
    places = {"germany", "france"}
    used = {tag for source in SOURCES for tag in source.tags}
    assert {tag for tag in used - places if f"`{tag}`" not in reference} == set()
