"""The file `people.yaml`: who owns, who directs, how each is reached; every fault is named with its place."""

import io
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from dealflow.adapters.files.located_yaml import LocatedProblem, Problems, Tree, YamlScalar, read_tree, tree_of
from dealflow.adapters.files.values import Values
from dealflow.domain.people.organisation import Channel, Organisation, Person
from dealflow.observability.logs import Log, emit

_KEYS = ("id", "name", "role", "manager", "region", "language", "users", "acts_for", "channels")
_ROLES = ("seller", "manager", "director", "operations", "auditor")
_LANGUAGES = ("en", "zh")
_ID = re.compile(r"^[^\s/\x00-\x1f][^/\x00-\x1f]{0,79}$")
_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*:")
# The reader is the templates' own; these faults of a whole file need other advice here.
_ADVICE = {"empty": "it begins with people:", "too-large": None, "documents": "one list of people per file"}


class PeopleFileError(ValueError):
    """A `people.yaml` that cannot be used; carries every problem found."""

    def __init__(self, problems: Iterable[LocatedProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PersonConflict(NamedTuple):
    """An entry that an import would have changed: what stands in the file stays."""

    person: str
    field: str
    kept: str
    offered: str

    def __str__(self) -> str:
        return f"{self.person}: {self.field} stays '{self.kept}', the import has '{self.offered}'"


class Merged(NamedTuple):
    """An organisation with new people added, whom it gained, and what was left as it stood."""

    organisation: Organisation
    added: tuple[str, ...]
    conflicts: tuple[PersonConflict, ...]


def load_people(path: Path) -> Organisation:
    """Everyone in the file; nobody, and `declared` false, when there is no file. PeopleFileError with every problem."""
    if not path.exists():
        return Organisation(people={}, declared=False)
    tree, problems = read_tree(path)
    if tree is None:
        raise PeopleFileError(
            problem.model_copy(update={"right": _ADVICE.get(problem.rule, problem.right)}) for problem in problems.found
        )
    people = _Reader(problems).people(tree)
    if problems.failed:
        raise PeopleFileError(sorted(problems.found, key=lambda problem: (problem.line, problem.column)))
    return Organisation(people=people)


def merge_people(existing: Organisation, new: Organisation) -> Merged:
    """Add the people that are not there yet; a person's own entries are never overwritten, differences are reported."""
    people = dict(existing.people)
    users = dict(existing.by_user)
    added: list[str] = []
    conflicts: list[PersonConflict] = []
    for person in new.people.values():
        present = existing.people.get(person.id)
        if present is not None:
            conflicts += _differences(present, person)
            continue
        taken = [user for user in person.users if user in users]
        conflicts += [PersonConflict(person.id, f"user {user}", users[user], person.id) for user in taken]
        people[person.id] = person.model_copy(
            update={"users": tuple(user for user in person.users if user not in taken)}
        )
        users.update(dict.fromkeys(people[person.id].users, person.id))
        added.append(person.id)
    return Merged(Organisation(people=people), tuple(added), tuple(conflicts))


def write_people(path: Path, organisation: Organisation) -> None:
    """Write the organisation; people who did not change keep their lines and comments.

    PeopleFileError when the file there is broken (it is left as it is) or the organisation names who is not in it.
    """
    text = _written(path, load_people(path).people, organisation)
    tree, problems = tree_of(text.encode(), str(path))
    people = _Reader(problems).people(tree) if tree is not None else {}
    if problems.failed:
        raise PeopleFileError(problems.found)
    if people != organisation.people:
        # Something in the old lines did not survive being read and written; then exactness goes before comments.
        text = _written(path, {}, organisation)
    write_atomically(path, text)


def write_atomically(path: Path, text: str) -> None:
    """Put the text under this name in one step: whoever reads sees the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".draft")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            Path(draft).chmod(path.stat().st_mode)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


class PeopleFile:
    """The organisation as the file has it now: read again when the file changes, without a restart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.error: PeopleFileError | None = None
        self._good: Organisation | None = None
        self._read: tuple[int, int, int] | None = None
        self._lock = Lock()

    def current(self) -> Organisation:
        """The last good organisation; PeopleFileError only if there has not been any since the start."""
        with self._lock:
            mark = self._mark()
            if self._good is None or mark != self._read:
                self._reload(mark)
            if self._good is None:
                assert self.error is not None
                raise self.error
            return self._good

    def _mark(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _reload(self, mark: tuple[int, int, int] | None) -> None:
        self._read = mark
        if mark is None and self._good is not None and self._good.declared:
            # Without a file everybody works on every deal, so a file that vanishes must not open that door.
            problem = LocatedProblem(file=str(self.path), line=1, column=1, rule="gone", message="the file is gone")
            self.error = PeopleFileError([problem])
            return
        known = self._good is not None
        try:
            self._good, self.error = load_people(self.path), None
        except PeopleFileError as error:
            self.error = error
            if known:
                emit(Log.PEOPLE_BROKEN, "error", file=str(self.path), problems=[str(each) for each in error.problems])
        else:
            if known:
                emit(Log.PEOPLE_RELOADED, file=str(self.path), people=len(self._good.people))


def _differences(present: Person, offered: Person) -> list[PersonConflict]:
    return [
        PersonConflict(present.id, field, str(kept), str(other))
        for field in ("name", "role", "manager", "region")
        if (other := getattr(offered, field)) is not None and (kept := getattr(present, field)) != other
    ]


def _written(path: Path, before: dict[str, Person], organisation: Organisation) -> str:
    yaml = YAML()
    yaml.width = 4_096
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(path.read_text(encoding="utf-8-sig")) if before else CommentedMap(people=CommentedSeq())
    listed = document["people"]
    # From the end, so that a removal moves no entry that is still to be looked at; comments hang on the positions.
    for index, person_id in reversed(list(enumerate(before))):
        person = organisation.people.get(person_id)
        if person is None:
            del listed[index]
        elif person != before[person_id]:
            listed[index] = _entry(person)
    listed.extend(_entry(person) for person in organisation.people.values() if person.id not in before)
    text = io.StringIO()
    yaml.dump(document, text)
    return text.getvalue()


def _entry(person: Person) -> CommentedMap:
    defaults = Person(id=person.id, name=person.name)
    entry = CommentedMap(id=person.id, name=person.name, role=person.role)
    for key in ("manager", "region", "language", "users", "acts_for"):
        if (value := getattr(person, key)) != getattr(defaults, key):
            entry[key] = _inline(value) if isinstance(value, tuple) else value
    if person.channels:
        entry["channels"] = _inline(CommentedMap(id=channel.id, url=channel.url) for channel in person.channels)
    return entry


def _inline(items: Iterable[Any]) -> CommentedSeq:
    sequence = CommentedSeq(items)
    sequence.fa.set_flow_style()
    return sequence


class _Reader(Values):
    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self.found: dict[str, Person] = {}
        self.lines: dict[str, int] = {}
        self.users: dict[str, str] = {}
        self.managers: dict[str, Tree] = {}
        self.acting: list[tuple[str, Tree]] = []

    def people(self, tree: Tree) -> dict[str, Person]:
        entries = self.mapping(tree, "the people file", ("people",))
        listed = self.required(entries, "people", tree, "the people file")
        for item in self.items(listed, "'people'"):
            self.person(item)
        self._check_names()
        self._check_loops()
        return self.found

    def person(self, tree: Tree) -> None:
        entries = self.mapping(tree, "a person", _KEYS)
        place = self.required(entries, "id", tree, "a person")
        person_id = self._id(place)
        what = f"'{person_id[:60]}'"
        values: dict[str, Any] = {
            "id": person_id,
            "name": self.word(entries.get("name"), f"the name of {what}") or person_id,
            "role": self.choice(entries.get("role"), f"the role of {what}", _ROLES, "seller"),
            "language": self.choice(entries.get("language"), f"the language of {what}", _LANGUAGES, "en"),
            "users": self._users(entries.get("users"), person_id, what),
            "channels": self._channels(entries.get("channels"), what),
        }
        for key in ("manager", "region"):
            value = entries.get(key)
            if value is not None and not (isinstance(value, YamlScalar) and value.is_null):
                values[key] = self.word(value, f"the {key} of {what}") or None
        acts_for = self.items(entries.get("acts_for"), f"'acts_for' of {what}")
        values["acts_for"] = tuple(self.word(item, f"'acts_for' of {what}") for item in acts_for)
        if not _ID.match(person_id):
            return
        if person_id in self.found:
            wrong = f"the id {what} stands in line {self.lines[person_id]} already"
            self.problems.add(place or tree, "duplicate-id", wrong, "give each person one entry")
            return
        self.lines[person_id] = (place or tree).line
        self.acting += [(what, item) for item in acts_for]
        if values.get("manager"):
            self.managers[person_id] = entries["manager"]
        # Not validated: names that do not exist are all reported together, after everyone has been read.
        self.found[person_id] = Person.model_construct(**values)

    def _id(self, tree: Tree | None) -> str:
        word = self.word(tree, "a person's id")
        if tree is not None and word and not _ID.match(word):
            self.problems.add(tree, "id", f"'{word[:60]}' is not an id", "up to 80 characters on one line, without /")
        return word

    def _users(self, tree: Tree | None, person_id: str, what: str) -> tuple[str, ...]:
        users = []
        for item in self.items(tree, f"the users of {what}"):
            user = self.word(item, f"a user of {what}")
            if user and self.users.setdefault(user, person_id) != person_id:
                wrong = f"the user '{user[:60]}' of {what} is '{self.users[user][:60]}' already"
                self.problems.add(item, "duplicate-user", wrong, "a user of the system is one person")
            elif user:
                users.append(user)
        return tuple(dict.fromkeys(users))

    def _channels(self, tree: Tree | None, what: str) -> tuple[Channel, ...]:
        channels: list[Channel] = []
        for item in self.items(tree, f"the channels of {what}"):
            entries = self.mapping(item, f"a channel of {what}", ("id", "url"))
            place, address = (self.required(entries, key, item, f"a channel of {what}") for key in ("id", "url"))
            channel_id, url = self.word(place, "a channel's id"), self.word(address, "a channel's url")
            if channel_id and channel_id in (channel.id for channel in channels):
                wrong = f"{what} has a channel '{channel_id[:60]}' already"
                self.problems.add(place or item, "duplicate-id", wrong, "choose another id")
            if url and not _ADDRESS.match(url):
                # The address itself may hold a secret, so it is not repeated.
                wrong = f"the url of channel '{channel_id[:60]}' of {what} is not an address"
                self.problems.add(address or item, "url", wrong, "'file:' or an Apprise address such as json://host/")
            channels.append(Channel(id=channel_id, url=url))
        return tuple(channels)

    def _check_names(self) -> None:
        known = list(self.found)
        for person_id, tree in self.managers.items():
            manager = self.found[person_id].manager or ""
            if manager not in self.found:
                wrong = f"the manager '{manager[:60]}' of '{person_id[:60]}' is not in the file"
                self.problems.add(tree, "unknown-person", wrong, near=(manager, known))
        for what, tree in self.acting:
            other = tree.text if isinstance(tree, YamlScalar) else ""
            if other and other != "*" and other not in self.found:
                wrong = f"{what} acts for '{other[:60]}', who is not in the file"
                self.problems.add(tree, "unknown-person", wrong, "a person's id, or '*'", near=(other, known))

    def _check_loops(self) -> None:
        cleared: set[str] = set()
        for start in self.found:
            walk: list[str] = []
            at: str | None = start
            while at in self.found and at not in cleared and at not in walk:
                walk.append(at)
                at = self.found[at].manager
            if at in walk:
                loop = walk[walk.index(at) :]
                wrong = f"the managers go round in a circle: {'->'.join([*loop, loop[0]])}"
                self.problems.add(self.managers[loop[0]], "loop", wrong, "leave out the manager of whoever is on top")
            cleared.update(walk)
