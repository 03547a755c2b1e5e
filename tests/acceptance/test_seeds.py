"""The five real articles beside the project, where they are there: nothing of them is part of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
RULES = ("missile-launch", "troop-deployment", "pact")

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed articles are not beside this checkout")


def tocsin(*arguments, cwd):
    command = [sys.executable, "-m", "tocsin", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=os.environ, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def desk(tmp_path):
    tocsin("init", tmp_path / "desk", cwd=tmp_path)
    return tmp_path / "desk"


def test_import_then_export_is_byte_for_byte_the_same(desk):
    tocsin("articles", "import", SEEDS, cwd=desk)
    tocsin("articles", "export", "out", cwd=desk)
    given = {path.name: path.read_bytes() for path in SEEDS.glob("*.txt")}
    assert {path.name: path.read_bytes() for path in (desk / "out").iterdir()} == given


def test_matches_agree_with_a_careful_reader(desk):
    expected = yaml.safe_load((SEEDS / "expected.yaml").read_text("utf-8"))
    lines = map(json.loads, tocsin("match", SEEDS, "--json", cwd=desk).splitlines())
    found = {(line["id"], line["rule"]): line["grade"] for line in lines}
    wrong = {
        (article, rule): found.get((article, rule), "none")
        for article, grades in expected.items()
        for rule in RULES
        if found.get((article, rule), "none") not in grades[rule]
        and (found.get((article, rule)) == "event" or "event" in grades[rule])
    }
    assert not wrong


def test_evidence_is_an_exact_piece_of_the_file(desk):
    for line in map(json.loads, tocsin("match", SEEDS, "--json", cwd=desk).splitlines()):
        (path,) = SEEDS.glob(f"*{line['id']}*")
        text = path.read_text("utf-8")
        assert line["evidence"]
        assert all(text[one["start"] : one["end"]] == one["text"] for one in line["evidence"])
