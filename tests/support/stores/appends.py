"""Appends for tests of a store, with as little said as a test needs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from dealflow.adapters.store import StoreParts
from dealflow.application.ports.schedule import ScheduleChange
from dealflow.application.ports.store import Append, CommandRow
from dealflow.domain.deal.events import CustomerErased, Fact, OwnerChanged, Stamp
from dealflow.domain.escalation.notice import Notice, NoticeSubject
from tests.support.deals.facts import AT


def append(
    deal: str,
    version: int = 0,
    facts: Sequence[Fact] | int = 1,
    *,
    command: str | None = None,
    notices: Sequence[Notice] = (),
    schedule: ScheduleChange | None = None,
    at: datetime = AT,
    subject: str = "c-1",
) -> Append:
    """Facts, or as many changes of owner, behind a version of the deal's stream."""
    given = [owner(f"{deal}-{version + n + 1}") for n in range(facts)] if isinstance(facts, int) else facts
    return Append(
        stream=f"deal/{deal}",
        version=version,
        facts=tuple((fact, _stamp(version + n, at, command)) for n, fact in enumerate(given, start=1)),
        subject=subject,
        command=CommandRow(command, f"content of {command}", '{"已":"recorded"}') if command else None,
        notices=tuple(notices),
        schedule=schedule,
    )


def erasure(customer: str, version: int = 0, at: datetime = AT) -> Append:
    """The event by which a customer's keys are destroyed for good."""
    fact = CustomerErased(effective_at=AT, customer_id=customer, reason="asked for")
    return Append(f"customer/{customer}", version, ((fact, _stamp(version + 1, at, None)),), customer)


def rotate(parts: StoreParts) -> None:
    """Another key seals from now on."""
    parts.sealing.rotate_to(parts.sealing.new_key())


def owner(name: str) -> OwnerChanged:
    """A fact that differs by one name."""
    return OwnerChanged(effective_at=AT, owner=name)


def wants(
    *,
    wake: bool = True,
    due_hours: float | None = None,
    in_progress: bool = True,
    opening: int = 1,
    seen: bool = False,
) -> ScheduleChange:
    """What an append means for the deal's workflow."""
    due = None if due_hours is None else AT + timedelta(hours=due_hours)
    return ScheduleChange(opening=opening, in_progress=in_progress, next_due=due, wake=wake, seen=seen)


def notice(key: str, recipient: str = "周总", *, batch: str | None = None, minutes: float = 0) -> Notice:
    """A notice of a stall, created so many minutes after AT."""
    return Notice(
        key=key,
        recipient=recipient,
        kind="escalation",
        deal_id="d-1",
        title="Werkhalle 项目",
        subject=NoticeSubject(
            owner="陈晨",
            stage="meeting",
            stage_title={"zh": "面见约访"},
            clock="stage_age",
            limit="10 working days",
            due_at=AT,
        ),
        mode="digest" if batch else "now",
        batch=batch,
        created_at=AT + timedelta(minutes=minutes),
    )


def _stamp(version: int, at: datetime, command: str | None) -> Stamp:
    return Stamp(
        version=version,
        recorded_at=at,
        actor="陈晨",
        command_id=command or "none",
        correlation_id="cor",
        cause="command",
    )
