"""A run on the real parts in which every metric moves, scraped now and then over HTTP."""

from collections.abc import Callable
from threading import Thread

import pytest

from dealflow.adapters.telemetry.store_gauges import StoreGauges
from dealflow.bootstrap import open_system
from dealflow.domain.deal import commands as c
from dealflow.domain.values.refusal import CommandRefused
from dealflow.observability import metrics as m
from dealflow.observability.metrics import Metric
from tests.support.observed.scraped import Scraped, scrape
from tests.support.running.running_system import QUICK, RunningSystem
from tests.support.waiting import eventually
from tests.support.workers.silent_waker import SilentWaker

PEOPLE = """
people:
  - {{id: {seller}, name: Anna, manager: {director}, users: [{user}], channels: [{{id: it, url: "file:"}}]}}
  - {{id: {director}, name: Dora, role: director, channels: [{{id: it, url: "{channel}"}}]}}
"""
NOBODY_LISTENS, NEVER_USABLE = "json://127.0.0.1:9/", "file://elsewhere"


class MeasuredRun:
    """Its scrapes, the last of them with everything that has happened."""

    def __init__(self, running: RunningSystem, address: str, user: str) -> None:
        self._running, self._address, self._user = running, address, user
        system = running.system
        # Not only four times a minute.
        self._gauges = StoreGauges(system.parts.tallies, system.store, lambda: 0, system.clock, every_seconds=0)
        system.gauges = self._gauges
        self.scrapes: list[Scraped] = []

    @property
    def last(self) -> Scraped:
        return self.scrapes[-1]

    def has_moved(self, metric: Metric) -> bool:
        """Whether it was other than 0 in some scrape."""
        names = (metric.name, f"{metric.name}_count")
        return any(scraped.sum(name) > 0 for scraped in self.scrapes for name in names)

    async def live(self) -> None:
        """Deals wait, move, stall; people are told, or not; somebody asks for what is refused."""
        running = self._running
        self._write_people(NOBODY_LISTENS)
        with m.given_by(self._gauges):
            running.open(self._deal("a"))
            await self._until(lambda scraped: scraped.value(m.WAKES_WAITING) == 1)
        self._ask_in_vain()
        await self._conflict()
        async with running.worker():
            async with running.relay():
                await self._move_and_stall()
            await eventually(lambda: running.deal(self._deal("d")).open_stalls)
            with m.given_by(self._gauges):
                await self._until(lambda scraped: scraped.value(m.OUTBOX_OVERDUE) > 0)
        async with running.relay(QUICK):
            running.sign(self._deal("a"))
            # The relay gives the gauges, and may not have begun to.
            await self._until(lambda scraped: scraped.sum(m.OLDEST_OVERDUE.name) > 0)

    async def _move_and_stall(self) -> None:
        running, a, b = self._running, self._deal("a"), self._deal("b")
        running.prove_need(a)
        await eventually(lambda: running.deal(a).stage == "sign")
        running.open(b)
        await eventually(lambda: running.deal(b).open_stalls)
        await self._until(lambda scraped: scraped.sum(m.FAILED.name) >= 1 and scraped.sum(m.DELIVERED.name) >= 1)
        self._write_people(NEVER_USABLE)
        running.open(self._deal("c"))
        await eventually(lambda: running.system.outbox.counts()["abandoned"])
        running.open(self._deal("d"))
        await eventually(lambda: running.row(self._deal("d")).seen_version > 0)

    def _ask_in_vain(self) -> None:
        running, deal = self._running, self._deal("a")
        with pytest.raises(CommandRefused):
            running.execute(deal, c.RecordEvidence(evidence_id="e", kind="no_such_kind", fields={}))
        twice = c.Envelope(
            command_id=f"twice-{deal}",
            deal_id=deal,
            who=c.Who(actor=running.seller),
            commands=(c.RecordActivity(what="called"),),
        )
        assert (
            not running.system.deals.handle(twice).answer.repeated
            and running.system.deals.handle(twice).answer.repeated
        )

    async def _conflict(self) -> None:
        """Two processes' worth of commands for one deal at the same time, until one was in the other's way."""
        running, deal = self._running, self._deal("a")
        with open_system(running.settings, SilentWaker()) as other:
            beside = RunningSystem(other, running.seller, running.director)

            def call(system: RunningSystem) -> None:
                for _ in range(20):
                    system.execute(deal, c.RecordActivity(what="called"))

            def both() -> bool:
                threads = [Thread(target=call, args=(system,)) for system in (running, beside)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                return scrape(self._address).value(m.CONFLICTS) > 0

            await eventually(both)

    async def _until(self, holds: Callable[[Scraped], bool]) -> None:
        """Scrape until something is seen; that scrape is kept."""

        def seen() -> bool:
            scraped = scrape(self._address)
            if holds(scraped):
                self.scrapes.append(scraped)
                return True
            return False

        await eventually(seen)

    def _deal(self, name: str) -> str:
        return f"{self._running.settings.home.name}-{name}"

    def _write_people(self, channel: str) -> None:
        seller, director = self._running.seller, self._running.director
        text = PEOPLE.format(seller=seller, director=director, user=self._user, channel=channel)
        self._running.settings.people.write_text(text)
