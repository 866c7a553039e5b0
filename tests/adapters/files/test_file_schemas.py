"""The JSON Schemas of people and calendar files take what the reader takes, and explain every key."""

from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # comes with check-jsonschema, without types
import pytest

from dealflow.adapters.calendars.file import CalendarFileInvalid, read_plans
from dealflow.adapters.calendars.model import CalendarDocument
from dealflow.adapters.files.file_model import FileModel, json_schema, plain
from dealflow.adapters.files.located_yaml import tree_of
from dealflow.adapters.people.model import PeopleDocument
from dealflow.adapters.people.reader import PeopleFileError, load_people
from tests.support.paths import ROOT

DOCUMENTS: dict[str, type[FileModel]] = {"people": PeopleDocument, "calendars": CalendarDocument}
PAGE = ROOT / "docs" / "people-and-calendars.md"


def example(kind: str) -> str:
    """The example of the page that documents the file."""
    (block,) = [block for block in PAGE.read_text().split("```yaml\n")[1:] if block.startswith(f"{kind}:")]
    return block.partition("```")[0]


def tree(text: str) -> Any:
    read, problems = tree_of(text.encode(), "example.yaml")
    assert read is not None and not problems.found
    return plain(read)


def is_valid(kind: str, text: str) -> bool:
    schema = json_schema(DOCUMENTS[kind])
    jsonschema.Draft202012Validator.check_schema(schema)
    return bool(jsonschema.Draft202012Validator(schema).is_valid(tree(text)))


def is_read(path: Path, kind: str, text: str) -> bool:
    path.write_text(text)
    try:
        load_people(path) if kind == "people" else read_plans(path)
    except (PeopleFileError, CalendarFileInvalid):
        return False
    return True


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_documented_example_is_read_and_validates(tmp_path: Path, kind: str) -> None:
    assert is_read(tmp_path / "example.yaml", kind, example(kind))
    assert is_valid(kind, example(kind))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("people", "people: [{name: Anna}]"),
        ("people", "people: [{id: anna, role: king}]"),
        ("people", "people: [{id: anna, usrs: [a]}]"),
        ("people", "people: [{id: anna, users: a}]"),
        ("people", "people: [{id: anna, name: ' '}]"),
        ("people", "people: [{id: anna, channels: [{id: a}]}]"),
        ("people", "people: [anna]"),
        ("calendars", "calendars: [{zone: UTC}]"),
        ("calendars", "calendars: [{name: x, week: [monday]}]"),
        ("calendars", "calendars: [{name: x, weak: [mon]}]"),
    ],
)
def test_what_the_reader_refuses_for_its_shape_an_editor_refuses_too(tmp_path: Path, kind: str, text: str) -> None:
    assert not is_read(tmp_path / "wrong.yaml", kind, text)
    assert not is_valid(kind, text)


@pytest.mark.parametrize("hours", ["'09:00-18:00'", "['09:00-12:00', '13:00-18:00']"])
def test_hours_may_be_one_span_or_several(tmp_path: Path, hours: str) -> None:
    text = f"calendars: [{{name: x, hours: {hours}}}]"
    assert is_read(tmp_path / "hours.yaml", "calendars", text)
    assert is_valid("calendars", text)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_key_has_a_title_and_a_description_for_editors(kind: str) -> None:
    schema = json_schema(DOCUMENTS[kind])
    for model in (schema, *schema["$defs"].values()):
        assert model["description"] and model["title"]
        for key in model["properties"].values():
            assert key["description"] and key["title"]


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_page_says_of_every_key_what_the_model_says(kind: str) -> None:
    page = PAGE.read_text()
    for name, model in json_schema(DOCUMENTS[kind])["$defs"].items():
        for key, about in model["properties"].items():
            default = "needed" if key in model.get("required", ()) else _written(about.get("default"))
            row = f"| `{key}` | {default} | {about['description']}{_options(about)} |"
            assert row in page, f"{name}: {row}"


def _options(about: dict[str, Any]) -> str:
    options = about.get("enum") or about.get("items", {}).get("enum")
    return ": " + ", ".join(f"`{option}`" for option in options) if options else ""


def _written(default: object) -> str:
    if isinstance(default, list):
        return "`[" + ", ".join(str(item) for item in default) + "]`" if default else ""
    return f"`{default}`" if default else ""
