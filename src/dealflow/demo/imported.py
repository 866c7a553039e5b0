"""The import of the demo: 8,800 opportunities through the same gate and clocks, their workflows, and one digest per person."""

import asyncio
from collections import Counter
from datetime import datetime
from pathlib import Path

from dealflow.adapters.notices.notify import file_time
from dealflow.adapters.temporal.probe import probe
from dealflow.application.reading.as_of import AsOf
from dealflow.application.reading.inventory import Inventory, take_inventory
from dealflow.application.reading.stalls import StallQuery
from dealflow.application.viewer import Viewer
from dealflow.bootstrap import System
from dealflow.demo.narrator import DemoFailed, Narrator, shown

SOURCE = "maven-crm-sales"
DIRECTORS = {
    "Celia Rouche": 257,
    "Cara Losch": 169,
    "Dustin Brinkmann": 190,
    "Melvin Marxen": 213,
    "Rocco Neubert": 157,
    "Summer Sewald": 305,
}
STALLED = 1_291
START_SECONDS = 300.0


def import_deals(tell: Narrator, system: System, folder: Path) -> None:
    """Import the set, and compare what came out with the numbers counted from the files by hand."""
    before = system.store.head()
    mapping = ("--mapping", shown(folder / "mapping.yaml"))
    tell.run("import", "crm-csv", shown(folder), *mapping, "--people", "--shift-to-today", live=True)
    added = system.store.head() - before
    shift = system.imports.records.of(SOURCE).shift
    if shift is None:
        raise DemoFailed("the import did not keep how it shifted the dates")
    tell.say(
        f"The set ends in 2017: every date was moved by {shift.days} days, so that its last day is {shift.last_day}."
    )
    tell.say("The shift is kept in the store: the next import moves the same dates to the same days.")
    tell.say(f"{added} new events." if before == 0 or added else "0 new events: every row was on record already.")
    _counted(tell, system, shift.snapshot)


def _counted(tell: Narrator, system: System, snapshot: datetime) -> None:
    found = take_inventory(
        system.store,
        lambda ref: system.processes.get(ref).definition,
        Viewer(None, system.people.current(), system.clock.now()),
        asked=AsOf(snapshot),
    )
    outcomes = (found.deals, found.won, found.lost, found.open)
    tell.expect(
        outcomes == (8_800, 4_238, 2_473, 2_089), f"8,800 deals = 4,238 won + 2,473 lost + 2,089 open ({outcomes})"
    )
    tell.expect(found.won_amount == {"USD": 10_005_534}, "won amount 10,005,534 USD")
    tell.expect(
        found.by_position == {"none": 2_089}, "no open deal has proof of any decision: position `none`, 2,089 times"
    )
    tell.expect(found.stalled == STALLED, f"{STALLED:,} of them have stood still for more than 139 days")
    tell.expect(found.stalled_by_director == DIRECTORS, f"by director: {_listed(found)}")


def _listed(found: Inventory) -> str:
    return ", ".join(f"{name} {n}" for name, n in Counter(found.stalled_by_director).most_common())


def workflows_run(tell: Narrator, system: System) -> None:
    """See that every deal in progress has its workflow: most of them are a row that waits for its first deadline."""
    in_progress = _in_progress(system)

    def look() -> tuple[int, int]:
        rows = system.schedule.waiting(system.clock.now(), grace_seconds=0, patience_seconds=1e9, limit=in_progress + 1)
        return in_progress - len(rows), in_progress

    tell.watch(look, "workflows started", seconds=START_SECONDS)

    def count() -> int | None:
        state = asyncio.run(probe(system.settings))
        found = state.deal_workflows or 0
        return found if found >= in_progress else None

    found = tell.wait_for(count, f"Temporal does not list {in_progress} workflows", seconds=30)
    tell.expect(found >= in_progress, f"{found:,} deals in progress, {found:,} workflows in Temporal")


def _in_progress(system: System) -> int:
    total, after = 0, ""
    while page := system.schedule.in_progress(after):
        total, after = total + len(page), page[-1].deal_id
    return total


def digests_arrived(tell: Narrator, system: System) -> None:
    """See that everyone concerned got exactly one digest of the backlog, as a file.

    What stalls after the import, for which the next midnight is enough, is told by files of its own.
    """

    def look() -> tuple[int, int]:
        counts = system.outbox.counts()
        return counts["delivered"] + counts["abandoned"] + counts["superseded"], sum(counts.values())

    tell.watch(look, "notices delivered", seconds=START_SECONDS)
    backlog = system.board.stalls(StallQuery(backlog=True))
    people = sorted({person for stall in backlog for person in stall.told})
    notices = sum(len(stall.told) for stall in backlog)
    outbox = system.settings.outbox
    told_at = sorted({file_time(stall.recorded_at) for stall in backlog})
    files = {person: [file for at in told_at for file in (outbox / person).glob(f"{at}-*.txt")] for person in people}
    tell.expect(
        len(backlog) == STALLED,
        f"{len(backlog):,} stalls of the past are the backlog; {notices:,} notices tell of them",
    )
    one_each = all(len(found) == 1 for found in files.values())
    tell.expect(
        one_each, f"they reached {len(people)} people as {len(people)} digests: one file each in {shown(outbox)}"
    )
    longest = max((found[0] for found in files.values()), key=lambda file: file.stat().st_size)
    tell.say(f"The longest, {shown(longest)}:")
    tell.show(longest.read_text("utf-8"), lines=14)
