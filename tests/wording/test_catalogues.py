"""The catalogues are whole: every message of the source has its translation, and nothing else stands there."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Message
from tools.messages import ROOT, SOURCES, catalogue_of, extracted, file_of, languages, told_in, updated, written

# Not when the file is read: each worker reads it, and one looks.
messages = cache(extracted)
_PLACES = re.compile(r"\{(\w+)|\$(\w+)|\$\{(\w+)\}", re.ASCII)


def entries(language: str) -> Iterator[Message]:
    return (message for message in catalogue_of(language) if message.id)


def places(text: str) -> set[str]:
    return {first or second or third for first, second, third in _PLACES.findall(text)}


def test_chinese_has_a_catalogue() -> None:
    assert "zh" in languages()
    assert len(messages()) > 100


@pytest.mark.parametrize("language", languages())
def test_a_catalogue_holds_exactly_what_the_source_says(language: str) -> None:
    old = catalogue_of(language)
    assert file_of(language).read_text(encoding="utf-8") == written(updated(old, messages())), "run `make messages`"


@pytest.mark.parametrize("language", languages())
def test_every_message_is_translated(language: str) -> None:
    untranslated = [message.id for message in entries(language) if message.fuzzy or not all(told_in(message))]
    assert untranslated == []


@pytest.mark.parametrize("language", languages())
def test_a_message_with_a_count_has_every_form_of_the_language(language: str) -> None:
    forms = catalogue_of(language).num_plurals
    assert [m.id for m in entries(language) if m.pluralizable and len(told_in(m)) != forms] == []


@pytest.mark.parametrize("language", languages())
def test_a_translation_has_the_same_places_as_its_message(language: str) -> None:
    differing = [
        message.id
        for message in entries(language)
        for told in told_in(message)
        if places(told) != places(message.id if isinstance(message.id, str) else message.id[1])
    ]
    assert differing == []


# Chinese that people do not read as the program's words, and why it stands in the source.
_CHINESE_OF_ITS_OWN = {
    "src/dealflow/adapters/imports/look/roles.py": "columns of Chinese files are found by their names",
    "src/dealflow/adapters/imports/csv/table.py": "a row of totals is named in Chinese",
    "src/dealflow/cli/parser/help.py": "lines of help are broken at the punctuation of both languages",
    "src/dealflow/demo/cast.py": "the demo's customers have Chinese names",
    "src/dealflow/demo/templates.py": "the demo's template has titles in both languages",
    "src/dealflow/demo/walk.py": "the demo's evidence is what a Chinese seller writes",
    "src/dealflow/domain/process/field_texts.py": "a telephone number may name its extension in Chinese",
    "src/dealflow/domain/values/column/empty_words.py": "an empty cell is named in Chinese",
    "src/dealflow/domain/values/column/known.py": "days are written in Chinese",
    "src/dealflow/domain/values/column/names.py": "weekdays are written in Chinese",
    "src/dealflow/domain/values/column/yes_words.py": "yes and no are written in Chinese",
    "src/dealflow/domain/values/written/currency_words.py": "currencies have Chinese names",
    "src/dealflow/domain/values/written/day.py": "days are written in Chinese",
    "src/dealflow/domain/values/written/instant.py": "hours are written in Chinese",
    "src/dealflow/domain/values/written/multiples.py": "numbers are written in Chinese",
    "src/dealflow/wording/catalogue.py": "the comma of a Chinese list",
}


def test_chinese_words_stand_in_the_catalogue_and_not_in_the_source() -> None:
    holding = {
        path.relative_to(ROOT).as_posix()
        for folder in SOURCES
        for path in folder.rglob("*.py")
        if re.search(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", path.read_text(encoding="utf-8"))
    }
    assert holding == set(_CHINESE_OF_ITS_OWN)


@pytest.mark.parametrize("language", languages())
def test_a_translation_shows_the_same_commands_as_its_message(language: str) -> None:
    differing = [
        message.id
        for message in entries(language)
        for told in told_in(message)
        if commands(told) != commands(message.id if isinstance(message.id, str) else message.id[1])
    ]
    assert differing == []


def commands(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))
