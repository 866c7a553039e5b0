"""`deal history`: the whole story of a deal in order, with both times, who, on whose behalf, why, and what it caused."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any, NamedTuple

from pydantic import AwareDatetime

from dealflow.application.reading.as_of import AsOf, DealAsOf
from dealflow.application.reading.known_names import KnownNames
from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve import evolve
from dealflow.domain.deal.state import Deal
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import NOTHING, Phrase, phrase
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.suggest import nearest

# The sentence of a fact, with the deal as it was after it: made at the edge, where language and zone are known.
Tell = Callable[[e.Fact, Deal | None], str]

BACK_DATED_FROM = timedelta(days=1)
# Facts that the engine derives; all others are somebody's act.
_DERIVED = (
    e.NodeReached, e.NodeReversed, e.ProofLost, e.ProofRegained, e.GateLost, e.StageAdvanced, e.ClockStarted,
    e.WarningGiven, e.StallRecorded,
    e.StallEnded, e.EscalationRaised, e.RungReached, e.LinkedDealDue, e.ClaimAgrees, e.ClaimNotApplied,
)  # fmt: skip


class Proof(NamedTuple):
    """The digest of an event's stored bytes, the one it carries of the event before, and the bytes in base64 where wanted."""

    digest: str
    previous: str
    stored: str | None = None


class HistoryEntry(Frozen):
    """One event. `n` is its place in the stream; `caused` and `caused_by` are such places, within one command.

    `effective_at` is when it happened, `recorded_at` when the system learned of it; `back_dated`: a day or more later.
    `token` is the id of the token by which the actor came. The last three are those of `Proof`; the first event's `previous` is "".
    """

    n: int
    what: str
    topic: str
    effective_at: AwareDatetime
    recorded_at: AwareDatetime
    back_dated: bool
    actor: str
    on_behalf_of: str | None = None
    token: str | None = None
    cause: str
    command_id: str
    correlation_id: str
    caused_by: int | None = None
    caused: tuple[int, ...] = ()
    origin: e.Origin | None = None
    data: dict[str, Any]
    digest: str | None = None
    previous: str | None = None
    stored: str | None = None


class History(Frozen):
    """The entries that are wanted, of `total` in the stream; `more`: there are others behind the last.

    `wrong`: why the deal cannot be judged now.
    """

    stream: str
    process: str | None = None
    as_of: AwareDatetime | None = None
    as_known_at: AwareDatetime | None = None
    total: int
    more: bool
    entries: tuple[HistoryEntry, ...]
    wrong: Phrase = NOTHING


class HistoryQuery(Frozen):
    """Which entries to list: `kind` is the beginning of a topic, with or without `deal.`; `actor` also on behalf of whom.

    `since` (with it) and `until` (without it) bound the effective instant; `after` and `limit` make pages.
    """

    kind: str | None = None
    actor: str | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    as_of: AwareDatetime | None = None
    as_known_at: AwareDatetime | None = None
    after: int = 0
    limit: int | None = None

    def takes(self, entry: HistoryEntry) -> bool:
        """Whether this entry is wanted, whatever the page."""
        return (
            (self.kind is None or entry.topic.removeprefix("deal.").startswith(self.kind.removeprefix("deal.")))
            and (self.actor is None or self.actor in (entry.actor, entry.on_behalf_of))
            and (self.since is None or entry.effective_at >= self.since)
            and (self.until is None or entry.effective_at < self.until)
        )

    @property
    def asked(self) -> AsOf:
        """The past that the story is of."""
        return AsOf(self.as_of, self.as_known_at)


ALL = HistoryQuery()


def history(
    recorded: Sequence[e.Recorded], tell: Tell, wanted: HistoryQuery = ALL, proofs: Mapping[int, Proof] | None = None
) -> History:
    """The story of one stream, told by `tell`."""
    chosen = [entry for entry in _entries(recorded, wanted.asked, tell, proofs or {}) if wanted.takes(entry)]
    behind = [entry for entry in chosen if entry.n > wanted.after]
    page = behind[: wanted.limit]
    opened = recorded[0].fact if recorded else None
    return History(
        stream=recorded[0].stream if recorded else "",
        process=str(opened.process) if isinstance(opened, e.DealOpened) else None,
        as_of=wanted.as_of,
        as_known_at=wanted.as_known_at,
        total=len(recorded),
        more=len(page) < len(behind),
        entries=tuple(page),
    )


