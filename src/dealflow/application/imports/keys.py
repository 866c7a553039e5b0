"""The key of an imported fact: the same fact has the same key on every import, whatever its content has become."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

_ORDER = "order="
_TEXT = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=str)


def fact_key(source: str, what: str, **content: object) -> str:
    """`crm/outcome:won;amount=1f2e…`: what stands before the first `;` says which fact, the rest what it said."""
    digests = [
        f"{name}={content_digest(value)}" for name, value in content.items() if value is not None and value != {}
    ]
    return ";".join([f"{source}/{what.replace(';', '_')}", *digests])


def fact_of(key: str) -> str:
    """Which fact a key is about."""
    return key.split(";", 1)[0]


def ordered_key(key: str, order: int) -> str:
    """The key of a claim with its place among the claims of this source: the last one is what the source says now."""
    return f"{key};{_ORDER}{order}"


def content_digest(value: object) -> str:
    """A short digest of one value; equal values have equal digests, whatever the order of their keys."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    plain = dict(plain) if isinstance(plain, Mapping) else plain
    return hashlib.blake2b(_TEXT.encode(plain).encode("utf-8", "replace"), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Imported:
    """What a source has said of one deal so far; `claims` are its stages and outcomes, the latest last."""

    facts: frozenset[str]
    digests: frozenset[str]
    claims: tuple[str, ...]
    last_order: int

    @classmethod
    def of(cls, keys: Iterable[str], source: str) -> "Imported":
        """Read the keys that came from this source."""
        facts: set[str] = set()
        digests: set[str] = set()
        claims: dict[int, str] = {}
        for key in keys:
            if not key.startswith(f"{source}/"):
                continue
            fact, *said = key.split(";")
            facts.add(fact)
            for part in said:
                if part.startswith(_ORDER):
                    claims[int(part.removeprefix(_ORDER))] = fact
                else:
                    digests.add(part)
        in_order = tuple(claims[order] for order in sorted(claims))
        return cls(frozenset(facts), frozenset(digests), in_order, max(claims, default=0))

    def has(self, key: str) -> bool:
        """Whether this fact was imported before, with this content or another."""
        return fact_of(key) in self.facts

    def said(self, name: str, value: object) -> bool:
        """Whether the source has said this of the deal at some time."""
        return f"{name}={content_digest(value)}" in self.digests

    def dated_otherwise(self, key: str) -> bool:
        """Whether this fact was imported before with another date, which stays: a fact does not happen twice."""
        fact, *said = key.split(";")
        return fact in self.facts and any(part.startswith("dated=") and part not in self.digests for part in said)
