"""JSON Schema of the YAML files, from the same types that check them, and where editors find it."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tocsin.files import write_whole
from tocsin.specs.base import Spec
from tocsin.specs.channels import ChannelsFile
from tocsin.specs.filters import FilterSpec
from tocsin.specs.proofs import ProofsSpec, StorySpec
from tocsin.specs.rules import CuesSpec, EntitySpec, RuleSpec, TermsSpec
from tocsin.specs.sources import SourcesFile
from tocsin.specs.thresholds import ThresholdSpec

_MODELS: dict[str, type[Spec]] = {
    "source": SourcesFile,
    "rule": RuleSpec,
    "entity": EntitySpec,
    "terms": TermsSpec,
    "cues": CuesSpec,
    "filter": FilterSpec,
    "threshold": ThresholdSpec,
    "proofs": ProofsSpec,
    "story": StorySpec,
    "channels": ChannelsFile,
}
_IN_RULES = tuple(name for name in _MODELS if name not in {"source", "channels"})
_FOLDER = ".schema"
_LINE = "# yaml-language-server: $schema="


def schemas() -> dict[str, dict[str, Any]]:
    """A schema for each kind of document."""
    return {name: model.model_json_schema(by_alias=True) for name, model in _MODELS.items()}


def rules_schema() -> dict[str, Any]:
    """One schema for every document that may stand in `rules/`: what it holds tells which one it is."""
    definitions: dict[str, Any] = {}
    for name in _IN_RULES:
        own = _MODELS[name].model_json_schema(by_alias=True)
        definitions |= own.pop("$defs", {})
        definitions[name] = own
    kinds = [{"$ref": f"#/$defs/{name}"} for name in _IN_RULES]
    return {"title": "A document in rules/", "anyOf": kinds, "$defs": definitions}


def write_schemas(root: Path) -> tuple[Path, ...]:
    """Writes the schemas into the workspace, and into each YAML file the line that points editors at its schema.

    Returns the files that have changed. A file that has such a line keeps it.

    Raises:
        OSError: a file cannot be read or written.
    """
    changed = [path for path, text in _schema_files(root) if _write(path, text)]
    for path in _yaml_files(root):
        given = path.read_bytes().removeprefix(codecs.BOM_UTF8)  # as it is: its line ends are the person's own
        if not given.startswith(_LINE.encode()):
            write_whole(path, f"{_LINE}{schema_of(path, root)}\n".encode() + given)
            changed.append(path)
    return tuple(changed)


def schema_of(path: Path, root: Path) -> str:
    """The way from a YAML file to its schema."""
    folder, *inner = path.relative_to(root).parts[:-1]
    name = "sources" if folder == "sources" else "channels" if path.name == "channels.yaml" else "rules"
    return "../" * len(inner) + f"{_FOLDER}/{name}.json"


def _schema_files(root: Path) -> Iterator[tuple[Path, str]]:
    found: Mapping[str, dict[str, Any]] = {
        "sources/sources": SourcesFile.model_json_schema(by_alias=True),
        "rules/rules": rules_schema(),
        "rules/channels": ChannelsFile.model_json_schema(by_alias=True),
    }
    for name, schema in found.items():
        folder, _, stem = name.partition("/")
        yield root / folder / _FOLDER / f"{stem}.json", json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _yaml_files(root: Path) -> Iterator[Path]:
    for folder in ("sources", "rules"):
        for path in sorted((root / folder).rglob("*.yaml")):
            if not any(part.startswith(".") for part in path.relative_to(root).parts):
                yield path


def _write(path: Path, text: str) -> bool:
    if path.exists() and path.read_text("utf-8") == text:
        return False
    write_whole(path, text.encode("utf-8"))
    return True
