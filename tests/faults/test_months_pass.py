"""Weeks, or a year, pass on the real server: every deadline, warning and rung comes on its working day, and is on record once."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from temporalio.testing import TimeSkipper

from dealflow.adapters.processes.reader import load_process
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.stalls import Raised
from dealflow.domain.deal.state import Deal
from tests.support.observed.sound import everything_holds
from tests.support.running.running_system import IMPATIENT, House, RunningSystem
from tests.support.waiting import eventually
from tests.support.workers.moved_clock import MovedClock, with_moved_clock

pytestmark = pytest.mark.slow
SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENS, CLOSES = time(9), time(18)
A_MOMENT = timedelta(minutes=10)  # what a busy machine may take; far less than what lies between two deadlines
LONG_SALE = """
process: long-sale
title: {en: Long sale}
calendar: china-office
evidence:
  note: {title: {en: Note}, side: customer, fields: {summary: {type: text, title: {en: Summary}}}}
  order: {title: {en: Order}, side: customer, fields: {number: {type: text, title: {en: Number}}}}
stages:
  - id: learn
    title: {en: Learn}
    nodes: [{id: need_confirmed, title: {en: Need}, standard: {evidence: note, says: {en: A note.}}}]
    clocks: {stage_age: {limit: 5 working days, warn: 3 working days}}
  - id: sign
    title: {en: Sign}
    wins: true
    nodes: [{id: order_signed, title: {en: Order}, standard: {evidence: order, says: {en: An order.}}}]
    clocks: {stage_age: {limit: 30 days}}
  - id: serve
    title: {en: Serve}
    closes_after: 90 days
ladder:
  warning: [owner]
  rungs:
    - {after: 0 days, to: [owner]}
    - {after: 2 working days, to: [director], high_risk: true}
lost_reasons: [{id: price, title: {en: Price}}]
"""


def working_days(first: date) -> Iterator[date]:
    """From this day on, by the package's own word for each day."""
    china = holidays.country_holidays("CN", years=range(first.year, first.year + 4))
    day = first
    while True:
        if china.is_working_day(day):
            yield day
        day += timedelta(days=1)


def after(start: datetime, count: int) -> datetime:
    """So many working days after an instant: what comes outside office hours counts as the next opening."""
    local = start.astimezone(SHANGHAI)
    days = working_days(local.date() if local.time() < CLOSES else local.date() + timedelta(days=1))
    first = next(days)
    moment = max(local.time(), OPENS) if first == local.date() else OPENS
    due = first
    for _ in range(count):
        due = next(days)
    return datetime.combine(due, moment, SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize("weeks", [6, pytest.param(52, marks=pytest.mark.soak)])
def test_every_deadline_comes_on_its_day(house: House, weeks: int, tmp_path: Path) -> None:
    async def story(running: RunningSystem) -> None:
        clock = with_moved_clock(running.system)
        async with running.worker(), running.relay(IMPATIENT):
            opened = await opened_deal(running, tmp_path)
            ends, since, length = opened + timedelta(weeks=weeks), opened, 5
            dues: list[datetime] = []
            while clock.now() < ends:
                dues.append(after(since, length))
                await pass_to(running, clock, after(dues[-1], 2) + timedelta(hours=1))
                await eventually(lambda: rungs(running.deal("long")) == [1])
                since, length = decided(running), 10
            await told_in_time(running, opened, dues)
            await won_and_closed(running, clock)
            await everything_holds(running)

    with house() as running:
        asyncio.run(story(running))


async def opened_deal(running: RunningSystem, folder: Path) -> datetime:
    (folder / "long-sale.yaml").write_text(LONG_SALE)
    definition, problems = load_process(folder / "long-sale.yaml", calendars=running.system.calendars)
    assert definition is not None, problems
    running.system.processes.publish(definition, who=c.Who(actor="ops"), command_id="publish-long")
    process = running.system.processes.get("long-sale").ref
    running.execute("long", c.OpenDeal(title="Long", process=process, owner=running.seller))
    return running.deal("long").entered_at


async def pass_to(running: RunningSystem, clock: MovedClock, instant: datetime) -> None:
    """Move every clock to this instant, once the workflow waits for the deal's next one."""
    await eventually(lambda: running.row("long").armed_at == running.row("long").next_due)
    length = instant - clock.now()
    await running.pass_time("long", length)
    clock.moved += length
    # A busy machine takes its time to skip, and the two clocks would come apart a little more with every pass.
    now = await TimeSkipper(await running.client()).get_current_time(await running.handle("long"))
    clock.moved += now - clock.now()


def decided(running: RunningSystem) -> datetime:
    """The director gives ten working days more; the instant of that."""
    decision = c.DecideEscalation(decision="extend", reason="They asked for time", lasting="10 working days")
    running.execute("long", decision, by=running.director)
    return running.deal("long").recorded_at


def rungs(deal: Deal) -> list[int]:
    """The last rung of each open stall that was raised."""
    return [stall.escalation.rung for stall in deal.open_stalls if isinstance(stall.escalation, Raised)]


async def told_in_time(running: RunningSystem, opened: datetime, dues: list[datetime]) -> None:
    """Exactly these stalls, each dated at its deadline, with both rungs; and the one warning."""
    facts = [one.fact for one in running.system.store.load("deal/long")]
    assert [fact.effective_at for fact in facts if isinstance(fact, e.StallRecorded)] == dues
    assert [fact.next_at for fact in facts if isinstance(fact, e.EscalationRaised)] == dues
    rungs = [fact for fact in facts if isinstance(fact, e.RungReached)]
    planned = [instant for due in dues for instant in (due, after(due, 2))]
    assert [rung.rung for rung in rungs] == [0, 1] * len(dues)
    assert [rung.next_at for rung in rungs[::2]] == planned[1::2]
    for rung, instant in zip(rungs, planned, strict=True):
        assert timedelta(0) <= rung.effective_at - instant < A_MOMENT
    [warning] = [fact for fact in facts if isinstance(fact, e.WarningGiven)]
    assert warning.effective_at == after(opened, 3)


async def won_and_closed(running: RunningSystem, clock: MovedClock) -> None:
    """Evidence still moves it, and ninety days after the win its life ends by itself, to the microsecond."""
    running.prove_need("long")
    await eventually(lambda: running.deal("long").stage == "sign")
    running.sign("long")
    await eventually(lambda: running.deal("long").stage == "serve")
    [won] = [one.fact for one in running.system.store.load("deal/long") if isinstance(one.fact, e.DealWon)]
    await pass_to(running, clock, won.effective_at + timedelta(days=90, minutes=1))
    await eventually(lambda: not running.deal("long").in_progress)
    [closed] = [one.fact for one in running.system.store.load("deal/long") if isinstance(one.fact, e.DealClosed)]
    assert closed.effective_at == won.effective_at + timedelta(days=90)
