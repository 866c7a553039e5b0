"""The canonical form of a definition: what an event stores and a digest covers, in the author's order."""

import hashlib
import json
from typing import Any

from dealflow.domain.process.definition import ProcessDefinition

# Form 1 had no number and kept kinds and fields in mappings, whose order the store does not keep. Form 2 lists them.
FORM = 2


def content_of(definition: ProcessDefinition) -> dict[str, Any]:
    """The content in the present form; what equals a default is left out, so that a key added later changes no digest.

    For the same reason a released default never changes its meaning.
    """
    content = definition.model_dump(mode="json", exclude_defaults=True)
    content["evidence"] = [_listed_fields(kind) for kind in content["evidence"].values()]
    for stage in content["stages"]:
        if "milestones" in stage:
            stage["milestones"] = [_listed_fields(milestone) for milestone in stage["milestones"]]
    return {"form": FORM, **content}


def definition_of(content: dict[str, Any]) -> ProcessDefinition:
    """The definition of a stored content of any form; ValueError for a form that is not known."""
    form = form_of(content)
    if form == 1:
        return ProcessDefinition.model_validate(content)
    if form != FORM:
        raise ValueError(f"form {form} is not known")
    read = {name: value for name, value in content.items() if name != "form"}
    read["evidence"] = {kind["id"]: _mapped_fields(kind) for kind in content["evidence"]}
    read["stages"] = [_with_mapped_milestones(stage) for stage in content["stages"]]
    return ProcessDefinition.model_validate(read)


def form_of(content: dict[str, Any]) -> int:
    """The number of a content's form."""
    return int(content.get("form", 1))


def digest_of_content(content: dict[str, Any]) -> str:
    """SHA-256 over the content with sorted keys, in hexadecimal; the same for every form."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _listed_fields(around: dict[str, Any]) -> dict[str, Any]:
    if "fields" not in around:
        return around
    return {**around, "fields": [{"id": name, **field} for name, field in around["fields"].items()]}


def _mapped_fields(around: dict[str, Any]) -> dict[str, Any]:
    if "fields" not in around:
        return around
    fields = {field["id"]: {k: v for k, v in field.items() if k != "id"} for field in around["fields"]}
    return {**around, "fields": fields}


def _with_mapped_milestones(stage: dict[str, Any]) -> dict[str, Any]:
    if "milestones" not in stage:
        return stage
    return {**stage, "milestones": [_mapped_fields(milestone) for milestone in stage["milestones"]]}
