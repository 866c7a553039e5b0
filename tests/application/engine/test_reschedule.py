"""A schedule row that was lost, or says something else than its deal, is written anew from the stream."""

import sqlite3
from pathlib import Path

from dealflow.application.engine.reschedule import reschedule
from dealflow.bootstrap import open_system
from dealflow.domain.deal import commands as c
from dealflow.settings import Settings
from tests.support.deals.shipped_process import standard_sale
from tests.support.workers.silent_waker import SilentWaker


def test_a_lost_and_a_wrong_row_are_written_anew_and_woken(tmp_path: Path) -> None:
    with open_system(Settings.load(home=tmp_path), SilentWaker()) as system:
        who = c.Who(actor="op")
        system.processes.publish(standard_sale(), who=who, command_id="p")
        process = system.processes.get("standard-sale").ref
        for name in ("lost", "wrong", "right"):
            opening = c.OpenDeal(title=name, process=process)
            system.deals.handle(c.Envelope(command_id=name, deal_id=name, who=who, commands=(opening,)))
        before = {name: system.schedule.get(name) for name in ("lost", "wrong", "right")}
        with sqlite3.connect(tmp_path / "store.sqlite") as database:
            database.execute("DELETE FROM deal_schedule WHERE deal_id = 'lost'")
            database.execute("UPDATE deal_schedule SET next_due = next_due + 86400000000 WHERE deal_id = 'wrong'")
        now = system.clock.now()
        assert reschedule(system.store, system.schedule, now, dry_run=True) == ["lost", "wrong"]
        assert system.schedule.get("lost") is None
        assert reschedule(system.store, system.schedule, now, dry_run=False) == ["lost", "wrong"]
        assert reschedule(system.store, system.schedule, now, dry_run=False) == []
        for name in ("lost", "wrong"):
            row, was = system.schedule.get(name), before[name]
            assert row and was and (row.version, row.next_due) == (was.version, was.next_due)
            assert row.wake_version == row.version
