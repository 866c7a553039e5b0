"""The closing check of a fault story: whatever happened, everything holds that the store promises."""

import asyncio
from time import monotonic

from dealflow.application.audit.invariants import Counted, Invariants
from dealflow.application.audit.seal_checks import SealCheck
from dealflow.bootstrap import System
from dealflow.doctor import check_invariants
from dealflow.doctor.deeply import in_rows
from tests.support.running.running_system import RunningSystem
from tests.support.waiting import LONGEST_SECONDS


async def everything_holds(running: RunningSystem) -> Counted:
    """What was looked at; fail with the findings of the store at once, of the workflows when no relay mends them."""
    ends = monotonic() + LONGEST_SECONDS
    while True:
        checked = await check_invariants(running.system, settled_seconds=0.3)
        store_holds = all(one.check == "workflow" for one in checked.findings)
        if checked.sound or not store_holds or monotonic() > ends:
            break
        await asyncio.sleep(0.3)
    assert checked.sound, checked.model_dump_json(indent=2)
    assert checked.counted.events > 0
    return checked.counted


def store_holds(system: System) -> None:
    """The same of the store alone with its seal, for a story in which no workflow has a part."""
    parts = system.parts
    counted, found = Invariants(parts.rows, system.processes).check(parts.count_events())
    found += [*SealCheck(parts.seals, parts.rows).check(), *in_rows(system)]
    assert found == [] and counted.events > 0, found
