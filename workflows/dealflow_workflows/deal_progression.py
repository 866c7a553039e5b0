"""One deal in progress: wait for decision-node evidence or for the next deadline, have the deal looked at, wait again.

The workflow holds an id, a flag and one deadline. What is due, and why, is known to the domain alone.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from dealflow_workflows.contracts import (
        DEAL_PROGRESSION,
        PROGRESS_DEAL,
        WAKE,
        DealRun,
        Progress,
        ProgressRequest,
    )
    from dealflow_workflows.waiting import KeptTimer, history_is_long

ONE_LOOK = timedelta(seconds=5)
PATIENT_LOOK = timedelta(seconds=60)
ONCE = RetryPolicy(maximum_attempts=1)
PATIENTLY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn(name=DEAL_PROGRESSION)
class DealProgression:
    """Moves one opening of one deal until its life ends."""

    @workflow.init
    def __init__(self, run: DealRun) -> None:
        self._deal = run
        self._woken = False
        self._timer = KeptTimer()

    @workflow.signal(name=WAKE)
    def wake(self) -> None:
        """Something may be due; what it is, the next look will find."""
        self._woken = True

    @workflow.run
    async def run(self, run: DealRun) -> None:
        """Look, wait for evidence or a deadline, look again; end when the deal's life has ended."""
        while not history_is_long():
            self._woken = False  # cleared before asking, so that no wake is lost in between
            progress = await self._progress()
            if progress.closed:
                workflow.set_current_details("The deal is closed.")
                return
            workflow.set_current_details(_said(progress))
            await self._timer.woken_or_due(lambda: self._woken, progress.next_due, summary="next deadline")
        workflow.continue_as_new(run)

    async def _progress(self) -> Progress:
        """One local attempt, which is cheap; in an outage a regular activity, which waits without costing history."""
        progress: Progress
        try:
            progress = await workflow.execute_local_activity(
                PROGRESS_DEAL,
                self._request(),
                result_type=Progress,
                start_to_close_timeout=ONE_LOOK,
                retry_policy=ONCE,
            )
            return progress
        except FailureError as failure:  # what a local activity raised comes as it is, not as an ActivityError
            if is_cancelled_exception(failure):
                raise
            workflow.logger.warning("the look at the deal failed, it is tried again until it succeeds")
        progress = await workflow.execute_activity(
            PROGRESS_DEAL,
            self._request(),
            result_type=Progress,
            start_to_close_timeout=PATIENT_LOOK,
            retry_policy=PATIENTLY,
            summary="look at the deal, tried again until it succeeds",
        )
        return progress

    def _request(self) -> ProgressRequest:
        deal = self._deal
        return ProgressRequest(deal_id=deal.deal_id, opening=deal.opening, run=deal.run, now=workflow.now())


def _said(progress: Progress) -> str:
    """What a person reads on the workflow's page."""
    until = f"{progress.next_due:%Y-%m-%d %H:%M:%S} UTC" if progress.next_due else "somebody acts: no deadline is set"
    return f"Waits for {progress.waits_for or 'evidence'}, until {until}."
