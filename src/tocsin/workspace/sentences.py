"""pydantic's errors → sentences for the person who wrote the YAML: what is wrong, and what to write instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from tocsin.errors import Problem
from tocsin.specs.base import Path, Spec, position
from tocsin.workspace.yamlfile import YamlDocument

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_parsing": "a whole number",
    "float_parsing": "a number",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
}
_HOLLOW = {*_KINDS, "too_short"}
"""Said of a whole when something inside it is wrong: then only that is told."""
_PATTERNS = {
    r"^[a-z0-9][a-z0-9-]*$": "lower-case letters, digits and hyphens, as in missile-launch",
    r"^[a-z]{2,3}$": "a language code, as in en, ko, ja, ru, zh",
    r"^https?://[^\s/?#]+[^\s]*$": "an address that begins with http:// or https://",
    r"^(\[[0-9A-Fa-f:.]+\]|[^\s/\[\]:@?#]+):\d{1,5}$": "host:port, as in 127.0.0.1:8900 or [::1]:8900",
    r"^\d{4}-\d{2}-\d{2}$": "a day, as in 2026-11-22",
    r"^(sentence|paragraph|article|[1-9]\d{0,2} words)$": "sentence, paragraph, article, or as in 12 words",
}


def suggest(word: str, known: Collection[str]) -> str:
    """` — did you mean 'x'?`, or the choices when they are few, or nothing."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f" — did you mean {close[0]!r}?"
    return f" — choose from {', '.join(sorted(known))}" if 0 < len(known) <= 30 else ""  # noqa: PLR2004


def problems(error: ValidationError, model: type[Spec], document: YamlDocument, file: str) -> list[Problem]:
    """Each thing pydantic found, at its place, once; a union's branches are told as one."""
    found: dict[tuple[tuple[int, int], bool], Problem] = {}
    located = [(details, _real_path(details["loc"], document)) for details in error.errors(include_url=False)]
    paths = [path for _, path in located]
    for details, path in located:
        if details["type"] in _HOLLOW and any(other[: len(path)] == path != other for other in paths):
            continue  # a branch of a union that was not meant, or a list that counts sound items only
        place = _place(details, path, document)
        key = (place, details["type"] == "extra_forbidden")
        found.setdefault(key, Problem(file, *place, _sentence(details, path, model)))
    return list(found.values())


def _real_path(loc: Path, document: YamlDocument) -> Path:
    """The error's location without the names of the union branches it tried."""
    path: Path = ()
    for part in loc:
        if (*path, part) in document.values or (*path, part) in document.keys:
            path = (*path, part)
    return path


def _place(details: ErrorDetails, path: Path, document: YamlDocument) -> tuple[int, int]:
    if details["type"] == "extra_forbidden" and path in document.keys:
        return document.keys[path]
    return position(document.values, path)


def _sentence(details: ErrorDetails, path: Path, model: type[Spec]) -> str:
    kind, loc, context = details["type"], details["loc"], details.get("ctx", {})
    name = str(next((part for part in reversed(path) if isinstance(part, str)), "this"))
    if kind == "extra_forbidden":
        return f"unknown key {loc[-1]!r}{suggest(str(loc[-1]), _keys(model, loc[:-1]))}"
    if kind == "missing":
        return f"key {loc[-1]!r} is missing"
    if kind in _KINDS:
        return f"{name} must be {_KINDS[kind]}, not {_kind_of(details['input'])}"
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern"))
        return f"{name}: {details['input']!r} must be {_PATTERNS.get(pattern, 'written as ' + pattern)}"
    if kind in {"enum", "literal_error"}:
        return f"{name}: unknown value {details['input']!r}{_choices(details['input'], context)}"
    # A sentence about a whole item of a list needs no name in front: its place says which one is meant.
    whole = not path or isinstance(path[-1], int)
    return _plain(details, context) if whole and kind == "value_error" else f"{name}: {_plain(details, context)}"


def _plain(details: ErrorDetails, context: Mapping[str, Any]) -> str:
    message = {
        "string_too_short": "must not be empty",
        "too_short": "must not be empty",
        "string_too_long": f"is longer than {context.get('max_length')} characters — shorten it",
        "greater_than_equal": f"{details['input']} is too small — at least {context.get('ge')}",
        "less_than_equal": f"{details['input']} is too large — at most {context.get('le')}",
    }.get(details["type"])
    return message or details["msg"].removeprefix("Value error, ")


def _choices(given: object, context: Mapping[str, Any]) -> str:
    expected = str(context.get("expected", ""))
    return suggest(str(given), [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")])


def _kind_of(value: object) -> str:
    if value is None:
        return "nothing"
    names: dict[type, str] = {
        bool: f"{str(value).lower()} (quote it to make it text)",
        int: f"the number {value} (quote it to make it text)",
        float: f"the number {value} (quote it to make it text)",
        list: "a list",
        dict: "a mapping",
        str: f"the text {value!r}",
    }
    return names.get(type(value), type(value).__name__)


def _keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that may stand at `path`: walks the specs along pydantic's location."""
    current: type[BaseModel] = model
    for part in path:
        info = next((i for n, i in current.model_fields.items() if part in {n, i.alias}), None)
        inner = _spec_in(info.annotation) if isinstance(info, FieldInfo) else None
        current = inner or current
    return [info.alias or name for name, info in current.model_fields.items()]


def _spec_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((spec for part in get_args(annotation) if (spec := _spec_in(part))), None)
