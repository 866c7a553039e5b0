"""`people.yaml` read whole: every entry against the model, then the people against one another."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from dealflow.adapters.files.file_model import MAX_SHOWN, Place, advised, place_of, plain, read_list, read_model
from dealflow.adapters.files.located_yaml import (
    LocatedProblem,
    Problems,
    Tree,
    YamlMapping,
    YamlScalar,
    YamlSequence,
    read_tree,
    tree_of,
)
from dealflow.adapters.people.model import PeopleDocument, PersonEntry, RightsEntry, SecondPersonEntry
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.people.rights import Rights
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.text.spelling import respelled


class PeopleFileError(ValueError):
    """A `people.yaml` that cannot be used; carries every problem found."""

    def __init__(self, problems: Iterable[LocatedProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def load_people(path: Path, *, is_named: bool = False) -> Organisation:
    """Everyone in the file; nobody, and `declared` false, when there is no file. PeopleFileError with every problem.

    A file that a setting names has to be there: without one everybody may work on every deal, and nobody asked for that.
    """
    if not is_named and not path.exists():
        return Organisation(people={}, declared=False)
    return _organisation(*read_tree(path))


def people_respelled(path: Path) -> list[Phrase]:
    """What stands in the file otherwise than it is kept, each with its line; nothing where there is no good file."""
    if not path.exists():
        return []
    tree, problems = read_tree(path)
    entries = read_list(PeopleDocument, PersonEntry, tree, problems) if tree is not None else []
    found = [written for place, entry in entries for written in _written(place, entry)]
    return [
        phrase("line {line}: {said}", line=tree.line, said=change.said)
        for what, tree, kept in found
        if (change := respelled(what, tree.text, kept))
    ]


def people_in(text: str, file: str) -> Organisation:
    """Everyone in the text of a file; PeopleFileError with every problem."""
    return _organisation(*tree_of(text.encode(), file))


def _organisation(tree: Tree | None, problems: Problems) -> Organisation:
    if tree is None:
        raise PeopleFileError(advised(PeopleDocument, problems))
    people = _People(problems)
    for place, entry in read_list(PeopleDocument, PersonEntry, tree, problems):
        people.add(place, entry)
    people.check_names()
    people.check_loops()
    rights = _rights(tree, problems)
    if problems.failed:
        raise PeopleFileError(sorted(problems.found, key=lambda problem: (problem.line, problem.column)))
    return Organisation(people=people.found, rights=rights)


def _rights(tree: Tree, problems: Problems) -> Rights:
    written = tree.entries.get("rights") if isinstance(tree, YamlMapping) else None
    table = read_model(RightsEntry, written[1], problems) if written is not None else None
    rights = table.rights() if table is not None else Rights()
    asked = tree.entries.get("second_person") if isinstance(tree, YamlMapping) else None
    if asked is None:
        return rights
    shell = YamlMapping(tree.line, tree.column, {"second_person": asked})
    two = read_model(SecondPersonEntry, shell, problems)
    return rights.model_copy(update={"second_person": tuple(dict.fromkeys(two.second_person))}) if two else rights


class _People:
    """The people of the file, and what is wrong with them together."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.found: dict[str, Person] = {}
        self.trees: dict[str, Tree] = {}
        self.users: dict[str, str] = {}

    def add(self, tree: Tree, entry: PersonEntry) -> None:
        self._check_users(tree, entry)
        self._check_channels(tree, entry)
        self._check_kinds(tree, entry)
        if entry.id in self.found:
            first, here = place_of(self.trees[entry.id], ("id",)), place_of(tree, ("id",))
            said = {"what": _called(entry.id), "line": first.line}
            wrong = (
                phrase("the id {what} stands in line {line} already", **said)
                if plain(first) == plain(here)
                else phrase("the id {what} is that of line {line}: only blanks or what nobody sees differ", **said)
            )
            self.problems.add(place_of(tree, ("id",)), "duplicate-id", wrong, phrase("give each person one entry"))
            return
        self.trees[entry.id] = tree
        person = entry.person()
        self.found[entry.id] = person.model_copy(update={"users": tuple(dict.fromkeys(person.users))})

    def check_names(self) -> None:
        """Every manager, and everyone in whose name someone acts, is in the file."""
        for person in self.found.values():
            if person.manager is not None and person.manager not in self.found:
                wrong = phrase(
                    "the manager '{manager}' of {what} is not in the file",
                    manager=person.manager[:MAX_SHOWN],
                    what=_called(person.id),
                )
                place = place_of(self.trees[person.id], ("manager",))
                self.problems.add(place, "unknown-person", wrong, near=(person.manager, self.found))
            for index, deputy in enumerate(person.deputies):
                if deputy.id not in self.found:
                    wrong = phrase(
                        "the deputy '{deputy}' of {what} is not in the file",
                        deputy=deputy.id[:MAX_SHOWN],
                        what=_called(person.id),
                    )
                    place = place_of(self.trees[person.id], ("deputies", index, "id"))
                    self.problems.add(place, "unknown-person", wrong, near=(deputy.id, self.found))
            for index, other in enumerate(person.acts_for):
                if other != "*" and other not in self.found:
                    wrong = phrase(
                        "{what} acts for '{other}', who is not in the file",
                        what=_called(person.id),
                        other=other[:MAX_SHOWN],
                    )
                    place = place_of(self.trees[person.id], ("acts_for", index))
                    right = phrase("a person's id, or '*'")
                    self.problems.add(place, "unknown-person", wrong, right, near=(other, self.found))

    def check_loops(self) -> None:
        """Going up from manager to manager ends."""
        cleared: set[str] = set()
        for start in self.found:
            walk: dict[str, None] = {}
            at: str | None = start
            while at is not None and at in self.found and at not in cleared and at not in walk:
                walk[at] = None
                at = self.found[at].manager
            if at is not None and at in walk:
                loop = [*walk][[*walk].index(at) :]
                wrong = phrase("the managers go round in a circle: {loop}", loop="->".join([*loop, loop[0]]))
                place = place_of(self.trees[loop[0]], ("manager",))
                self.problems.add(place, "loop", wrong, phrase("leave out the manager of the person on top"))
            cleared.update(walk)

    def _check_users(self, tree: Tree, entry: PersonEntry) -> None:
        for index, user in enumerate(entry.users):
            if self.users.setdefault(user, entry.id) != entry.id:
                wrong = phrase(
                    "the user '{user}' of {what} is {other} already",
                    user=user[:MAX_SHOWN],
                    what=_called(entry.id),
                    other=_called(self.users[user]),
                )
                place = place_of(tree, ("users", index))
                self.problems.add(place, "duplicate-user", wrong, phrase("a user of the system is one person"))

    def _check_kinds(self, tree: Tree, entry: PersonEntry) -> None:
        if bool(entry.kinds) == (entry.role == "integrator"):
            return
        wrong = (
            phrase("{what} is no integrator, so kinds say nothing", what=_called(entry.id))
            if entry.kinds
            else phrase("the integrator {what} has no kinds, and so records nothing", what=_called(entry.id))
        )
        self.problems.add(place_of(tree, ("kinds",)), "kinds", wrong, phrase("kinds go with role: integrator"))

    def _check_channels(self, tree: Tree, entry: PersonEntry) -> None:
        # By what is written, so that a channel with another fault counts too.
        listed = place_of(tree, ("channels",))
        taken: set[str] = set()
        for index in range(len(listed.items) if isinstance(listed, YamlSequence) else 0):
            channel = place_of(listed, (index, "id"))
            if not isinstance(channel, YamlScalar):
                continue
            if channel.text in taken:
                wrong = phrase(
                    "{what} has a channel '{channel}' already", what=_called(entry.id), channel=channel.text[:MAX_SHOWN]
                )
                self.problems.add(channel, "duplicate-id", wrong, phrase("choose another id"))
            taken.add(channel.text)


def _written(tree: Tree, entry: PersonEntry) -> Iterator[tuple[str, YamlScalar, str]]:
    """Every id and name of an entry: what it is, as it is written, and as it is kept."""
    kept: dict[Place, tuple[str, str | None]] = {
        ("id",): ("person", entry.id),
        ("name",): ("name", entry.name),
        ("manager",): ("manager", entry.manager),
    }
    kept |= {("users", index): ("user", user) for index, user in enumerate(entry.users)}
    kept |= {("acts_for", index): ("person", other) for index, other in enumerate(entry.acts_for)}
    for place, (what, value) in kept.items():
        written = place_of(tree, place)
        if value and isinstance(written, YamlScalar):
            yield what, written, value


def _called(person_id: str) -> Phrase:
    return PersonEntry.called(person_id[:MAX_SHOWN])
