"""Callers in threads of their own that give commands, and send each again under its id until it is answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic, sleep

from dealflow.application.commands.answers import Answer
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.deal import commands as c
from dealflow.domain.process.definition import ProcessRef
from tests.support.running.running_system import RunningSystem

LONGEST_SECONDS = 180.0


@dataclass
class Load:
    """What was answered, by command id, and how often it was said that the store cannot be reached."""

    running: RunningSystem
    process: ProcessRef
    deals: list[str] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    unreachable: int = 0
    errors: list[BaseException] = field(default_factory=list)
    stop: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def call(self, caller: int) -> None:
        """One caller: deal after deal is opened, proved and, every other one, signed; all write on one deal as well."""
        number = 0
        try:
            while not self.stop.is_set():
                deal_id = f"load-{caller}-{number}"
                with self.lock:
                    self.deals.append(deal_id)
                self.send(deal_id, "open", c.OpenDeal(title=deal_id, process=self.process, owner=self.running.seller))
                self.send(deal_id, "need", c.RecordEvidence(evidence_id="need", kind="note", fields={"summary": "yes"}))
                if number % 2:
                    self.send(
                        deal_id, "order", c.RecordEvidence(evidence_id="order", kind="order", fields={"number": "7"})
                    )
                self.send("shared", deal_id, c.RecordActivity(what=f"Called about {deal_id}"))
                number += 1
        except BaseException as error:  # noqa: BLE001  told to the test, which fails by it
            self.errors.append(error)

    def send(self, deal_id: str, what: str, command: c.Command) -> None:
        """Until it is answered; any error but StoreUnreachable goes on."""
        envelope = c.Envelope(
            command_id=f"{deal_id}/{what}", deal_id=deal_id, who=c.Who(actor=self.running.seller), commands=(command,)
        )
        ends = monotonic() + LONGEST_SECONDS
        while True:
            try:
                answer = self.running.system.deals.handle(envelope).answer
            except StoreUnreachable:
                with self.lock:
                    self.unreachable += 1
                if monotonic() > ends:
                    raise
                sleep(0.2)
                continue
            with self.lock:
                self.answers[envelope.command_id] = answer
            return


@contextmanager
def load(running: RunningSystem, callers: int) -> Iterator[Load]:
    """So many callers inside the block; each ends its last deal behind it."""
    running.open("shared")
    what = Load(running, running.system.processes.get("two-steps").ref)
    threads = [Thread(target=what.call, args=(number,), name=f"caller-{number}") for number in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield what
    finally:
        what.stop.set()
        for thread in threads:
            thread.join()
    assert not what.errors, what.errors
