"""A change of DealProgression that no run in progress would survive; the replay gate must catch it."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from dealflow_workflows.contracts import DEAL_PROGRESSION, PROGRESS_DEAL, WAKE, DealRun, Progress, ProgressRequest


@workflow.defn(name=DEAL_PROGRESSION)
class AlwaysRegular:
    """Forgets the local attempt: a command that the histories do not have."""

    @workflow.signal(name=WAKE)
    def wake(self) -> None:
        pass

    @workflow.run
    async def run(self, run: DealRun) -> None:
        """Look once."""
        await workflow.execute_activity(
            PROGRESS_DEAL,
            ProgressRequest(deal_id=run.deal_id, opening=run.opening, now=workflow.now()),
            result_type=Progress,
            start_to_close_timeout=timedelta(seconds=5),
        )
