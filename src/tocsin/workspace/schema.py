"""JSON Schema of the YAML files, from the same types that check them."""

from __future__ import annotations

from typing import Any

from tocsin.specs.base import Spec
from tocsin.specs.channels import ChannelsFile
from tocsin.specs.rules import CuesSpec, EntitySpec, RuleSpec, TermsSpec
from tocsin.specs.sources import SourcesFile

_MODELS: dict[str, type[Spec]] = {
    "source": SourcesFile,
    "rule": RuleSpec,
    "entity": EntitySpec,
    "terms": TermsSpec,
    "cues": CuesSpec,
    "channels": ChannelsFile,
}


def schemas() -> dict[str, dict[str, Any]]:
    """A schema for each kind of document."""
    return {name: model.model_json_schema(by_alias=True) for name, model in _MODELS.items()}
