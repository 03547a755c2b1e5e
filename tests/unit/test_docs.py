"""The documents are true: the commands they name exist, the example rule passes its tests, settings are explained."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tocsin.cli import _COMMANDS, _GROUPS, run

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")] + sorted(
    ROOT.glob("*/README.md")
)


def code(text):
    """The lines of code in a document: its shell blocks and its inline code, without comments."""
    blocks = re.findall(r"```(?:sh|bash|console)\n(.*?)```", text, re.DOTALL)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [re.sub(r"\s#.*", "", line).strip() for line in [*"\n".join(blocks).splitlines(), *inline]]


def commands(text):
    """(group, command) or (command, '') of every `tocsin …` that stands as code."""
    found = (re.search(r"(?:^|&& |\$ |bin/)tocsin +([a-z]+)(?: +([a-z-]+))?", line) for line in code(text))
    return {(hit[1], hit[2] or "") for hit in found if hit}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_named_in_a_document_exists(path):
    unknown = {
        (first, second)
        for first, second in commands(path.read_text("utf-8"))
        if first not in _COMMANDS and (first not in _GROUPS or (second and second not in _GROUPS[first][1]))
    }
    assert not unknown


def test_the_rule_in_the_readme_passes_its_own_tests(tmp_path, capsys):
    (example,) = re.findall(r"```yaml\n# rules/(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    name, _, text = example.partition("\n")
    assert yaml.safe_load(text)["tests"]
    for folder in ("rules", "sources"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "rules" / name).write_text(text, "utf-8")
    assert run(["check", str(tmp_path)]) == 0, capsys.readouterr().out
    assert run(["test", str(tmp_path / "rules" / name), "--workspace", str(tmp_path)]) == 0, capsys.readouterr().out


def test_every_setting_in_the_code_is_explained():
    used = set()
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "flows").glob("*.py")]:
        used |= set(re.findall(r"\bTOCSIN_[A-Z_]+\b", path.read_text("utf-8")))
    used |= {f"TOCSIN_{name}" for name in ("DATABASE_URL", "USER_AGENT", "LOG_LEVEL", "EVERY")}
    explained = (ROOT / "deploy" / "env.example").read_text("utf-8")
    assert not {name for name in used if name not in explained}


def test_make_help_lists_the_targets_that_the_readme_uses():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    lines = code((ROOT / "README.md").read_text("utf-8"))
    targets = {hit[1] for line in lines if (hit := re.match(r"make ([a-z]+)", line))}
    assert targets >= {"demo", "test", "serve", "check"}
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_test_that_the_threat_model_names_is_there():
    file, named = None, 0
    for path, name in re.findall(r"`((?:[\w/]+\.py|…))(?:::(\w+))?`", (ROOT / "SECURITY.md").read_text("utf-8")):
        file = file if path == "…" else ROOT / "tests" / path
        assert file.is_file(), path
        assert not name or f"def {name}(" in file.read_text("utf-8"), name
        named += 1
    assert named > 20
