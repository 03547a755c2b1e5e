import json
import os
import subprocess
import sys

import pytest

from tocsin.cli import run
from tocsin.errors import UsageError
from tocsin.settings import read_settings

HEAVY = {"prefect", "apprise", "trafilatura", "sqlalchemy", "httpx", "feedparser", "pydantic"}


def test_help_brings_nothing_heavy():
    code = "import sys\nfrom tocsin.cli import run\nrun(['--help'])\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert "deliveries" in done.stdout
    assert not HEAVY & set(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["runn"], "run"),
        (["match"], "name article files"),
        (["match", "a.txt", "--rules", "nowhere"], "no such folder"),
        (["articles", "import", "nowhere"], "no such folder"),
        (["articles", "search"], "say what to look for"),
        (["deliveries", "retry"], "--all"),
        (["run", "--workspace", "nowhere"], "tocsin init nowhere"),
        (["schema", "--kind", "rul"], "choose from"),
    ],
)
def test_a_wrong_call_ends_with_2_and_a_sentence(arguments, sentence, tmp_path, monkeypatch, capsys):
    (tmp_path / "sources").mkdir()
    (tmp_path / "rules").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    told = capsys.readouterr()
    assert sentence in told.out + told.err
    assert "Traceback" not in told.err


def test_a_workspace_with_a_mistake_ends_with_1(tmp_path, capsys):
    (tmp_path / "rules").mkdir()
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.yaml").write_text("sources:\n  - id: A\n")
    assert run(["check", str(tmp_path)]) == 1
    assert "sources/a.yaml:2:9: id: 'A' must be lower-case" in capsys.readouterr().out


def test_init_then_check_is_fine(tmp_path, capsys):
    assert run(["init", str(tmp_path / "desk")]) == 0
    assert run(["check", str(tmp_path / "desk")]) == 0
    assert "fine" in capsys.readouterr().out


def test_check_as_json_gives_one_object_a_problem(tmp_path, capsys):
    (tmp_path / "rules").mkdir()
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.yaml").write_text("sources: 1\n")
    assert run(["check", str(tmp_path), "--json"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["line"] == 1


def test_the_schema_names_every_key_of_a_rule(capsys):
    assert run(["schema", "--kind", "rule"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert {"id", "title", "when", "unless", "tests", "alert"} <= schema["properties"].keys()


def test_the_schema_explains_the_selectors_of_a_list(capsys):
    assert run(["schema", "--kind", "source"]) == 0
    listing = json.loads(capsys.readouterr().out)["$defs"]["Listing"]
    assert listing["required"] == ["entry"]
    assert all(each["description"] for each in listing["properties"].values())


@pytest.mark.parametrize("setting", [{"TOCSIN_EVERY": "often"}, {"TOCSIN_EVERY": "0"}, {"TOCSIN_LOG_LEVEL": "LOUD"}])
def test_a_bad_setting_names_its_variable(setting):
    (name,) = setting
    with pytest.raises(UsageError, match=name):
        read_settings(setting)