def story_of(
    found: DealAsOf,
    names: KnownNames,
    wanted: HistoryQuery,
    tell: Tell,
    proofs: Mapping[int, Proof] | None = None,
) -> History:
    """The story of a deal; CommandRefused where it is empty because a kind or a person exists nowhere."""
    story = history(found.recorded, tell, wanted, proofs)
    if found.deal.in_progress:
        story = story.model_copy(update={"wrong": found.process.calendar_fault})
    if not story.entries:
        names.check(people=(wanted.actor,))
        check_kind(wanted.kind)
    return story


def check_kind(kind: str | None) -> None:
    """Refuse a kind that no event has: an empty story for a slip of the pen would say something untrue."""
    kinds = [topic.removeprefix("deal.").rpartition(".")[0] for topic in e.TOPICS if topic.startswith("deal.")]
    if kind is None or any(known.startswith(kind.removeprefix("deal.")) for known in kinds):
        return
    suggestion = nearest(kind, [*kinds, *(known.partition("_")[0] for known in kinds)])
    wrong = phrase("nothing is called {given}", given=repr(kind))
    right = phrase("the beginning of one of {known}", known=kinds)
    raise refuse(Code.FIELD_INVALID, "kind", field="kind", wrong=wrong, right=right, suggestion=suggestion)


def _entries(
    recorded: Sequence[e.Recorded], asked: AsOf, tell: Tell, proofs: Mapping[int, Proof]
) -> Iterator[HistoryEntry]:
    """The entries of that past; a sentence says what was so then, so it is told of the deal of that past."""
    causes = _causes(recorded)
    caused: dict[int, list[int]] = {}
    for effect, act in causes.items():
        caused.setdefault(act, []).append(effect)
    deal = None
    for one in recorded:
        if not asked.keeps(one):
            continue
        fact, stamp = one.fact, one.stamp
        deal = evolve(deal, fact, stamp)
        yield HistoryEntry(
            n=stamp.version,
            what=tell(fact, deal),
            topic=fact.topic,
            effective_at=fact.effective_at,
            recorded_at=stamp.recorded_at,
            back_dated=stamp.recorded_at - fact.effective_at >= BACK_DATED_FROM,
            actor=stamp.actor,
            on_behalf_of=stamp.on_behalf_of,
            token=stamp.token,
            cause=stamp.cause,
            command_id=stamp.command_id,
            correlation_id=stamp.correlation_id,
            caused_by=causes.get(stamp.version),
            caused=tuple(caused.get(stamp.version, ())),
            origin=fact.origin,
            data=fact.model_dump(mode="json", exclude={"effective_at", "origin"}),
            **(proofs[stamp.version]._asdict() if stamp.version in proofs else {}),
        )


def _causes(recorded: Iterable[e.Recorded]) -> dict[int, int]:
    """Effect -> act, both as places in the stream: within one command, what the engine derived follows from the act before it."""
    causes: dict[int, int] = {}
    for _, group in groupby(recorded, key=lambda one: (one.stamp.actor, one.stamp.command_id)):
        members = list(group)
        acts = [one.stamp.version for one in members if not _is_derived(one.fact)]
        head: e.Recorded | None = None
        for one in members:
            n = one.stamp.version
            if head is None and acts and isinstance(one.fact, e.StallEnded):
                causes[n] = acts[0]  # a stall ends just before the act that ends it
            elif head is None or (not _is_derived(one.fact) and not isinstance(head.fact, e.EscalationDecided)):
                head = one
            else:
                causes[n] = head.stamp.version
    return causes


def _is_derived(fact: e.Fact) -> bool:
    """What a rule made of the facts, not a person or another system."""
    match fact:
        case e.DealWon():
            return fact.basis == "gate"
        case e.DealClosed():
            return fact.how != "person"
        case e.GateMet():
            return fact.how != "override"
    return isinstance(fact, _DERIVED)
