"""Reconcile finds each kind of difference between store and Temporal, says it in a dry run, and mends it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dealflow.application.engine.reconcile import Difference, Reconciled
from dealflow.application.engine.reschedule import reschedule
from dealflow.doctor import check_invariants
from dealflow.domain.deal import commands as c
from dealflow.worker import reconcile
from dealflow_workflows.contracts import DEAL_PROGRESSION, DealRun, deal_workflow_id
from tests.support.observed.sound import everything_holds
from tests.support.running.running_system import House, RunningSystem
from tests.support.stores.databases import on
from tests.support.waiting import LONGEST_SECONDS, eventually


async def listed(running: RunningSystem, holds: Callable[[Reconciled], bool]) -> None:
    """Wait until a dry run shows it: the list of running workflows is a little behind."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while not holds(await reconcile(running.system, dry_run=True)):  # noqa: ASYNC110  only the server knows when
            await asyncio.sleep(0.2)


def test_every_kind_of_difference_is_found_and_mended(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        queue = running.settings.temporal_queue
        client = await running.client()
        running.open("r-missing")
        running.open("r-late")
        running.open("r-told")
        await reconcile(running.system)
        running.system.deals.progress("r-told", 1, datetime(2027, 1, 1, tzinfo=UTC))
        running.system.schedule.seen("r-late", 2, datetime(2100, 1, 1, tzinfo=UTC))
        await (await running.handle("r-missing")).terminate()
        for deal_id, opening in (("r-nobody", 1), ("r-late", 7)):
            await client.start_workflow(
                DEAL_PROGRESSION,
                DealRun(deal_id=deal_id, opening=opening),
                id=deal_workflow_id(deal_id, opening),
                task_queue=queue,
            )
        expected = {
            Difference(kind="run_missing", deal_id="r-missing", opening=1),
            Difference(kind="armed_late", deal_id="r-late", opening=1),
            Difference(kind="run_without_deal", deal_id="r-nobody", opening=1),
            Difference(kind="run_without_deal", deal_id="r-late", opening=7),
            Difference(kind="recipient_missing", person=running.seller),
            Difference(kind="recipient_missing", person=running.director),
        }
        await listed(running, lambda found: set(found.differences) == expected)
        heard: list[tuple[int, int]] = []
        dry = await reconcile(running.system, dry_run=True, progress=lambda done, total: heard.append((done, total)))
        assert set(dry.differences) == expected and dry.mended == 0
        assert heard[-1][0] == heard[-1][1] > 0
        wet = await reconcile(running.system)
        assert set(wet.differences) == expected and wet.mended == 6 and wet.failed == 0
        await listed(running, lambda found: found.clean)
        # No worker has looked at it since, so its row still says what it was armed for.
        system, now = running.system, running.system.clock.now()
        (wrong,) = await asyncio.to_thread(lambda: reschedule(system.store, system.schedule, now, dry_run=False))
        assert wrong == "r-late"
        await everything_holds(running)

    with house() as running:
        asyncio.run(story(running))


@on("postgres")
def test_the_deep_check_names_what_the_relay_would_have_mended(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        for deal_id in ("c-delay", "c-late", "c-missing", "c-passed", "c-well"):
            running.open(deal_id)
        await reconcile(running.system)
        schedule, client = running.system.schedule, await running.client()
        await (await running.handle("c-missing")).terminate()
        schedule.seen("c-late", 2, datetime(2100, 1, 1, tzinfo=UTC))
        # Its row says nothing wrong: only the server knows that somebody has started it by hand, for much later.
        delay = await running.handle("c-delay")
        await delay.terminate()
        await client.start_workflow(
            DEAL_PROGRESSION,
            DealRun(deal_id="c-delay", opening=1),
            id=delay.id,
            task_queue=running.settings.temporal_queue,
            start_delay=timedelta(days=900),
        )
        checked = await check_invariants(running.system, settled_seconds=0.1)
        assert [(one.check, one.deal_id) for one in checked.findings] == [
            ("schedule", "c-late"),
            ("workflow", "c-delay"),
            ("workflow", "c-late"),
            ("workflow", "c-missing"),
        ]
        assert not checked.sound and checked.counted.deals == 5
        async with running.worker():
            async with running.relay():
                await reconcile(running.system)
                running.prove_need("c-passed")
                await eventually(lambda: running.deal("c-passed").stage == "sign")
                await everything_holds(running)
                assert running.row("c-delay").armed_at == running.row("c-delay").next_due
            # A timer that should have fired, and did not.
            row = running.row("c-passed")
            schedule.seen("c-passed", row.version, datetime(2020, 1, 1, tzinfo=UTC))
            checked = await check_invariants(running.system, settled_seconds=0.1)
            assert [(one.check, one.deal_id) for one in checked.findings] == [("workflow", "c-passed")]

    with house() as running:
        asyncio.run(story(running))


def test_a_run_that_reconcile_ends_leaves_no_wake_for_anybody(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        running.open("e-closed")
        await reconcile(running.system)
        running.execute("e-closed", c.CancelDeal(reason="price"))
        await listed(running, lambda found: bool(found.differences))
        done = await reconcile(running.system)
        assert done.differences == (Difference(kind="run_without_deal", deal_id="e-closed", opening=1),)
        assert running.row("e-closed").seen_version == running.row("e-closed").version

    with house() as running:
        asyncio.run(story(running))
