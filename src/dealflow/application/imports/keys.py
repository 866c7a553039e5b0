"""The key of an imported fact: the same fact has the same key on every import, whatever its content has become."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import NamedTuple

from pydantic import BaseModel

_ORDER, _FILE, _EXPORTED = "order=", "of=", "exported="
_TEXT = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str)
EMPTIED = "-"  # what a field is known by that the source has emptied
_PLACES = ("stage", "outcome", "back", "reopen")
# Behind what a fact is called stands what tells it from others of the name.
_BEHIND_THE_NAME = re.compile(r"[@#\[]")


class Export(NamedTuple):
    """The export that a plan is of: which one of its source, when it was taken, and the kinds of facts that it tells of.

    `file` is the name of its table in the mapping, whatever the file itself is called from day to day. It was once known by
    that file's name, which is `once`. Without a file it stands for all of its source. `takes_away` are the parts of a deal
    that an emptied cell takes away.
    """

    file: str = ""
    at: datetime | None = None
    speaks: frozenset[str] = frozenset(("stage", "outcome"))
    once: str = ""
    takes_away: frozenset[str] = frozenset()

    def read_anew(self) -> "Export":
        """The same by a mapping that has changed: evidence that it does not make of the record any more is withdrawn."""
        return self._replace(takes_away=self.takes_away | {"evidence"})


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


def is_ordered(key: str) -> bool:
    """Whether the key has its place among what the source has said."""
    return f";{_ORDER}" in key


def content_digest(value: object) -> str:
    """A short digest of one value; equal values have equal digests, whatever the order of their keys."""
    if isinstance(value, str):
        text = encode_basestring(value)  # as the encoder has it, without its way to there
    else:
        plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        text = _TEXT.encode(dict(plain) if isinstance(plain, Mapping) else plain)
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()


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
    """What a source has said of one deal so far, in order. `exported_at` is the latest of this export that said something."""

    facts: frozenset[str]
    digests: frozenset[str]
    last_order: int
    exported_at: datetime | None = None
    is_in_order: bool = True  # none of a time when owners and amounts had no order
    _statements: tuple[_Statement, ...] = ()
    _last: Mapping[tuple[str, str], list[tuple[str, str]]] = field(
        default_factory=dict
    )  # by fact and name, each with its file
    _files: Mapping[str, set[str]] = field(default_factory=dict)  # that have said a fact

    @classmethod
    @lru_cache(maxsize=8)  # the same deal's are asked for several times in a row
    def of(cls, keys: frozenset[str], source: str, export: Export = ANY_EXPORT) -> "Imported":
        """Read the keys that came from this source; what was said once by the file's name is of this export."""
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
            order, file, said, at = 0, "", dict[str, str](), None
            for part in parts:
                if part.startswith(_ORDER):
                    order = int(part.removeprefix(_ORDER))
                elif part.startswith(_FILE):
                    said_by = part.removeprefix(_FILE)
                    file = export.file if export.once and said_by == export.once else said_by
                elif part.startswith(_EXPORTED):
                    at = datetime.fromisoformat(part.removeprefix(_EXPORTED))
                else:
                    digests.add(part)
                    name, _, digest = part.partition("=")
                    said[name] = digest
            if at is not None and file in ("", export.file):
                exported.append(at)
            what, name = name_of(fact, source)
            is_in_order = is_in_order and (order > 0 or what not in ("amend", "owner", "amount"))
            statements.append(_Statement(order, fact, what, name, file, said))
        statements.sort(key=lambda one: (one.order, one.what != "open"))
        last: dict[tuple[str, str], list[tuple[str, str]]] = {}
        files: dict[str, set[str]] = {}
        for one in statements:
            files.setdefault(one.fact, set()).add(one.file)
            for name, digest in one.said.items():
                last.setdefault((one.fact, name), []).append((one.file, digest))
        return cls(
            frozenset(facts),
            frozenset(digests),
            max((one.order for one in statements), default=0),
            max(exported, default=None),
            is_in_order,
            tuple(statements),
            last,
            files,
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

    def says(self, fact: str, file: str) -> bool:
        """Whether this file, or one that is not known any more, has said this fact."""
        return any(said_by in ("", file) for said_by in self._files.get(fact, ()))

    def said_by(self, what: str, source: str, file: str) -> Iterator[str]:
        """The names of all facts of this kind that this file has said."""
        before = f"{source}/{what}:"
        return (fact.removeprefix(before) for fact in self._files if fact.startswith(before) and self.says(fact, file))

    def times(self, fact: str) -> int:
        """How often this was said."""
        return sum(one.fact == fact for one in self._statements)

    def last_of(self, fact: str, name: str, file: str) -> str | None:
        """The digest of the last value that this file has said so of one fact."""
        values = [digest for said_by, digest in self._last.get((fact, name), ()) if not file or said_by in ("", file)]
        return values[-1] if values else None

    def is_dated_otherwise(self, key: str, file: str) -> bool:
        """Whether this fact has another date than this file said last, or its date is read otherwise."""
        fact, *said = key.split(";")
        dated = [part for part in said if part.startswith(("dated=", "read="))]
        known = ((part, self.last_of(fact, part.partition("=")[0], file)) for part in dated)
        return any(last is not None and part.partition("=")[2] != last for part, last in known)
