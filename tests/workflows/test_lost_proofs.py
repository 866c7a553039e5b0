"""A lost proof on a real server: the workflow is woken for its deadline, stalls it, and goes on when it is proven again."""

import asyncio
from datetime import timedelta
from pathlib import Path

from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.domain.deal import commands as c
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.waiting import eventually

STALL = "d1/1/need_confirmed/proof_lost/1"


def test_the_clock_of_a_lost_proof_cuts_the_timer_short_and_stalls(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story(running: RunningSystem) -> None:
        running.open("d1")
        async with running.worker(), running.relay():
            running.prove_need("d1")
            await eventually(lambda: running.deal("d1").stage == "sign")
            running.execute("d1", c.WithdrawEvidence(evidence_id="d1-need", reason="a mistake"))
            due_at = running.deal("d1").clocks["proof_lost/need_confirmed"].due_at
            await eventually(lambda: running.row("d1").armed_at == due_at)
            details = await (await running.handle("d1")).query("__temporal_workflow_metadata")
            assert "lost proof: need_confirmed" in str(details)
            await running.pass_time("d1", due_at - running.deal("d1").recorded_at + timedelta(minutes=1))
            await eventually(lambda: running.deal("d1").open_stalls)
            [stall] = running.deal("d1").open_stalls
            assert (stall.id, stall.due_at, running.deal("d1").stage) == (STALL, due_at, "sign")
            # Two heard of the loss and two of the stall, each once.
            await eventually(lambda: sum(running.system.outbox.counts().values()) == 4)
            running.execute(
                "d1", c.RecordEvidence(evidence_id="again", kind="note", fields={"summary": "they still need it"})
            )
            assert running.deal("d1").lost == {} and running.deal("d1").open_stalls == ()
            running.sign("d1")
            await (await running.handle("d1")).result()
        assert sum(running.system.outbox.counts().values()) == 4

    with running_system(tmp_path / "lost", temporal_server.address, sign="60 days") as running:
        asyncio.run(story(running))
