"""The path of a command: decide what it comes to, write it, answer, and give the workflows a hint."""

from collections.abc import Callable, Sequence
from datetime import datetime

from dealflow.application.commands.answers import Handled, Progressed
from dealflow.application.commands.decide import DecideCommands
from dealflow.application.commands.group_commit import GroupCommit
from dealflow.application.commands.happened import command_decided, handling, progress_made
from dealflow.application.commands.hint import hint_deals, hint_recipients
from dealflow.application.merged_customers import HidesCustomer, goes_on_as
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.store import Append, EventStore
from dealflow.application.ports.wake_hint import ReachHint
from dealflow.application.processes.registry import Processes
from dealflow.application.repeated import KeyedDigest
from dealflow.domain.deal.commands import Envelope
from dealflow.domain.deal.events import DealAmended, DealOpened
from dealflow.domain.people.organisation import Organisation
from dealflow.observability.traces import begun_ns


def _takes_nobody_along(_customer: str) -> None:
    """Where no list of deals is kept, nobody merges customers."""


def _hides_nobody(_person: str, _customer: str) -> bool:
    """Where no list of deals is kept, nobody can tell whom a person does not see."""
    return False


def _borne_out(_: datetime) -> None:
    """Where no store's clock is known, any instant is."""


class Deals:
    """Commands for deals; safe to use from several threads and processes at once, and threads share transactions."""

    def __init__(
        self,
        store: EventStore,
        processes: Processes,
        people: Callable[[], Organisation],
        clock: UtcClock,
        reach_hint: ReachHint,
        fingerprint: KeyedDigest,
        *,
        check_instant: Callable[[datetime], None] = _borne_out,
        hides_customer: HidesCustomer = _hides_nobody,
        take_along: Callable[[str], None] = _takes_nobody_along,
    ) -> None:
        self._store = store
        self._decide = DecideCommands(processes, people, clock, fingerprint, hides_customer)
        self._group_commit = GroupCommit(store)
        self._reach_hint = reach_hint
        self._clock, self._check_instant = clock, check_instant
        self._take_along = take_along

    def handle(self, envelope: Envelope) -> Handled:
        """Carry out a command once; sent again it gives the same answer. Raise CommandRefused, and nothing has changed."""
        with handling(envelope) as step:
            self._check_instant(self._clock.now())
            decided = self._group_commit.commit(self._decide.command_act(envelope, self._store))
            command_decided(step, envelope, decided)
            self._hint(decided.appends, decided.appends)
            self._follow_merge(decided.appends[:1])
        return Handled(decided.answer, decided.after)

    def _follow_merge(self, appends: Sequence[Append]) -> None:
        """A customer who was merged between our look and our append goes on as another, and the deal with them."""
        for fact in (fact for append in appends for fact, _ in append.facts):
            customer = fact.customer if isinstance(fact, DealOpened | DealAmended) else None
            if customer is not None and goes_on_as(self._store, customer.id) != customer.id:
                self._take_along(customer.id)

    def progress(self, deal_id: str, opening: int, now: datetime, *, run: int = 1) -> Progressed:
        """Do what is due by `now` for this opening of the deal; again, nothing. A closed or unknown one ends the run."""
        since_ns = begun_ns()
        # Whoever reaches Temporal's port can ask for any instant.
        self._check_instant(now)
        decided = self._group_commit.commit(self._decide.progress_act(deal_id, opening, now, run))
        if decided.appends:
            with progress_made(decided, since_ns):
                # The deal's own workflow is at work on it; those of linked deals have to be woken.
                self._hint(decided.appends[1:], decided.appends)
        return decided.answer

    def _hint(self, to_wake: Sequence[Append], appends: Sequence[Append]) -> None:
        hint_deals(self._reach_hint, to_wake)
        hint_recipients(self._reach_hint, {notice.recipient for append in appends for notice in append.notices})
