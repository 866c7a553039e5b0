"""The key of an imported fact: the same fact has the same key on every import, whatever its content has become."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import BaseModel

_ORDER, _FILE, _EXPORTED = "order=", "of=", "exported="
_TEXT = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str)
_PLACES = ("stage", "outcome", "back", "reopen")
# Behind what a fact is called stands what tells it from others of the name.
_BEHIND_THE_NAME = re.compile(r"[@#\[]")


class Export(NamedTuple):
    """The export that a plan is of: the file that holds its deals, when it was taken, and the kinds of facts that it tells of.

    Without a file it stands for all of its source.
    """

    file: str = ""
    at: datetime | None = None
    speaks: frozenset[str] = frozenset(("stage", "outcome"))


ANY_EXPORT = Export()


class Place(NamedTuple):
    """Where a source says that a deal stands; None for a stage of which it says nothing, and for an outcome that is open."""

    stage: str | None = None
    outcome: str | None = None

    def after(self, what: str, name: str) -> "Place":
        """The place once this is said too."""
        match what:
            case "stage":
                return Place(name, self.outcome)
            case "outcome":
                return Place(self.stage, None if name == "open" else name)
            case "back" | "reopen":
                return Place(name, None)
        return self


def fact_key(source: str, what: str, **content: object) -> str:
    """`crm/outcome:won;amount=1f2e…`: what stands before the first `;` says which fact, the rest what it said."""
    digests = [
        f"{name}={content_digest(value)}" for name, value in content.items() if value is not None and value != {}
    ]
    return ";".join([f"{source}/{what.replace(';', '_')}", *digests])


def fact_of(key: str) -> str:
    """Which fact a key is about."""
    return key.split(";", 1)[0]


def name_of(key: str, source: str) -> tuple[str, str]:
    """What kind of fact a key is about, and the name in it: a stage, an outcome."""
    what, _, name = fact_of(key).removeprefix(f"{source}/").partition(":")
    return what, _BEHIND_THE_NAME.split(name, maxsplit=1)[0]


def ordered_key(key: str, order: int, export: Export) -> str:
    """The key with its place among what this source has said, and the export that says it: the last is what it says now."""
    parts = [key, f"{_ORDER}{order}"]
    parts += [f"{_FILE}{export.file.replace(';', '_')}"] if export.file else []
    parts += [f"{_EXPORTED}{export.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"] if export.at else []
    return ";".join(parts)


def content_digest(value: object) -> str:
    """A short digest of one value; equal values have equal digests, whatever the order of their keys."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    plain = dict(plain) if isinstance(plain, Mapping) else plain
    return hashlib.blake2b(_TEXT.encode(plain).encode("utf-8", "replace"), digest_size=6).hexdigest()


class _Statement(NamedTuple):
    """One key in its order; `file` is empty where any export may have said it."""

    order: int
    fact: str
    what: str
    name: str
    file: str
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """What a source has said of one deal so far, in order. `exported_at` is its latest export that said something."""

    facts: frozenset[str]
    digests: frozenset[str]
    last_order: int
    exported_at: datetime | None = None
    is_in_order: bool = True  # none of a time when owners and amounts had no order
    _statements: tuple[_Statement, ...] = ()
    _last: Mapping[tuple[str, str], str] = field(default_factory=dict)  # by fact and name

    @classmethod
    def of(cls, keys: Iterable[str], source: str) -> "Imported":
        """Read the keys that came from this source."""
        facts: set[str] = set()
        digests: set[str] = set()
        statements: list[_Statement] = []
        exported: list[datetime] = []
        is_in_order = True
        for key in keys:
            if not key.startswith(f"{source}/"):
                continue
            fact, *parts = key.split(";")
            facts.add(fact)
            order, file, said = 0, "", dict[str, str]()
            for part in parts:
                if part.startswith(_ORDER):
                    order = int(part.removeprefix(_ORDER))
                elif part.startswith(_FILE):
                    file = part.removeprefix(_FILE)
                elif part.startswith(_EXPORTED):
                    exported.append(datetime.fromisoformat(part.removeprefix(_EXPORTED)))
                else:
                    digests.add(part)
                    name, _, digest = part.partition("=")
                    said[name] = digest
            what, name = name_of(fact, source)
            is_in_order = is_in_order and (order > 0 or what not in ("amend", "owner", "amount"))
            statements.append(_Statement(order, fact, what, name, file, said))
        statements.sort(key=lambda one: (one.order, one.what != "open"))
        return cls(
            frozenset(facts),
            frozenset(digests),
            max((one.order for one in statements), default=0),
            max(exported, default=None),
            is_in_order,
            tuple(statements),
            {(one.fact, name): digest for one in statements for name, digest in one.said.items()},
        )

    def has(self, key: str) -> bool:
        """Whether this fact was imported before, with this content or another."""
        return fact_of(key) in self.facts

    def said(self, name: str, value: object) -> bool:
        """Whether the source has said this of the deal at some time."""
        return f"{name}={content_digest(value)}" in self.digests

    def last_place(self, file: str) -> Place:
        """Where this file has last said that the deal stands; where it never spoke, the source."""
        place = Place()
        for one in self._of(file):
            if one.order and one.what in _PLACES:
                place = place.after(one.what, one.name)
        return place

    def last_said(self, name: str, file: str) -> str | None:
        """The digest of the last value that was said in the same way."""
        values = [one.said[name] for one in self._of(file) if name in one.said]
        return values[-1] if values else None

    def _of(self, file: str) -> Iterable[_Statement]:
        if not file or all(one.file != file for one in self._statements):
            return self._statements
        return (one for one in self._statements if one.file in ("", file))

    def last_of(self, fact: str, name: str) -> str | None:
        """The digest of the last value that was said so of one fact."""
        return self._last.get((fact, name))

    def is_dated_otherwise(self, key: str) -> bool:
        """Whether this fact has another date than the source said last."""
        fact, *said = key.split(";")
        last = self.last_of(fact, "dated")
        return last is not None and any(part.startswith("dated=") and part != f"dated={last}" for part in said)

    def dated_otherwise(self, key: str) -> bool:
        """Whether this fact was imported before with another date, which stays: a fact does not happen twice."""
        fact, *said = key.split(";")
        return fact in self.facts and any(part.startswith("dated=") and part not in self.digests for part in said)
