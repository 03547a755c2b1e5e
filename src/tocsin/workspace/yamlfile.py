"""YAML text → plain values with the line and column of each, strictly.

Stricter than YAML 1.1 where its surprises hurt: only `true` and `false` are booleans (`no` is Norwegian, not False),
dates stay text, a key may stand once, and there are no tags, merges or aliases that hide what a rule says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from tocsin.errors import Problem
from tocsin.specs.base import Path

_INTEGER = re.compile(r"[-+]?(0|[1-9]\d*)")
_NUMBER = re.compile(r"[-+]?\d+\.\d+([eE][-+]?\d+)?")
_MAX_DEPTH = 60
_TAGS = {"str", "int", "float", "bool", "null", "timestamp", "value", "merge"}
"""What a plain scalar may look like to YAML 1.1; we decide ourselves what it is."""
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class YamlDocument:
    """One document of a file: its plain value, and the places (line, column from 1) of values and of keys."""

    value: Any
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)


class _Reader:
    """Turns one node tree into plain values, and collects problems and places on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def document(self, node: yaml.Node) -> YamlDocument:
        document = YamlDocument(None)
        document.value = self._value(node, (), document)
        return document

    def _problem(self, mark: yaml.Mark, message: str) -> None:
        self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, message))

    def _value(self, node: yaml.Node, path: Path, document: YamlDocument) -> Any:
        document.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if len(path) > _MAX_DEPTH:
            self._problem(node.start_mark, f"nested deeper than {_MAX_DEPTH} levels — flatten it")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, document)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index), document) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path, document: YamlDocument) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.value == "<<":
                self._problem(key_node.start_mark, "a key must be plain text")
                continue
            key = str(key_node.value)
            if key in result:
                self._problem(key_node.start_mark, f"key {key!r} stands twice — keep one")
                continue
            document.keys[*path, key] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            result[key] = self._value(value_node, (*path, key), document)
        return result

    def _scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        if node.tag.removeprefix("tag:yaml.org,2002:") not in _TAGS:
            self._problem(node.start_mark, f"tag {node.tag} is not allowed — write plain values")
            return text
        if not _is_plain(node):
            return text
        if text in {"", "~", "null"}:
            return None
        if text in {"true", "false"}:
            return text == "true"
        if _INTEGER.fullmatch(text):
            return int(text) if len(text) <= 18 else text  # noqa: PLR2004 - beyond 64 bits it is no number we know
        return float(text) if _NUMBER.fullmatch(text) else text


def read_yaml(text: str, file: str) -> tuple[tuple[YamlDocument, ...], tuple[Problem, ...]]:
    """The documents of a YAML text, and everything wrong with it; empty documents are left out."""
    reader = _Reader(file)
    documents: list[YamlDocument] = []
    try:
        if not (_unprintable(text, reader) or _aliases(text, reader)):
            documents = [reader.document(node) for node in _compose(text) if not _is_empty(node)]
    except yaml.MarkedYAMLError as error:
        # What is never closed is told where it begins, not where the file ends.
        unclosed = "end of stream" in (error.problem or "") or "expected ','" in (error.problem or "")
        mark = (unclosed and error.context_mark) or error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reader.problems.append(Problem(file, *place, f"not valid YAML: {_sentence(error)}"))
    except RecursionError:
        reader.problems.append(Problem(file, 1, 1, "nested too deeply to be read — flatten it"))
    return tuple(documents), tuple(reader.problems)


def _compose(text: str) -> Iterator[yaml.Node]:
    return yaml.compose_all(text, Loader=yaml.CSafeLoader)


def _unprintable(text: str, reader: _Reader) -> bool:
    """Characters that YAML does not allow; asked before the parser, which counts their places in bytes."""
    found = _NOT_YAML.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        message = f"character U+{ord(found[0]):04X} is not allowed in YAML — delete it"
        reader.problems.append(Problem(reader.file, line, column, message))
    return found is not None


def _aliases(text: str, reader: _Reader) -> bool:
    """Aliases make small files that expand to huge ones, and rules that cannot be read where they stand."""
    if "*" not in text:
        return False
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        if isinstance(token, yaml.AliasToken):
            hint = f'if the text begins with a star, quote it: "*{token.value}"'
            reader.problems.append(
                Problem(
                    reader.file,
                    token.start_mark.line + 1,
                    token.start_mark.column + 1,
                    f"alias *{token.value} is not allowed — {hint}",
                )
            )
    return bool(reader.problems)


def _is_plain(node: yaml.Node) -> bool:
    """Whether a scalar stands without quotes or block marks; the C parser says so with an empty style."""
    return isinstance(node, yaml.ScalarNode) and not node.style


def _is_empty(node: yaml.Node) -> bool:
    return _is_plain(node) and node.value == ""


def _sentence(error: yaml.MarkedYAMLError) -> str:
    problem = (error.problem or "cannot be read").strip()
    hint = {
        "mapping values are not allowed in this context": "quote a text that holds ': '",
        "found character that cannot start any token": "indent with spaces; quote a text that begins with @, ` or %",
        "did not find expected ',' or ']'": "close the list with ]",
        "did not find expected ',' or '}'": "close the mapping with }",
        "did not find expected alphabetic or numeric character": "quote a text that begins with * or &",
        "did not find expected key": "check the indentation, and quote texts that begin with a quote or bracket",
        "could not find expected ':'": "a key needs ': ' and a value",
        "found unexpected end of stream": "close the quote",
    }.get(problem)
    return f"{problem} — {hint}" if hint else problem
