"""The people file: every fault with its place, merging that overwrites nothing, writing that keeps what people wrote."""

from pathlib import Path

import pytest

from dealflow.adapters.files.atomic import write_atomically
from dealflow.adapters.people.file import PeopleFile
from dealflow.adapters.people.merge import merge_people
from dealflow.adapters.people.reader import PeopleFileError, load_people
from dealflow.adapters.people.write import write_people
from dealflow.domain.people.organisation import Channel, Organisation, Person

GOOD = """\
# the sales team
people:
  - {id: zhang, name: 张三, role: director, region: east, language: zh}  # the boss
  - id: anna
    name: 'Anna'
    manager: zhang
    users: [anna, root]   # two machines
    channels: [{id: file, url: 'file:'}, {id: hook, url: 'json://127.0.0.1:8123/'}]
  - {id: bo, name: Bo, manager: zhang, acts_for: [anna, '*']}
"""


def people(*listed: Person) -> Organisation:
    return Organisation(people={person.id: person for person in listed})


def refused(tmp_path: Path, text: str | bytes) -> list[str]:
    path = tmp_path / "people.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(PeopleFileError) as error:
        load_people(path)
    return [str(problem).removeprefix(str(path)) for problem in error.value.problems]


def test_a_missing_file_declares_nobody(tmp_path: Path) -> None:
    assert load_people(tmp_path / "none.yaml") == Organisation(people={}, declared=False)


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(GOOD, encoding="utf-8")
    organisation = load_people(path)
    assert organisation.by_user == {"anna": "anna", "root": "anna"}
    assert organisation.people["anna"].channels[1] == Channel(id="hook", url="json://127.0.0.1:8123/")
    assert organisation.people["zhang"] == Person(
        id="zhang", name="张三", role="director", region="east", language="zh"
    )
    assert organisation.may_act_for("bo", "zhang")


def test_all_faults_are_named_at_once_with_their_places(tmp_path: Path) -> None:
    text = """\
people:
  - {id: zhang, role: directr, language: fr}
  - {id: anna, manager: zhnag, users: [root], acts_for: [zang]}
  - {id: anna, usrs: [root]}
  - {id: cy, manager: di, users: [root], channels: [{id: a, url: nowhere}, {id: a}]}
  - {id: di, manager: ed}
  - {id: ed, manager: cy}
  - {id: a/b}
"""
    assert refused(tmp_path, text) == [
        ":2:23: error: 'role' of 'zhang' cannot be 'directr'; one of seller, manager, director, operations, auditor,"
        " integrator; did you mean 'director'? [choice]",
        ":2:42: error: 'language' of 'zhang' cannot be 'fr'; one of en, zh [choice]",
        ":3:25: error: the manager 'zhnag' of 'anna' is not in the file; did you mean 'zhang'? [unknown-person]",
        ":3:58: error: 'anna' acts for 'zang', who is not in the file; a person's id, or '*'; did you mean 'zhang'?"
        " [unknown-person]",
        ":4:10: error: the id 'anna' stands in line 3 already; give each person one entry [duplicate-id]",
        ":4:16: error: unknown key 'usrs' in 'anna'; keys: id, name, role, manager, region, language, users, acts_for,"
        " deputies, kinds, channels; did you mean 'users'? [unknown-key]",
        ":5:23: error: the managers go round in a circle: cy->di->ed->cy; leave out the manager of the person on top"
        " [loop]",
        ":5:35: error: the user 'root' of 'cy' is 'anna' already; a user of the system is one person [duplicate-user]",
        ":5:66: error: 'url' of channel 'a' of 'cy' is not an address; 'file:' or an Apprise address such as"
        " json://host/ [url]",
        ":5:76: error: channel 'a' of 'cy' has no 'url'; add url: [missing]",
        ":5:81: error: 'cy' has a channel 'a' already; choose another id [duplicate-id]",
        ":8:10: error: 'a/b' is not an id; up to 80 characters on one line, without / [id]",
    ]


