"""The key of an imported fact: the same fact has the same key on every import, whatever its content has become."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

# What a row may say of a deal and say otherwise later; each has a digest of its own, so that one change is one change.
CONTENT = ("title", "owner", "customer", "amount", "attributes")


def fact_key(source: str, what: str, **content: object) -> str:
    """`crm/outcome:won;amount=1f2e…`: what stands before the first `;` says which fact, the rest what it said."""
    digests = [f"{name}={content_digest(value)}" for name, value in content.items() if not _empty(value)]
    return ";".join([f"{source}/{what.replace(';', '_')}", *digests])


def content_digest(value: object) -> str:
    """A short digest of one value; equal values have equal digests, whatever the order of their keys."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    plain = dict(plain) if isinstance(plain, Mapping) else plain
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Imported:
    """What a source has said of one deal so far."""

    facts: frozenset[str]
    digests: frozenset[str]

    @classmethod
    def of(cls, keys: Iterable[str], source: str) -> "Imported":
        """Read the keys that came from this source."""
        facts: set[str] = set()
        digests: set[str] = set()
        for key in keys:
            if key.startswith(f"{source}/"):
                fact, *said = key.split(";")
                facts.add(fact)
                digests.update(said)
        return cls(frozenset(facts), frozenset(digests))

    def has(self, key: str) -> bool:
        """Whether this fact was imported before, with this content or another."""
        return key.split(";", 1)[0] in self.facts

    def said(self, name: str, value: object) -> bool:
        """Whether the source has said this of the deal at some time."""
        return f"{name}={content_digest(value)}" in self.digests


def _empty(value: object) -> bool:
    return value is None or value == {}
