"""What a command, or the progress of a deal, comes to: data that every edge can print."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dealflow.application.ports.store import Append, recorded_by
from dealflow.domain.deal.events import EvidenceCountsAgain, EvidenceSetAside, Fact, Recorded
from dealflow.domain.deal.state import Deal
from dealflow.domain.people.rights import RightsAct
from dealflow.domain.track.judge import LikePiece
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.refusal import Reason
from dealflow.domain.values.text.spelling import Respelled
from dealflow.domain.values.written.read_as import ReadAs


class NodeVerdict(Frozen):
    """Whether a node's standard is met by what is on record; the reasons say what is missing."""

    node: str
    met: bool
    reasons: tuple[Reason, ...] = ()


class ValueTwice(Frozen):
    """A piece that counts for nothing since another, recorded earlier, has the value of this field; or that counts again.

    That other is not named to who does not see its deal.
    """

    deal: str
    evidence: str
    field: str
    counts: bool
    first_deal: str = ""
    first: str = ""

    @property
    def said(self) -> Phrase:
        """In one sentence."""
        if self.counts:
            return phrase(
                "{deal}: evidence {evidence} is set aside no more, no earlier evidence that is compared has its {field}.",
                deal=self.deal,
                evidence=self.evidence,
                field=self.field,
            )
        if not self.first:
            return phrase(
                "{deal}: evidence {evidence} counts no more; its {field} is on record before it.",
                deal=self.deal,
                evidence=self.evidence,
                field=self.field,
            )
        return phrase(
            "{deal}: evidence {evidence} counts no more; its {field} is on record before it, with evidence {first} of "
            "deal {first_deal}.",
            deal=self.deal,
            evidence=self.evidence,
            field=self.field,
            first=self.first,
            first_deal=self.first_deal,
        )


class NodeByAmount(Frozen):
    """How a node that reads the deal's amount stands, and which amounts its standard has to hold for.

    None for an amount of 0. `largest` is None where they cannot be compared, `as_won`: they are those of the win.
    `fails_for` is the largest for which the standard is not met.
    """

    node: str
    status: str
    amounts: tuple[Money, ...] = ()
    largest: Money | None = None
    as_won: bool = False
    fails_for: Money | None = None


def twice_in(deal_id: str, facts: Iterable[Fact]) -> Iterator[ValueTwice]:
    """What counts no more in a deal because another piece has its value, and what is set aside no more."""
    for fact in facts:
        if isinstance(fact, EvidenceSetAside):
            yield ValueTwice(
                deal=deal_id,
                evidence=fact.evidence_id,
                field=fact.field,
                counts=False,
                first_deal=fact.first_deal,
                first=fact.first,
            )
        elif isinstance(fact, EvidenceCountsAgain):
            yield ValueTwice(deal=deal_id, evidence=fact.evidence_id, field=fact.field, counts=True)


Note = Literal[
    "kept_as_history",
    "judged_though_closed",
    "recorded_before",
    "claim_not_applied",
    "amount_waits",
    "waits_for_confirmation",
    "holds_former_value",
    "already_so",
    "nothing_changed",
    "customer_erased",
]


class Answer(Frozen):
    """An accepted command. `facts` are the topics appended, `ids` what was named by it, `wake`: the workflow has to look.

    `by_amount` are all nodes that read the amount, where something was said of it.
    `respelled` are the ids and names that are kept otherwise than they were given, `read_as` the amounts, numbers and
    times that were written in another form than programs write, `look_alikes` the evidence that says what another piece says.
    `values_twice` says what counts no more, or again, because a value that may stand once is on record twice, or no more.
    """

    command_id: str
    deal_id: str
    version: int
    facts: tuple[str, ...] = ()
    verdicts: tuple[NodeVerdict, ...] = ()
    by_amount: tuple[NodeByAmount, ...] | None = None
    notes: tuple[Note, ...] = ()
    values_twice: tuple[ValueTwice, ...] = ()
    ids: dict[str, str] = {}
    respelled: tuple[Respelled, ...] = ()
    read_as: tuple[ReadAs, ...] = ()
    look_alikes: tuple[LikePiece, ...] = ()
    stage: str
    outcome: str
    in_progress: bool
    next_due: datetime | None = None
    wake: bool = False
    repeated: bool = False

    @property
    def remarks(self) -> tuple[Phrase, ...]:
        """What was kept otherwise than given, and what words were read as."""
        return (*(change.said for change in self.respelled), *(read.said for read in self.read_as))


class CustomerDone(Frozen):
    """An accepted command. `customer_facts` are the topics appended to the customer's own stream, up to `version`.

    `came_back`: the customer was erased before. Of a merge: `into` is who the customer goes on as, `deals` went with it,
    `values_twice` says what counts no more. Of an erasure: `erased` are the customers whose keys were destroyed,
    `still_readable` deals of theirs with personal values that stand under another's key. Of both: `unread` are deals that
    cannot be read, and may be theirs.
    """

    command_id: str
    customer: str
    version: int
    customer_facts: tuple[str, ...] = ()
    came_back: bool = False
    into: str | None = None
    deals: tuple[str, ...] = ()
    values_twice: tuple[ValueTwice, ...] = ()
    erased: tuple[str, ...] = ()
    still_readable: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    repeated: bool = False


class TokenDone(Frozen):
    """An accepted command to a token. The token itself does not stand in it: it is shown once, beside the first answer.

    `token_facts` are the topics appended to its stream, up to `version`; `only` and `expires_at` say what it is good for.
    `made_by_it` are tokens that hold, and were created by means of the one that was revoked.
    """

    command_id: str
    token_id: str
    person: str
    label: str = ""
    only: tuple[RightsAct, ...] = ()
    expires_at: datetime | None = None
    version: int
    token_facts: tuple[str, ...]
    made_by_it: tuple[str, ...] = ()
    repeated: bool = False


class SealDone(Frozen):
    """An accepted command about the seal: `seal_facts` are the topics appended, up to `version`; `key` seals from then on."""

    command_id: str
    key: str
    version: int
    seal_facts: tuple[str, ...]
    repeated: bool = False


class Progressed(Frozen):
    """The progress of a deal that its workflow asked for: what was appended, and when the next deadline is."""

    deal_id: str
    version: int
    closed: bool
    next_due: datetime | None = None
    waits_for: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DealAfter:
    """A deal after a command, with the stream that the command has read and what it has appended to it."""

    deal: Deal
    before: Sequence[Recorded]
    append: Append

    @property
    def stream(self) -> list[Recorded]:
        """Every event of the deal up to this command's last."""
        return [*self.before, *recorded_by(self.append)]


@dataclass(frozen=True, slots=True)
class Handled:
    """A command that was carried out: its answer, which is stored, and the deal after it, which is not.

    `after` is None for a command that was carried out before: then nothing but its answer was read.
    """

    answer: Answer
    after: DealAfter | None = None
