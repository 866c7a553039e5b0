"""What an auditor asks about: what was done alone, past a gate, on somebody's word, or beyond recall. Read from the record."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from pydantic import AwareDatetime

from dealflow.application.log_pages import next_page
from dealflow.application.ports.store import EventStore, EventUnreadable
from dealflow.application.viewer import Viewer
from dealflow.domain.deal import events as e
from dealflow.domain.deal.brought import that_count
from dealflow.domain.deal.evolve import last_known
from dealflow.domain.deal.stream import DEAL_STREAMS, deal_of
from dealflow.domain.decide.checks import unknown
from dealflow.domain.people.answering import answering_in_store
from dealflow.domain.people.second import takes_two
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.refusal import Code

ExceptionKind = Literal[
    "alone",
    "override",
    "waiver",
    "win",
    "win_unproven",
    "win_amended",
    "claim",
    "erasure",
    "rekey",
    "one_person",
    "seal",
    "undo",
]
EXCEPTION_KINDS: tuple[ExceptionKind, ...] = get_args(ExceptionKind)
_AT_ONCE = 500


class ExceptionalAct(Frozen):
    """One act, with every kind that it is of; `about` is the stream's own id where it is no deal.

    `owner` is whose deal it was then. `at` is when it was so, `recorded_at` when it was recorded. `position` is its place in
    the log.
    """

    position: int
    kinds: tuple[ExceptionKind, ...]
    deal: str | None = None
    about: str | None = None
    owner: str | None = None
    by: str
    on_behalf_of: str | None = None
    at: AwareDatetime
    recorded_at: AwareDatetime
    reason: str = ""
    fact: str = ""


class ExceptionsFound(Frozen):
    """The acts that were asked for, in the order of their recording; `counts` by kind, of all of them, and `total`.

    `whole`: of every deal and of the store; else only of the deals that the reader sees. `unreadable` are streams of which
    something cannot be read, so that nobody knows what it says.
    """

    whole: bool
    total: int
    counts: dict[ExceptionKind, int]
    acts: tuple[ExceptionalAct, ...]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceptionQuery:
    """Which are asked for; `since` and `until` are instants of what happened, `after` is a position."""

    kinds: tuple[ExceptionKind, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    by: str | None = None
    owner: str | None = None
    as_of: datetime | None = None
    as_known_at: datetime | None = None
    after: int = 0
    limit: int | None = None

    def wants(self, act: ExceptionalAct) -> bool:
        """Whether this is one of them."""
        latest = min((each for each in (self.until, self.as_of) if each is not None), default=None)
        return (
            (not self.kinds or not {*self.kinds}.isdisjoint(act.kinds))
            and (self.since is None or act.at >= self.since)
            and (latest is None or act.at <= latest)
            and (self.as_known_at is None or act.recorded_at <= self.as_known_at)
            and self.by in (None, act.by, act.on_behalf_of)
            and self.owner in (None, act.owner)
        )


@dataclass(frozen=True, slots=True)
class FindExceptions:
    """Walks the log in pages and keeps what is asked for; of a page it reads the deals that have something in it."""

    store: EventStore
    viewer: Viewer

    def find(self, wanted: ExceptionQuery) -> ExceptionsFound:
        """All of them; CommandRefused for a person of whom nothing is on record, and who is not of the house."""
        counts: Counter[ExceptionKind] = Counter()
        acts: list[ExceptionalAct] = []
        unreadable: dict[str, None] = {}
        total = 0
        for act in self._all(unreadable):
            if not wanted.wants(act):
                continue
            total += 1
            counts.update(act.kinds)
            if act.position > wanted.after and (wanted.limit is None or len(acts) < wanted.limit):
                acts.append(act)
        people = self.viewer.organisation
        for person in (wanted.by, wanted.owner):
            if not total and people.declared and person is not None and person not in people.people:
                raise unknown(Code.UNKNOWN_PERSON, person, people.people)
        return ExceptionsFound(
            whole=self._whole,
            total=total,
            counts={kind: counts[kind] for kind in EXCEPTION_KINDS if counts[kind]},
            acts=tuple(acts),
            unreadable=tuple(unreadable) if self._whole else (),
        )

    @property
    def _whole(self) -> bool:
        person, people = self.viewer.person, self.viewer.organisation
        return person is None or not people.declared or person in answering_in_store("audit", people).people

    def _all(self, unreadable: dict[str, None]) -> Iterator[ExceptionalAct]:
        after, whole = 0, self._whole
        while page := next_page(self.store, after, _AT_ONCE):
            after = page.end
            if page.unreadable is not None:
                unreadable[page.unreadable.stream] = None
            found = [(one.position, one.recorded, kinds) for one in page.events if (kinds := self._kinds(one.recorded))]
            deals = self._deals({recorded.stream for _, recorded, _ in found}, unreadable)
            seen = set() if whole else {stream for stream, recorded in deals.items() if self._sees(recorded)}
            for position, recorded, kinds in found:
                if whole or recorded.stream in seen:
                    yield _act(position, recorded, kinds, deals.get(recorded.stream, ()))

    def _kinds(self, recorded: e.Recorded) -> tuple[ExceptionKind, ...]:
        fact = recorded.fact
        found = list(_kinds_of(fact))
        if (
            isinstance(fact, e.ProcessPublished)
            and fact.proposal is None
            and takes_two("publish", self.viewer.organisation)
        ):
            found.append("one_person")
        return tuple(found)

    def _deals(self, streams: Iterable[str], unreadable: dict[str, None]) -> dict[str, Sequence[e.Recorded]]:
        """The whole streams of these deals; one that cannot be read is named, and has none."""
        names = sorted(stream for stream in streams if stream.startswith(DEAL_STREAMS))
        try:
            return dict(self.store.load_many(names)) if names else {}
        except EventUnreadable as error:
            unreadable[error.stream] = None
            return self._deals({*names} - {error.stream}, unreadable)

    def _sees(self, recorded: Sequence[e.Recorded]) -> bool:
        deal = last_known(recorded)
        return deal is not None and self.viewer.sees(deal)


def _kinds_of(fact: e.Fact) -> Iterator[ExceptionKind]:
    if getattr(fact, "alone", False):
        yield "alone"
    match fact:
        case e.GateMet(how="override"):
            yield "override"
        case e.NodeWaived():
            yield "waiver"
        case e.DealWon():
            if fact.basis == "person":
                yield "win"
            if fact.unproven:
                yield "win_unproven"
            if fact.basis == "claimed":
                yield "claim"
        case e.DealLost(basis="claimed") | e.DealCancelled(basis="claimed"):
            yield "claim"
        case e.DealAmended(as_won=True):
            yield "win_amended"
        case e.CustomerErased():
            yield "erasure"
        case e.CustomerRekeyed():
            yield "rekey"
        case e.SealedAnew() | e.SealRotated():
            yield "seal"
        case e.UndoBegun():
            yield "undo"
        case _:
            pass


def _act(
    position: int, recorded: e.Recorded, kinds: tuple[ExceptionKind, ...], stream: Sequence[e.Recorded]
) -> ExceptionalAct:
    stamp, fact = recorded.stamp, recorded.fact
    is_of_deal = recorded.stream.startswith(DEAL_STREAMS)
    return ExceptionalAct(
        position=position,
        kinds=kinds,
        deal=deal_of(recorded.stream) if is_of_deal else None,
        about=None if is_of_deal else _about(recorded),
        owner=_owner_then(stream, stamp.version),
        by=stamp.actor,
        on_behalf_of=stamp.on_behalf_of,
        at=fact.effective_at,
        recorded_at=stamp.recorded_at,
        reason=str(getattr(fact, "reason", "")) or _row_of(fact),
        fact=fact.topic,
    )


def _about(recorded: e.Recorded) -> str:
    match recorded.fact:
        case e.ProcessPublished(process=ref):
            return str(ref)
        case e.CustomerErased() | e.CustomerRekeyed() as fact:
            return fact.customer_id
        case e.UndoBegun(batch=batch):
            return batch
    return recorded.stream.partition("/")[2]


def _row_of(fact: e.Fact) -> str:
    """Where another system says so."""
    return f"{fact.origin.source}: {fact.origin.row}" if fact.origin else ""


def _owner_then(stream: Sequence[e.Recorded], version: int) -> str | None:
    """Whose deal it was when this was done; a change of owner is done to whose it was before."""
    owner: str | None = None
    for recorded in that_count([one for one in stream if one.stamp.version < version]):
        match recorded.fact:
            case e.DealOpened(owner=said) | e.OwnerChanged(owner=said):
                owner = said
            case e.FieldsCleared(cleared=cleared) if "owner" in cleared:
                owner = None
    return owner
