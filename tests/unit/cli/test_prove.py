"""`tocsin test`: proofs, filters, stories, coverage, and the file for CI."""

import xml.etree.ElementTree as ET

from tocsin.cli import run

STORY = """
story: A launch and its echo
articles:
  - {at: 2026-03-04 06:10, title: Missile over the sea, text: North Korea fired a missile at dawn., alerts: [by-dprk]}
  - {at: 2026-03-04 07:10, source: other, title: A missile, text: North Korea fired a missile., alerts: [flood]}
"""


def test_a_failing_story_fails_the_command_with_its_place(workspace, capsys):
    (workspace / "rules" / "story.yaml").write_text(STORY, "utf-8")
    assert run(["test"]) == 1
    said = capsys.readouterr().out
    assert "story.yaml:5:106: step 2, 2026-03-04 07:10, other: “A missile”" in said
    assert "missing: alert flood (first) — the rule did not fire" in said
    assert "6 tests of 3 rules: 6 passed, 0 failed" in said
    assert "1 story test with 2 steps: 0 passed, 1 failed" in said


def test_junit_holds_proofs_and_stories(workspace, capsys):
    (workspace / "rules" / "story.yaml").write_text(STORY, "utf-8")
    assert run(["test", "--junit", "out.xml"]) == 1
    suite = ET.parse(workspace / "out.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("7", "1")
    (failure,) = suite.findall("testcase[@classname='story']/failure")
    assert "missing: alert flood" in failure.text
    capsys.readouterr()


def test_only_the_files_that_are_named_are_tested(workspace, capsys):
    (workspace / "rules" / "story.yaml").write_text(STORY.replace(", alerts: [flood]", ""), "utf-8")
    assert run(["test", "rules/story.yaml"]) == 0
    assert capsys.readouterr().out.startswith("0 tests of 0 rules")


def test_coverage_fails_on_a_condition_that_no_test_touches(workspace, capsys):
    watch = workspace / "rules" / "watch.yaml"
    assert run(["test", "--coverage"]) == 0
    assert "conditions: 5 of 5 touched (100%)" in capsys.readouterr().out
    watch.write_text(watch.read_text("utf-8").replace("{words: flood}", "{any: [{words: flood}, {words: deluge}]}"))
    assert run(["test", "--coverage"]) == 1
    said = capsys.readouterr().out
    assert "watch.yaml:30:30: rule flood: no proof touches this condition (words: deluge)" in said
    (workspace / "rules" / "more.yaml").write_text("proofs: flood\ntests: [{event: A deluge came.}]\n", "utf-8")
    assert run(["test", "--coverage"]) == 0
