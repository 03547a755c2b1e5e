"""Test results as JUnit XML, for CI."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.files import write_whole
from tocsin.rules.testing import ProofResult

if TYPE_CHECKING:
    from tocsin.pipeline.rehearsal import StoryResult


def write_junit(path: Path, results: Sequence[ProofResult], stories: Sequence[StoryResult]) -> None:
    """Writes proofs and story tests as one suite."""
    suite = ET.Element("testsuite", name="tocsin", tests=str(len(results) + len(stories)))
    suite.set("failures", str(sum(not one.passed for one in results) + sum(not one.passed for one in stories)))
    suite.extend([*_proofs(results), *_stories(stories)])
    write_whole(path, ET.tostring(suite, encoding="utf-8", xml_declaration=True))


def _proofs(results: Sequence[ProofResult]) -> Iterator[ET.Element]:
    for result in results:
        case = ET.Element("testcase", classname=result.rule, name=f"{result.index}: {result.text[:80]}")
        case.set("file", result.file)
        if not result.passed:
            ET.SubElement(case, "failure", message=result.explanation).text = result.text
        yield case


def _stories(stories: Sequence[StoryResult]) -> Iterator[ET.Element]:
    for story in stories:
        case = ET.Element("testcase", classname="story", name=story.story)
        case.set("file", story.file)
        if not story.passed:
            ET.SubElement(case, "failure", message=story.differences[0]).text = "\n".join(story.differences)
        yield case
