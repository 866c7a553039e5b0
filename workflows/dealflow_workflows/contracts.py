"""Ids, messages and activity names that clients, workers and workflows agree on; nothing else crosses the border."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

DEAL_PROGRESSION = "DealProgression"
PERSON_NOTICES = "PersonNotices"
PROGRESS_DEAL = "progress_deal"
DELIVER_NOTICES = "deliver_notices"
WAKE = "wake"


class WorkflowMessage(BaseModel):
    """A frozen message; unknown keys are ignored so that an older worker can read a newer one's."""

    model_config = ConfigDict(frozen=True)


class DealRun(WorkflowMessage):
    """The input of DealProgression: one opening of one run of one deal; a deal that was taken back begins another run."""

    deal_id: str
    opening: int
    run: int = 1


class ProgressRequest(WorkflowMessage):
    """`now` is the workflow's clock, so that time skipping and replay hold."""

    deal_id: str
    opening: int
    now: datetime
    run: int = 1


class Progress(WorkflowMessage):
    """What is left after a look at the deal: `closed` ends the run, `next_due` arms the timer, `waits_for` is for people."""

    closed: bool
    next_due: datetime | None = None
    waits_for: str = ""


class PersonRun(WorkflowMessage):
    """The input of PersonNotices."""

    person_id: str


class DeliverRequest(WorkflowMessage):
    person_id: str
    now: datetime


class Delivery(WorkflowMessage):
    """`next_try_at` is when to look again: a retry, or a digest that is still gathering; None: the outbox is empty."""

    delivered: int
    failed: int
    next_try_at: datetime | None = None


def deal_workflow_id(deal_id: str, opening: int, run: int = 1) -> str:
    """`deal/<deal id>/<opening>`, and of a later run `deal/<deal id>/run-<run>/<opening>`."""
    return f"deal/{deal_id}/{opening}" if run == 1 else f"deal/{deal_id}/run-{run}/{opening}"


def opening_of(workflow_id: str) -> DealRun | None:
    """The opening that a workflow id of `deal_workflow_id` stands for; None for any other id."""
    rest, _, opening = workflow_id.removeprefix("deal/").rpartition("/")
    if not workflow_id.startswith("deal/") or not rest or not opening.isdecimal():
        return None
    # No id of a deal has a slash.
    deal_id, _, run = rest.partition("/run-")
    return DealRun(deal_id=deal_id, opening=int(opening), run=int(run) if run.isdecimal() else 1)


def person_workflow_id(person_id: str) -> str:
    """`person/<person id>`."""
    return f"person/{person_id}"


def person_of(workflow_id: str) -> str | None:
    """The person that a workflow id of `person_workflow_id` stands for; None for any other id."""
    return workflow_id.removeprefix("person/") or None if workflow_id.startswith("person/") else None
