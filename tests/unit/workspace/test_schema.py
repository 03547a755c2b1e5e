"""Editors find the schemas, and the schemas are those of the types that check."""

import json
import shutil
from pathlib import Path

import pytest

from tocsin.workspace.schema import rules_schema, schema_of, write_schemas

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(path for folder in ("sources", "rules") for path in (ROOT / folder).rglob("*.yaml"))


def test_the_shipped_schemas_and_lines_are_fresh(tmp_path):
    for folder in ("sources", "rules"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    changed = [path.relative_to(tmp_path).as_posix() for path in write_schemas(tmp_path)]
    assert changed == [], "run: tocsin schema --write"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_shipped_file_points_at_a_schema_that_is_there(path):
    line, _, _ = path.read_text("utf-8").partition("\n")
    target = path.parent / line.removeprefix("# yaml-language-server: $schema=")
    assert json.loads(target.read_text("utf-8"))


def test_a_file_with_a_line_of_its_own_keeps_it(tmp_path):
    own = tmp_path / "rules" / "deep" / "mine.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("# yaml-language-server: $schema=mine.json\nid: x\n", "utf-8")
    bare = tmp_path / "rules" / "deep" / "bare.yaml"
    bare.write_text("id: x\n", "utf-8")
    assert own not in write_schemas(tmp_path)
    assert bare.read_text("utf-8") == "# yaml-language-server: $schema=../.schema/rules.json\nid: x\n"
    assert write_schemas(tmp_path) == ()


def test_each_folder_has_its_schema():
    assert schema_of(ROOT / "sources" / "x.yaml", ROOT) == ".schema/sources.json"
    assert schema_of(ROOT / "rules" / "channels.yaml", ROOT) == ".schema/channels.json"
    assert schema_of(ROOT / "rules" / "terms" / "x.yaml", ROOT) == "../.schema/rules.json"


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("rule", "when"),
        ("entity", "names"),
        ("terms", "words"),
        ("cues", "cues"),
        ("filter", "filter"),
        ("threshold", "threshold"),
        ("proofs", "proofs"),
        ("story", "story"),
    ],
)
def test_one_schema_knows_every_kind_of_document_in_rules(kind, key):
    schema = rules_schema()
    assert {"$ref": f"#/$defs/{kind}"} in schema["anyOf"]
    assert key in schema["$defs"][kind]["required"]
