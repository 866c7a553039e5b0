"""A newer export on the real servers: nobody hears of the past, and what it newly stalls comes in one digest for each person."""

import asyncio
from datetime import timedelta

import pytest

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.imports.csv.run import CsvRequest, import_csv
from dealflow.application.imports.plans import ImportReport
from dealflow.domain.deal import commands as c
from tests.support.observed.sound import everything_holds
from tests.support.running.running_system import House, RunningSystem
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow
MAPPING = """\
source: crm
process: two-steps
zone: UTC
tables: {deals: deals.csv}
rows: deals
deal: {id: id, opened: opened, owner: owner}
facts:
  by: stage
  values:
    Learn: []
    Sign: [{stage: sign, at: moved}]
    Lost: [{outcome: lost, at: closed, reason: price}]
    Won: [{stage: sign, at: moved}, {outcome: won, at: closed}]
"""


def days_ago(days: int) -> str:
    return (SystemClock().now() - timedelta(days=days)).date().isoformat()


def exported(running: RunningSystem, *rows: str) -> ImportReport:
    """An export with these rows is imported: stage, then the days ago of opening, move and closing."""
    home = running.settings.home
    lines = ["id,owner,stage,opened,moved,closed"]
    for row in rows:
        name, stage, *ago = row.split()
        dates = [days_ago(int(each)) if each != "-" else "" for each in ago]
        lines.append(f"{home.name}-{name},{running.seller},{stage},{','.join(dates)}")
    (home / "deals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (home / "crm.yaml").write_text(MAPPING, encoding="utf-8")
    request = CsvRequest(
        files=(home / "deals.csv",), mapping=home / "crm.yaml", who=c.Who(actor="ops"), home=running.settings.home
    )
    return import_csv(request, running.system.imports, running.system.processes, SystemClock().now()).report


def messages(running: RunningSystem) -> list[str]:
    """What everybody was sent, as it stands in the outbox."""
    return [path.read_text(encoding="utf-8") for path in sorted(running.settings.outbox.rglob("*.txt"))]


def test_a_newer_export_tells_nobody_of_the_past_and_what_it_newly_stalls_in_one_digest(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        outbox = running.system.outbox
        async with running.relay(), running.worker():
            first = exported(
                running,
                "old Learn 40 - -",
                "fresh Learn 1 - -",
                "other Learn 2 - -",
                "lost Learn 3 - -",
                "won Sign 9 3 -",
            )
            assert (first.stalled, set(first.recipients)) == (1, {running.seller, running.director})
            await eventually(lambda: outbox.counts()["waiting"] == 0)
            before = messages(running)
            assert len(before) == 2, "one digest for each"
            # One that stalled stalls since another day; two stall that did not; one is lost and one won, long ago.
            newer = (
                "old Learn 41 - -",
                "fresh Learn 30 - -",
                "other Sign 90 60 -",
                "lost Lost 50 - 30",
                "won Won 90 60 20",
            )
            report = exported(running, *newer)
            assert (report.stalled, report.backlog) == (3, 2)
            assert set(report.recipients.values()) == {2}
            await eventually(lambda: outbox.counts()["waiting"] == 0)
            said = [text for text in messages(running) if text not in before]
            assert len(said) == 2, "one digest more for each, and nothing else"
            for text in said:
                named = {
                    name
                    for name in ("old", "fresh", "other", "lost", "won")
                    if f"{running.settings.home.name}-{name}" in text
                }
                assert named == {"fresh", "other"}
            assert exported(running, *newer).events == 0
            await everything_holds(running)
            assert len(messages(running)) == 4 and outbox.counts()["waiting"] == 0

    with house() as running:
        asyncio.run(story(running))
