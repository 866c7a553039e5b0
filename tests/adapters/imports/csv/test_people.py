"""People of an import: sellers with their managers, added to what stands in people.yaml."""

from pathlib import Path

import pytest

from dealflow.adapters.imports.csv.files import CsvFiles, open_csv
from dealflow.adapters.imports.csv.people import add_people, people_of
from dealflow.adapters.imports.mapping.file import ImportInvalid, read_mapping
from dealflow.adapters.people.reader import PeopleFileError, load_people
from dealflow.domain.people.organisation import Person
from tests.support.files.import_files import MAVEN, SMALL, lookup, small_files

HAND = """\
people:
  # a hand-made entry with more than the table knows
  - {id: Dustin Brinkmann, name: Dustin B., role: director, users: [dustin], manager: Ada}
  - {id: Ada, name: Ada, role: director}
"""


def maven() -> CsvFiles:
    return open_csv([MAVEN], read_mapping(MAVEN / "mapping.yaml", lookup()))


def teams(tmp_path: Path, rows: str) -> CsvFiles:
    (tmp_path / "teams.csv").write_text("who,boss,place\n" + rows, encoding="utf-8")
    tables = "products: products.csv, teams: teams.csv}"
    people = "people: {table: teams, person: who, manager: boss, region: place, manager_role: director}\n"
    return small_files(tmp_path, mapping=SMALL.replace("products: products.csv}", tables) + people)


def test_managers_hold_the_directors_place_with_their_region() -> None:
    organisation, rejects, _ = people_of(maven())
    assert not rejects
    assert len(organisation.people) == 41
    assert organisation.people["Moses Frase"] == Person(
        id="Moses Frase", name="Moses Frase", manager="Dustin Brinkmann", region="Central"
    )
    assert organisation.people["Summer Sewald"] == Person(
        id="Summer Sewald", name="Summer Sewald", role="director", region="West"
    )
    director = organisation.director_of("Moses Frase")
    assert director is not None and director.id == "Dustin Brinkmann"


def test_hand_made_entries_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(HAND, encoding="utf-8")
    merged = add_people(path, people_of(maven())[0])
    assert len(merged.added) == 40
    assert [str(conflict) for conflict in merged.conflicts] == [
        "Dustin Brinkmann: name stays 'Dustin B.', the import has 'Dustin Brinkmann'",
        "Dustin Brinkmann: region stays 'None', the import has 'Central'",
    ]
    assert path.read_text(encoding="utf-8").startswith(HAND)
    assert len(load_people(path).people) == 42


def test_again_the_file_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    add_people(path, people_of(maven())[0])
    before = path.stat().st_mtime_ns
    assert add_people(path, people_of(maven())[0]).added == ()
    assert path.stat().st_mtime_ns == before


def test_whoever_makes_the_file_is_not_locked_out_by_it(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    assert len(add_people(path, people_of(maven())[0], importer="root").added) == 42
    assert load_people(path).people["root"] == Person(id="root", name="root", role="operations", users=("root",))
    assert add_people(path, people_of(maven())[0], importer="eve").added == ()


def test_a_dry_run_writes_no_file(tmp_path: Path) -> None:
    assert len(add_people(tmp_path / "people.yaml", people_of(maven())[0], write=False).organisation.people) == 41
    assert not (tmp_path / "people.yaml").exists()


def test_a_broken_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text("people: [", encoding="utf-8")
    with pytest.raises(PeopleFileError):
        add_people(path, people_of(maven())[0])
    assert path.read_text(encoding="utf-8") == "people: ["


def test_rows_that_name_nobody_are_rejected(tmp_path: Path) -> None:
    organisation, rejects, _ = people_of(
        teams(tmp_path, "Anna,Zoe,East\n,Zoe,East\nBo/b,Zoe,East\nAnna,Zoe,West\nCy,Cy,West\nDi,Zoe,West\n")
    )
    assert sorted(organisation.people) == ["Anna", "Di", "Zoe"]
    assert organisation.people["Zoe"].region is None
    assert [(r.row, r.field, r.reason) for r in rejects] == [
        (3, "who", "not a person's id: up to 80 characters, without /"),
        (4, "who", "not a person's id: up to 80 characters, without /"),
        (5, "who", "the person stands in an earlier row already"),
        (6, "boss", "nobody is their own manager"),
    ]


def test_a_mapping_without_people_says_what_to_add(tmp_path: Path) -> None:
    with pytest.raises(ImportInvalid, match="add people:"):
        people_of(small_files(tmp_path))
