"""What the pages in rules/ show is true: the walk is walked, every example is sound and does what it says."""

import re
from pathlib import Path

import pytest

from tocsin.cli import run
from tocsin.pipeline.rehearsal import rehearse
from tocsin.rules.testing import run_proofs

ROOT = Path(__file__).parents[3]
PAGES = {name: (ROOT / "rules" / name).read_text("utf-8") for name in ("README.md", "cues.md", "proving.md")}
CUES = [path.read_text("utf-8") for path in (ROOT / "rules" / "cues").glob("*.yaml")]
FILE = re.compile(r"# (at the end of )?(rules/\S+\.yaml)\n")


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", PAGES[page], re.DOTALL)


def examples(page):
    """The page's YAML documents; what is added to a file belongs to it."""
    found = []
    for text in blocks(page, "yaml"):
        if text.startswith("# at the end of"):
            found[-1] += text
        else:
            found.append(text)
    return found


def test_every_example_is_sound_and_the_worked_rule_passes_its_tests(judge_of, book_of):
    assert [len(examples(page)) for page in PAGES] == [3, 1, 4]
    state = "id: exampleland\ntitle: Exampleland\nnames: {en: [Exampleland]}\n"
    text = "\n---\n".join([*examples("README.md"), *examples("cues.md"), state, *CUES])
    results = list(run_proofs(judge_of(text), book_of(text)))
    assert len(results) == 3
    assert all(result.passed for result in results), results


def test_filters_thresholds_proofs_and_stories_do_what_their_page_shows(judge_of, book_of):
    rule = (
        "id: missile-launch\ntitle: Launch\nwhen: {all: [{words: [fire~]}, {words: [missile~]}]}\n"
        "tests: [{event: They fired a missile.}, {none: It rained.}]\n"
    )
    text = "\n---\n".join([rule, *examples("proving.md"), *CUES])
    judge, book = judge_of(text), book_of(text)
    results = list(run_proofs(judge, book))
    assert [result.rule for result in results] == [*["missile-launch"] * 3, "no-games", "no-games"]
    assert all(result.passed for result in results), results
    (story,) = rehearse(judge, book)
    assert story.passed, story.differences


def steps():
    """The walk in its order: ('file', name, text, whether it is added) and ('command', arguments, lines it shows)."""
    walk = PAGES["README.md"].split("## From an empty file to a proven rule")[1].split("\n| key of a rule")[0]
    for language, text in re.findall(r"```(yaml|json|console)\n(.*?)```", walk, re.DOTALL):
        if language == "console":
            for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                line, *shown = command.splitlines()
                yield "command", line, shown
        elif language == "json":
            yield "file", "sample.jsonl", text
        else:
            added, name = FILE.match(text).groups()
            yield "add" if added else "file", name, text


def test_the_newcomers_walk_goes_as_it_is_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("TOCSIN_WORKSPACE", "TOCSIN_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    commands = 0
    for kind, what, given in steps():
        if kind == "command":
            commands += what.count("&&") + 1
            said = walked(what, monkeypatch, capsys)
            for line in given:
                pattern = ".*".join(re.escape(piece) for piece in line.split("…"))
                assert re.search(f"^{pattern}$", said, re.MULTILINE), (what, line, said)
        else:
            before = Path(what).read_text("utf-8") if kind == "add" else ""
            Path(what).write_text(before + given, "utf-8")
    assert commands <= 10


def walked(line, monkeypatch, capsys):
    """What the commands of a line print."""
    for command in line.split(" && "):
        name, *arguments = command.split()
        if name == "cd":
            monkeypatch.chdir(arguments[0])
        else:
            assert name == "tocsin"
            run(arguments)
    return capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_stay_short(page):
    assert len(PAGES[page].splitlines()) <= 200
