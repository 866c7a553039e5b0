"""Ids and names of people.yaml: kept in one form, told line by line, and two that are one by it are refused."""

from pathlib import Path

import pytest

from dealflow.adapters.people.reader import PeopleFileError, load_people, people_respelled
from dealflow.adapters.people.write import write_people
from tests.support.unseen import BLANKS, INVISIBLE, UNSEEN

ODD = [char for char in (*INVISIBLE, *BLANKS) if char not in "\t \u2028\u2029"]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "people.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("char", ODD)
def test_ids_names_managers_and_users_are_kept_in_form(tmp_path: Path, char: str) -> None:
    text = f"""\
people:
  - {{id: "{char}Bo Chen", name: "Bo Chen{char}", role: director}}
  - {{id: Anna Lee, manager: "Bo Chen{char}", users: ["{char}anna"], acts_for: ["{char}Bo Chen"]}}
"""
    path = written(tmp_path, text)
    organisation = load_people(path)
    assert organisation.people["Bo Chen"].name == "Bo Chen"
    anna = organisation.people["Anna Lee"]
    assert (anna.manager, anna.users, anna.acts_for) == ("Bo Chen", ("anna",), ("Bo Chen",))
    told = people_respelled(path)
    assert [str(line).partition(":")[0] for line in told] == ["line 2"] * 2 + ["line 3"] * 3
    assert all(f"U+{ord(char):04X}" in line for line in told)


def test_doubled_blanks_and_marks_that_stand_apart_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, "people:\n  - {id: 'Anna  Lee', name: 'Jose\u0301'}\n")
    assert load_people(path).people["Anna Lee"].name == "Jos\u00e9"
    assert [str(line) for line in people_respelled(path)] == [
        "line 2: person: 'Anna \\x20Lee' is taken as 'Anna Lee'; taken out or written otherwise: U+0020 SPACE",
        "line 2: name: 'Jose\u0301' is taken as 'Jos\u00e9'; taken out or written otherwise: "
        "U+0065 LATIN SMALL LETTER E, U+0301 COMBINING ACUTE ACCENT",
    ]


@pytest.mark.parametrize("other", ["Anna\u00a0Lee", "Anna  Lee", "Anna\u200b Lee", " Anna Lee", "An\u00adna Lee"])
def test_two_people_who_are_one_by_their_form_are_refused_with_both_places(tmp_path: Path, other: str) -> None:
    path = written(tmp_path, f"people:\n  - {{id: Anna Lee}}\n  - {{id: '{other}'}}\n")
    with pytest.raises(PeopleFileError) as refused:
        load_people(path)
    (problem,) = refused.value.problems
    assert (problem.rule, problem.line) == ("duplicate-id", 3)
    assert "is that of line 2: only blanks or what nobody sees differ" in problem.message


def test_two_users_who_are_one_by_their_form_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "people:\n  - {id: a, users: [root]}\n  - {id: b, users: ['root\u200b']}\n")
    with pytest.raises(PeopleFileError) as refused:
        load_people(path)
    assert [problem.rule for problem in refused.value.problems] == ["duplicate-user"]


@pytest.mark.parametrize("nothing", [char for char in UNSEEN if char not in "\t\u2028\u2029"])
@pytest.mark.parametrize("key", ["id", "name"])
def test_an_id_or_a_name_of_nothing_is_no_text(tmp_path: Path, key: str, nothing: str) -> None:
    other = "" if key == "id" else "id: a, "
    path = written(tmp_path, f'people:\n  - {{{other}{key}: "{nothing}{nothing}"}}\n')
    with pytest.raises(PeopleFileError) as refused:
        load_people(path)
    assert "type" in [problem.rule for problem in refused.value.problems]


def test_a_file_in_form_is_told_nothing_of(tmp_path: Path) -> None:
    assert people_respelled(written(tmp_path, "people:\n  - {id: anna, name: 李 安娜, users: [root]}\n")) == []
    assert people_respelled(tmp_path / "none.yaml") == []


def test_a_line_in_another_spelling_stays_as_it_was_written(tmp_path: Path) -> None:
    path = written(tmp_path, "people:\n  - {id: 'Anna  Lee', name: Anna}  # hers\n")
    write_people(path, load_people(path))
    assert path.read_text(encoding="utf-8") == "people:\n  - {id: 'Anna  Lee', name: Anna}  # hers\n"


def test_a_file_that_a_setting_names_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(PeopleFileError) as refused:
        load_people(tmp_path / "people.yaml", is_named=True)
    assert [problem.rule for problem in refused.value.problems] == ["unreadable"]
