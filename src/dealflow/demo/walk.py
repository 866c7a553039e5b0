"""One deal from its opening to its last stage: evidence that falls short, evidence that meets, a stall, two decisions, the win."""

from datetime import datetime

from dealflow.bootstrap import System
from dealflow.demo.cast import DIRECTOR, SELLER
from dealflow.demo.narrator import DemoFailed, Narrator
from dealflow.demo.receiver import Arrived, Receiver
from dealflow.demo.templates import LIMIT_SECONDS, NAME
from dealflow.domain.deal.stalls import Decided, RecordedStall, raised_of
from dealflow.domain.deal.state import Deal, NodeStatus, Outcome
from dealflow.domain.deal.stream import DEAL_STREAMS, deal_of
from dealflow.domain.escalation.notice import notice_key
from dealflow.domain.track.gap import tracks

FOR_SELLER = ("--on-behalf-of", SELLER)
FOR_DIRECTOR = ("--on-behalf-of", DIRECTOR)
MOVE_SECONDS = 30.0
EXTENSION_SECONDS = 4


class Walk:
    """The story of one deal; every act goes through the command line, every claim is read from the store."""

    def __init__(self, narrator: Narrator, system: System, receiver: Receiver, deal_id: str, today: str) -> None:
        self._tell, self._system, self._receiver = narrator, system, receiver
        self._id, self._today = deal_id, today

    def open(self) -> None:
        """Open it, and see its workflow start."""
        title = "Forty seats for Hua Xin"
        words = ("deal", "open", title, "--process", NAME, "--owner", SELLER, "--customer", "Hua Xin 华鑫")
        self._tell.run(*words, "--amount", "100,000 CNY", "--id", self._id, *FOR_SELLER)
        self._tell.expect(self._deal().stage == "first_contact", "the deal is open in its first stage")
        self._record("messenger_contact", "channel=wechat", "phone=+86 139 0000 1234", f"added_on={self._today}")
        self._moved_to("meeting")

    def meet(self) -> None:
        """A talk with the assistant does not meet the standard for the decider; a talk with the decider does."""
        self._tell.say("The seller talks with an assistant. The stage asks for a talk with the decider.")
        said = self._record("meeting_note", "with=non_decider", f"held_on={self._today}", f"summary={_ASSISTANT}")
        reached = self._deal().nodes
        self._tell.expect("decider_met" in said, "the answer names what is missing: decider_met")
        self._tell.expect(
            reached["non_decider_met"].status is NodeStatus.REACHED, "the talk itself is on record and counts"
        )
        self._tell.expect(self._deal().stage == "meeting", "the deal stays where it is")
        self._record("meeting_note", "with=decider", f"held_on={self._today}", f"summary={_DECIDER}")
        self._moved_to("learn_need")

    def stall(self) -> None:
        """The limit of seconds runs out: a stall dated at its deadline, told to the director by webhook."""
        clock = self._deal().clocks["stage_age"]
        self._tell.say(
            f"This stage may last {clock.limit}, until {clock.due_at:%H:%M:%S.%f} UTC. Nobody does anything."
        )
        stall = self._next_stall(1)
        self._tell.expect(
            stall.due_at == clock.due_at, f"the stall {stall.id} is recorded at its deadline, {_time(stall.due_at)}"
        )
        late = (stall.recorded_at - stall.due_at).total_seconds()
        self._tell.expect(late >= 0, f"it was noticed {late:.2f} s later")
        message = self._message(stall)
        self._tell.expect(message.status == 200, "the director was told by webhook")
        self._tell.say(f"Idempotency-Key: {message.key}")
        self._tell.show(f"{message.title}\n\n{message.text}", lines=16)
        self._told_by_file(SELLER, stall, "the seller was told by a file")

    def decide(self) -> None:
        """The director grants some seconds; they run out as well, and the webhook is gone, so a file tells the director."""
        first = self._open_stall()
        for_ = f"{EXTENSION_SECONDS} seconds"
        self._decide(first, for_, "the customer asked for a little more time")
        self._tell.say(f"The director grants {for_}. From now on the webhook answers 410: gone for good.")
        self._receiver.gone = True
        second = self._next_stall(2)
        self._tell.expect(second.episode == first.episode + 1, f"the grant ran out too: the next episode, {second.id}")
        self._tell.expect(self._message(second).status == 410, "the webhook took nothing")
        self._told_by_file(DIRECTOR, second, "the director was told by the next channel, a file")
        self._decide(second, "2 hours", "the need is being written down today")

    def win(self) -> None:
        """Evidence moves it on to the win; a quote sent early shows as a gap, a small payment as not enough."""
        self._record("need_confirmation", f"need={_NEED}", "budget=110,000 CNY", f"decide_by={self._today}")
        self._moved_to("show_value")
        self._tell.say("The seller sends a quote before the customer has asked a single question.")
        self._run(
            "milestone",
            "record",
            self._id,
            "quote_sent",
            "--field",
            "amount=100,000 CNY",
            "--field",
            f"on={self._today}",
        )
        read = self._system.reading.read(self._id)
        found = tracks(read.deal, read.process.definition)
        gap = f"the seller stands in {found.standing}, the customer in {found.customer_stage}: gap {found.gap:+}"
        self._tell.expect(found.gap == 1, gap)
        self._record("objection", "about=price", "text=Your rival asks for ten percent less.")
        self._moved_to("negotiate")
        self._record("counter_offer", "offer=92,000 CNY")
        self._moved_to("sign")
        said = self._record("payment", "amount=5,000 CNY", f"paid_on={self._today}", "receipt=R-1")
        self._tell.expect(
            "deposit_paid" in said and self._deal().outcome is Outcome.OPEN, "5,000 is no deposit for 100,000"
        )
        self._record("payment", "amount=20,000 CNY", f"paid_on={self._today}", "receipt=R-2")
        self._moved_to("collect")
        deal = self._deal()
        won = (
            deal.outcome is Outcome.WON and deal.win is not None and deal.win.basis == "gate" and not deal.win.unproven
        )
        self._tell.expect(won and deal.in_progress, "the deal is won by its gate, every node proven, and goes on")

    def go_on(self) -> None:
        """Past the win: paid in full, a referral and a second order, each of which opens a deal of its own."""
        self._record("payment", "amount=75,000 CNY", f"paid_on={self._today}", "receipt=R-3")
        self._moved_to("deliver")
        self._record("referral", "referred=Wang Lei 王磊", "phone=+86 138 0000 5678")
        self._moved_to("sell_again")
        self._record("repeat_order", "amount=60,000 CNY", f"ordered_on={self._today}")
        self._tell.wait_for(
            lambda: None if self._deal().in_progress else True, "the deal did not close", seconds=MOVE_SECONDS
        )
        self._tell.expect(self._deal().outcome is Outcome.WON, "its last gate is met: the deal is closed, and won")
        linked = self._linked()
        self._tell.expect(len(linked) == 2, f"two deals follow from it: {', '.join(sorted(linked))}")

    def _linked(self) -> list[str]:
        streams = self._system.store.streams(DEAL_STREAMS)
        deals = (self._system.reading.read(deal_of(stream)).deal for stream in streams if self._id in stream)
        return [deal.id for deal in deals if deal.linked_from and deal.linked_from.deal_id == self._id]

    def _deal(self) -> Deal:
        return self._system.reading.read(self._id).deal

    def _run(self, *words: str) -> str:
        return self._tell.run(*words, *FOR_SELLER)

    def _record(self, kind: str, *fields: str) -> str:
        given = [word for field in fields for word in ("--field", field)]
        return self._run("evidence", "record", self._id, kind, *given)

    def _moved_to(self, stage: str) -> None:
        def look() -> Deal | None:
            deal = self._deal()
            return deal if deal.stage == stage else None

        deal = self._tell.wait_for(look, f"the workflow did not move the deal to {stage}", seconds=MOVE_SECONDS)
        visit = deal.visits[-1]
        self._tell.expect(visit.stage == stage, f"the workflow moved the deal to {stage}")

    def _next_stall(self, number: int) -> RecordedStall:
        def look() -> RecordedStall | None:
            stalls = [stall for stall in self._deal().stalls.values() if raised_of(stall.escalation)]
            return stalls[number - 1] if len(stalls) >= number else None

        return self._tell.wait_for(
            look, "the clock ran out and no stall was recorded", seconds=LIMIT_SECONDS + MOVE_SECONDS
        )

    def _open_stall(self) -> RecordedStall:
        [stall] = self._deal().open_stalls
        return stall

    def _message(self, stall: RecordedStall) -> Arrived:
        """The next message that came in about this stall; an earlier one may be sent twice, but only under the same key."""

        def look() -> Arrived | None:
            message = self._receiver.next()
            return message if message is not None and message.key.startswith(_quoted(stall)) else None

        return self._tell.wait_for(look, "the webhook did not receive the escalation", seconds=MOVE_SECONDS)

    def _told_by_file(self, person: str, stall: RecordedStall, what: str) -> None:
        def look() -> str | None:
            files = sorted((self._system.settings.outbox / person).glob("*.txt"))
            return next((str(file) for file in files if f"Key: {_quoted(stall)}" in file.read_text("utf-8")), None)

        file = self._tell.wait_for(look, f"{what}: there is no such file", seconds=MOVE_SECONDS)
        self._tell.expect(True, f"{what}: {file}")

    def _decide(self, stall: RecordedStall, for_: str, reason: str) -> None:
        self._tell.run("escalation", "decide", stall.id, "extend", "--for", for_, "--reason", reason, *FOR_DIRECTOR)
        after = self._deal()
        answer = after.stalls[stall.id].escalation
        if not isinstance(answer, Decided):
            raise DemoFailed(f"the escalation {stall.id} was not decided")
        due = after.clocks["stage_age"].due_at
        self._tell.expect(answer.decision == "extend", f"{DIRECTOR} decided: extended until {_time(due)}")


def _quoted(stall: RecordedStall) -> str:
    """How the key of everything that is told of this stall's first rung begins."""
    return notice_key(stall.id, 0, 0, "")


def _time(instant: datetime) -> str:
    return f"{instant:%H:%M:%S.%f} UTC"


_ASSISTANT = "The assistant says the head of purchasing decides alone, and is back tomorrow."
_DECIDER = "The head of purchasing wants forty seats before the new year and one contact for service."
_NEED = "Forty seats for the service team, in use before the new year, with training on site."
