"""The keys of a mapping: the page says what the models say, the schemas take what the reader takes, every key is explained."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]  # comes with check-jsonschema, without types
import pytest

from dealflow.adapters.files.file_model import FileModel, json_schema, plain
from dealflow.adapters.files.located_yaml import read_tree, tree_of
from dealflow.adapters.imports.mapping import document
from dealflow.adapters.imports.ready import READY, ready_mapping
from tests.support.files import requests, xes_files
from tests.support.files.import_files import MAVEN, SMALL
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "mapping.md"
PARTS = [
    each
    for name, each in vars(document).items()
    if isinstance(each, type) and issubclass(each, FileModel) and each is not FileModel and not name.startswith("_")
]
DOCUMENTS: dict[str, type[FileModel]] = {
    "crm-csv": document.TableMappingDocument,
    "log-csv": document.CsvLogMappingDocument,
    "xes": document.LogMappingDocument,
}


def is_valid(kind: str, text: str) -> bool:
    tree, problems = tree_of(text.encode(), "mapping.yaml")
    assert tree is not None and not problems.found
    return bool(jsonschema.Draft202012Validator(json_schema(DOCUMENTS[kind])).is_valid(_as_editors_read(plain(tree))))


def _as_editors_read(value: Any) -> Any:
    """With the booleans that YAML has; the reader takes their texts."""
    match value:
        case dict():
            return {key: _as_editors_read(each) for key, each in value.items()}
        case list():
            return [_as_editors_read(each) for each in value]
        case "true" | "false":
            return value == "true"
    return value


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_the_page_says_of_every_key_what_the_model_says(part: type[FileModel]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for key, field in part.model_fields.items():
        default = "needed" if field.is_required() else f"`{field.default}`" if field.default else ""
        row = f"| `{key}` | {default} | {field.description} |"
        assert row in page, f"{part.__name__}: {row}"


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_schema_is_one_and_explains_every_key(kind: str) -> None:
    schema = json_schema(DOCUMENTS[kind])
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["description"] and all(about["description"] for about in schema["properties"].values())


@pytest.mark.parametrize("name", READY)
def test_every_ready_mapping_fits_its_schema(name: str) -> None:
    assert is_valid("crm-csv" if name == "hubspot-deals" else "log-csv", ready_mapping(name))


def test_the_mappings_of_the_tests_and_the_examples_fit_their_schemas() -> None:
    assert is_valid("xes", xes_files.SMALL) and is_valid("log-csv", requests.MAPPING) and is_valid("crm-csv", SMALL)
    tree, problems = read_tree(MAVEN / "mapping.yaml")
    assert tree is not None and not problems.found
    assert jsonschema.Draft202012Validator(json_schema(document.TableMappingDocument)).is_valid(plain(tree))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rows: deals\n", "rows: deals\nrow: deals\n"),
        ("{stage: engaging, at: engaged}", "{stge: engaging, at: engaged}"),
        ("source: small-crm\n", ""),
        ("outcome: won", "outcome: wn"),
        ("{column: product, to", "{colum: product, to"),
        ("title: ['{customer}: {product}', product]", "title: [{valu: x}]"),
    ],
)
def test_what_the_reader_refuses_for_its_shape_an_editor_refuses_too(old: str, new: str) -> None:
    assert old in SMALL
    assert not is_valid("crm-csv", SMALL.replace(old, new))
