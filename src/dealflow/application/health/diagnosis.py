"""What is wrong with an installation, each problem with what to do about it, and what is to be considered."""

from collections.abc import Iterator
from datetime import timedelta

from dealflow.application.health.parts import advice_on_parts, others_reach, part_problems, running, said_at
from dealflow.application.health.state import Examined, Health, HealthProblem, PeopleState

# A wake or a notice that is younger may just be under way.
PATIENCE = timedelta(minutes=1)
# After a large import the board has some minutes of work before it.
LAG_OF_NOTE = timedelta(minutes=5)
_STORE = "check DEALFLOW_HOME and DEALFLOW_DATABASE_URL; `dealflow process publish` makes a store where there is none"


def examined(found: Health) -> Examined:
    """Judge what was found; advice is what may be meant so."""
    problems = (*_store_problems(found), *_people_problems(found.people), *_temporal_problems(found))
    problems += (*part_problems(found), *_work_problems(found), *_notice_problems(found), *_outbox_problems(found))
    problems += tuple(_view_problems(found))
    return Examined(healthy=not problems, problems=problems, advice=tuple(_advice(found)), found=found)


def lacks_workflows(found: Health) -> bool:
    """Whether there are fewer workflows than deals in progress, even if each wake that waits is to start one."""
    in_progress, workflows = found.store.in_progress, found.temporal.deal_workflows
    if in_progress is None or workflows is None:
        return False
    return workflows + (found.work.waiting_wakes if found.work else 0) < in_progress


def _store_problems(found: Health) -> Iterator[HealthProblem]:
    if found.store.error:
        yield HealthProblem(part="store", says=found.store.error, do=found.store.do or _STORE)
    for problem in found.calendar_problems:
        yield HealthProblem(part="calendars", says=problem, do="correct the file; no command works until then")


def _people_problems(people: PeopleState) -> Iterator[HealthProblem]:
    for problem in people.problems:
        yield HealthProblem(part="people", says=problem, do="correct the file; until then the last good version counts")
    for person, why in people.unreachable.items():
        yield HealthProblem(
            part="people",
            says=f"{person} cannot be reached: {why}",
            do=f"correct the channels of {person} in {people.file}, then try `dealflow notify test {person}`",
        )


def _temporal_problems(found: Health) -> Iterator[HealthProblem]:
    temporal = found.temporal
    if temporal.error:
        said, reached = others_reach(found.running)
        do = "start `dealflow up` in another terminal, or set DEALFLOW_TEMPORAL_ADDRESS; evidence is kept meanwhile"
        if reached:
            do = "check DEALFLOW_TEMPORAL_ADDRESS and the way there from this computer"
        yield HealthProblem(part="temporal", says=temporal.error + said, do=do)
        return
    if temporal.workers == 0 and (found.running is None or running(found.running, "worker")):
        yield HealthProblem(
            part="worker",
            says=f"no worker polls the queue '{temporal.queue}' in namespace '{temporal.namespace}'",
            do="start `dealflow worker` with the settings of this computer; deals do not move meanwhile",
        )
    if lacks_workflows(found):
        yield HealthProblem(
            part="temporal",
            says=f"{found.store.in_progress} deals are in progress, but only {temporal.deal_workflows} have a workflow",
            do="`dealflow doctor --deep` names them, and `dealflow reconcile` brings the missing workflows back",
        )


def _work_problems(found: Health) -> Iterator[HealthProblem]:
    work = found.work
    if work is None:
        return
    if work.oldest_wake is not None and found.at - work.oldest_wake > PATIENCE:
        yield HealthProblem(
            part="relay",
            says=f"{work.waiting_wakes} deals wait to be woken, the oldest since {said_at(work.oldest_wake)}",
            do="see that a relay runs (`dealflow up`, or `dealflow relay`) and that Temporal answers",
        )
    if work.oldest_overdue is not None and found.at - work.oldest_overdue > PATIENCE:
        yield HealthProblem(
            part="worker",
            says=f"{work.overdue} deals should have been looked at, the oldest at {said_at(work.oldest_overdue)}",
            do="see that a worker runs; the relay wakes these deals again, and nothing is lost",
        )


def _notice_problems(found: Health) -> Iterator[HealthProblem]:
    for problem in found.notice_problems:
        yield HealthProblem(
            part="notices", says=problem, do="correct the file, or remove it; the shipped text goes out meanwhile"
        )


def _outbox_problems(found: Health) -> Iterator[HealthProblem]:
    outbox = found.outbox
    if outbox is None:
        return
    if outbox.abandoned:
        yield HealthProblem(
            part="outbox",
            says=f"{outbox.abandoned} notices were given up: no channel of their recipients takes them",
            do="look for notice.abandoned in the log, and correct the channels in people.yaml; what they told stands in"
            " `dealflow escalation list`",
        )
    if outbox.held:
        yield HealthProblem(
            part="outbox",
            says=f"{outbox.held} notices wait for an import to finish",
            do="let the import end; if it was interrupted, run the same import again, and each recipient gets one digest",
        )
    patience = PATIENCE + timedelta(minutes=outbox.gather_minutes)
    if outbox.oldest_due is not None and found.at - outbox.oldest_due > patience:
        yield HealthProblem(
            part="outbox",
            says=f"{outbox.waiting} notices wait, the oldest since {said_at(outbox.oldest_due)}",
            do="see that relay and worker run; the log says why a notice failed (notice.failed)",
        )


def _view_problems(found: Health) -> Iterator[HealthProblem]:
    views = found.views
    if views is None:
        return
    for fault in views.faults:
        yield HealthProblem(
            part="views",
            says=f"the board could not take in {fault}",
            do="send this with the log to whoever maintains the installation; the deal itself is not affected",
        )
    # Where nobody follows the log, the board catches up with it when it is asked for.
    followed = found.running is not None and running(found.running, "views")
    if followed and views.oldest is not None and found.at - views.oldest > LAG_OF_NOTE:
        yield HealthProblem(
            part="views",
            says=f"the board is {views.behind} events behind, the oldest of {said_at(views.oldest)}",
            do="look for projection.failed in the log",
        )


def _advice(found: Health) -> Iterator[HealthProblem]:
    for unknown in found.unknown_settings:
        yield HealthProblem(part="settings", says=unknown, do="correct or remove it")
    yield from advice_on_parts(found)
    if not found.people.declared and not found.people.problems:
        yield HealthProblem(
            part="people",
            says=f"there is no {found.people.file}: everyone may work on every deal, but nobody may waive, override,"
            " confirm, reopen, declare won or answer an escalation, and nobody hears of a stall",
            do="write one, each person with their manager, or take it from a table of sellers:"
            " `dealflow import crm-csv ... --people`",
        )
    if not found.store.error and not found.processes:
        yield HealthProblem(
            part="processes",
            says="no process is published yet",
            do="run `dealflow process publish process_defs/standard-sale.yaml`",
        )
    for calendar in found.calendars:
        if calendar.provisional_from is not None and calendar.provisional_from <= found.at.year:
            yield HealthProblem(
                part="calendars",
                says=f"{calendar.name}: the make-up days of {calendar.provisional_from} are not known; deadlines say so",
                do="upgrade the package `holidays` once it knows them",
            )