def test_who_is_their_own_manager_is_a_loop(tmp_path: Path) -> None:
    assert "circle: bo->bo" in refused(tmp_path, "people: [{id: bo, manager: bo}, {id: cy, manager: bo}]")[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it begins with people:"),
        ("# nothing\n", "it begins with people:"),
        ("peple: []", "did you mean 'people'?"),
        ("people: {id: a}", "'people' of the file must be a list"),
        ("people: [anna]", "a person must be a mapping"),
        ("people:\n\t- {id: a}", "not YAML"),
        (b"people: [{id: \xff}]", "is not UTF-8"),
        ("people: [{id: !!python/object:os.system a}]", "the tag"),
        ("people: [{id: 'a\\\x1bb'}]", "not allowed"),
    ],
)
def test_a_file_that_is_no_people_file_is_refused_plainly(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert any(said in problem for problem in refused(tmp_path, content))


def test_an_import_adds_people_and_overwrites_nobody(tmp_path: Path) -> None:
    existing = people(Person(id="zhang", name="张三", role="director"), Person(id="anna", name="Anna", users=("root",)))
    new = people(
        Person(id="anna", name="Anne", manager="zhang"),
        Person(id="dora", name="Dora", manager="zhang", users=("root",)),
    )
    merged = merge_people(existing, new)
    assert merged.added == ("dora",)
    assert merged.organisation.people["anna"] == existing.people["anna"]
    assert merged.organisation.people["dora"].users == ()
    assert [str(conflict) for conflict in merged.conflicts] == [
        "anna: name stays 'Anna', the import has 'Anne'",
        "anna: manager stays 'None', the import has 'zhang'",
        "dora: user root stays 'anna', the import has 'dora'",
    ]
    assert merge_people(merged.organisation, merged.organisation) == (merged.organisation, (), ())


def test_writing_keeps_the_lines_of_people_who_did_not_change(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(GOOD, encoding="utf-8")
    before = load_people(path).people
    changed = {key: person for key, person in before.items() if key != "bo"}
    write_people(path, Organisation(people={**changed, "null": Person(id="null", name="007", manager="anna")}))
    assert path.read_text(encoding="utf-8") == (
        GOOD.partition("  - {id: bo")[0] + "  - id: 'null'\n    name: '007'\n    role: seller\n    manager: anna\n"
    )
    assert load_people(path).people["null"].name == "007"


def test_a_number_as_id_survives_writing(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text("people:\n  - {id: 007, name: 1e3, users: [010]}\n  - {id: 2026-01-01, name: yes}\n")
    organisation = merge_people(load_people(path), people(Person(id="x", name="on"))).organisation
    write_people(path, organisation)
    assert load_people(path) == organisation


def test_a_broken_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text("people: [{id: a, manager: b}]")
    with pytest.raises(PeopleFileError):
        write_people(path, people(Person(id="a", name="A")))
    assert path.read_text() == "people: [{id: a, manager: b}]"


def test_an_organisation_that_names_a_stranger_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(PeopleFileError, match="the manager 'b' of 'a' is not in the file"):
        write_people(tmp_path / "people.yaml", people(Person(id="a", name="A", manager="b")))
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_content_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \ud800")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_changed_file_is_read_again_and_a_broken_one_keeps_the_last_good(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    provider = PeopleFile(path)
    assert not provider.current().declared
    path.write_text("people: [{id: a}]")
    first = provider.current()
    assert list(first.people) == ["a"] and provider.current() is first
    path.write_text("people: [{id: a}, {id: b, manager: aa}]")
    assert provider.current() is first
    assert provider.error is not None and "did you mean 'a'?" in str(provider.error)
    path.write_text("people: [{id: a}, {id: b, manager: a}]")
    assert list(provider.current().people) == ["a", "b"] and provider.error is None
    path.unlink()
    assert list(provider.current().people) == ["a", "b"] and "the file is gone" in str(provider.error)


def test_a_file_that_was_never_good_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text("people: [{id: a, manager: b}]")
    provider = PeopleFile(path)
    for _ in range(2):
        with pytest.raises(PeopleFileError):
            provider.current()


def test_rights_without_holder_and_with_an_impossible_one_are_told_at_their_place(tmp_path: Path) -> None:
    told = refused(tmp_path, "people: [{id: anna}]\nrights: {people: [], calendars: [owner], erase: [operatons]}\n")
    roles = "one of operations, director, manager, seller"
    assert told == [
        f":2:18: error: 'people' has no holder: nobody could do it; {roles}, or leave the key out [empty]",
        f":2:34: error: an entry of 'calendars' of the rights cannot be 'owner'; {roles} [choice]",
        f":2:50: error: an entry of 'erase' of the rights cannot be 'operatons'; {roles}; did you mean 'operations'? [choice]",
    ]
