"""Fold events into the state of a token. It never fails, and only copies what was decided."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from dealflow.domain.deal import events as e
from dealflow.domain.people.actor import ByToken
from dealflow.domain.people.rights import RightsAct


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token on record: whose it is, and how long it holds. `created_by_token`: the token by which it was asked for."""

    id: str
    version: int
    recorded_at: datetime
    person: str
    label: str
    digest: str
    only: tuple[RightsAct, ...]
    created_at: datetime
    created_by: str
    created_for: str | None = None
    created_by_token: str | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    reason: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether it is good for anything at this instant."""
        return self.revoked_at is None and not self.has_expired(at)

    def has_expired(self, at: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= at

    @property
    def used(self) -> ByToken:
        """It, as what its person acts by."""
        return ByToken(id=self.id, only=self.only)


def token_after(recorded: Iterable[e.Recorded], before: KnownToken | None = None) -> KnownToken | None:
    """The token after these events of its stream; None where there is none."""
    return reduce(lambda known, r: _evolve(known, r.fact, r.stamp), recorded, before)


def _evolve(known: KnownToken | None, fact: e.Fact, stamp: e.Stamp) -> KnownToken | None:
    """The token after one more event; one of an unknown kind leaves things as they are."""
    match fact:
        case e.TokenCreated() if known is None:
            return KnownToken(
                id=fact.token_id,
                version=stamp.version,
                recorded_at=stamp.recorded_at,
                person=fact.person,
                label=fact.label,
                digest=fact.digest,
                only=fact.only,
                created_at=fact.effective_at,
                created_by=stamp.actor,
                created_for=stamp.on_behalf_of,
                created_by_token=stamp.token,
                expires_at=fact.expires_at,
            )
        case e.TokenRevoked() if known:
            known = replace(known, revoked_at=fact.effective_at, revoked_by=stamp.actor, reason=fact.reason)
        case _:
            pass
    return known and replace(known, version=stamp.version, recorded_at=stamp.recorded_at)
