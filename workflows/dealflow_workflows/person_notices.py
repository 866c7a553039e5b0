"""One recipient of notices: deliver what waits for this person, wait for the next try or the next notice, end when none is left."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from dealflow_workflows.contracts import (
        DELIVER_NOTICES,
        PERSON_NOTICES,
        WAKE,
        DeliverRequest,
        Delivery,
        PersonRun,
    )
    from dealflow_workflows.waiting import KeptTimer, history_is_long

ONE_DELIVERY = timedelta(minutes=30)
# The worker gives a sign every 5 s, so only one that has died, or a task that was lost on its way, is given up.
SIGN_OF_LIFE = timedelta(seconds=40)
PATIENTLY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn(name=PERSON_NOTICES)
class PersonNotices:
    """Empties one person's outbox; a later notice starts it again."""

    @workflow.init
    def __init__(self, run: PersonRun) -> None:
        self._person = run
        self._woken = False
        self._timer = KeptTimer()

    @workflow.signal(name=WAKE)
    def wake(self) -> None:
        """A notice may wait in the outbox."""
        self._woken = True

    @workflow.run
    async def run(self, run: PersonRun) -> None:
        """Deliver, wait, deliver again; end when nothing waits and nobody has woken it meanwhile."""
        while not history_is_long():
            self._woken = False  # cleared before delivering, so that no wake is lost in between
            delivery = await self._deliver()
            if delivery.next_try_at is None:
                if not self._woken:
                    return
                continue
            workflow.set_current_details(f"Tries again at {delivery.next_try_at:%Y-%m-%d %H:%M:%S} UTC.")
            await self._timer.woken_or_due(lambda: self._woken, delivery.next_try_at, summary="next delivery")
        workflow.continue_as_new(run)

    async def _deliver(self) -> Delivery:
        delivery: Delivery = await workflow.execute_activity(
            DELIVER_NOTICES,
            DeliverRequest(person_id=self._person.person_id, now=workflow.now()),
            result_type=Delivery,
            start_to_close_timeout=ONE_DELIVERY,
            heartbeat_timeout=SIGN_OF_LIFE,
            retry_policy=PATIENTLY,
        )
        return delivery
