"""What is wrong with an installation, each problem with what to do about it, and what is to be considered."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from dealflow.application.health.parts import advice_on_parts, others_reach, part_problems, running, said_at
from dealflow.application.health.state import Examined, Health, HealthProblem, KeysState, PeopleState
from dealflow.domain.values.phrase import counted, phrase

# A wake or a notice that is younger may just be under way.
PATIENCE = timedelta(minutes=1)
# After a large import the board has some minutes of work before it.
LAG_OF_NOTE = timedelta(minutes=5)
# So many customers are named; all of them are in the document of --json.
SHOWN = 5
_STORE = phrase(
    "check DEALFLOW_HOME and DEALFLOW_DATABASE_URL; `dealflow process publish` makes a store where there is none"
)


def examined(found: Health) -> Examined:
    """Judge what was found; advice is what may be meant so."""
    problems = (
        *_store_problems(found),
        *_key_problems(found.keys),
        *_people_problems(found.people),
        *_house_problems(found),
        *_temporal_problems(found),
    )
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
    if found.damaged:
        yield HealthProblem(
            part="store",
            says=phrase("rows are damaged and could not be looked at: {damaged}", damaged=[*found.damaged]),
            do=phrase(
                "`dealflow doctor --deep` names them, and `dealflow reconcile` writes anew what follows from the events"
            ),
        )
    seal = found.store.seal
    if seal and seal.is_gone:
        yield HealthProblem(
            part="seal",
            says=phrase("there are events and no seals: somebody has removed them; nothing is written"),
            do=phrase("restore the store from a backup; `dealflow store seal --anew` begins again with what is there"),
        )
    elif seal and not seal.is_here:
        yield HealthProblem(
            part="seal",
            says=phrase("key {key} of the seal is not in {file}: nothing is written", key=seal.key_id, file=seal.file),
            do=phrase(
                "put the key file of this store there, or name it by DEALFLOW_SEAL_KEYS; where it is lost for ever,"
                " `dealflow store seal --anew` begins again with what is there"
            ),
        )
    for problem in found.calendar_problems:
        yield HealthProblem(
            part="calendars",
            says=problem,
            do=phrase(
                "correct the file; until then the parts that run go by the last good version, and others by none"
            ),
        )
    for missing in found.calendars_missing:
        yield HealthProblem(
            part="calendars",
            says=phrase(
                "{missing}; {processes} cannot be judged without it",
                missing=missing.says,
                processes=[*missing.processes],
            ),
            do=phrase(
                "put a calendar of that name into {file}; their deals wait until then, and no deadline is lost",
                file=found.calendar_file,
            ),
        )


def _key_problems(keys: KeysState | None) -> Iterator[HealthProblem]:
    if keys is None:
        return
    if keys.problem:
        yield HealthProblem(part="keys", says=keys.problem, do=keys.do)
    if keys.missing and not keys.problem:
        yield HealthProblem(
            part="keys",
            says=counted(
                "the key of {n} customer is missing ({customers}): personal values read (key lost), and none is recorded",
                "the keys of {n} customers are missing ({customers}): personal values read (key lost), and none is recorded",
                len(keys.missing),
                customers=_some(keys.missing),
            ),
            do=phrase(
                "put back keys that have them; where there are none, begin anew for each:"
                " `dealflow customer rekey {customer} --reason ...`",
                customer=keys.missing[0],
            ),
        )
    if keys.doubtful:
        yield HealthProblem(
            part="keys",
            says=phrase(
                "the store's row calls the key of {customers} destroyed, and no event says so: it was not destroyed",
                customers=_some(keys.doubtful),
            ),
            do=phrase(
                "a program other than dealflow has written it: `dealflow store reindex` puts it right; to erase them,"
                " `dealflow customer erase`"
            ),
        )
    if keys.exposed:
        yield HealthProblem(
            part="keys",
            says=phrase("others than their owner may read {place}", place=keys.place),
            do=phrase("let only the user of dealflow read the file: chmod 600"),
        )


def _some(subjects: Sequence[str]) -> str:
    return ", ".join(subjects[:SHOWN]) + (", ..." if len(subjects) > SHOWN else "")


def _people_problems(people: PeopleState) -> Iterator[HealthProblem]:
    if people.unread:
        yield HealthProblem(
            part="people",
            says=phrase("the people on record cannot be read: no command is taken until they can be"),
            do=phrase("restore the database from a backup; `dealflow doctor --deep` names the event"),
        )
    for problem in people.problems:
        yield HealthProblem(
            part="people", says=problem, do=phrase("correct the file; until then the last good version counts")
        )
    for person, why in people.unreachable.items():
        yield HealthProblem(
            part="people",
            says=phrase("{person} cannot be reached: {why}", person=person, why=why),
            do=phrase(
                "correct the channels of {person} in {file}, then try `dealflow notify test {person}`",
                person=person,
                file=people.file,
            ),
        )


def _house_problems(found: Health) -> Iterator[HealthProblem]:
    """Files of this computer that are not what counts in the store."""
    for part, load, known, file in (
        ("people", "people load", found.people.on_record, found.people.file),
        ("calendars", "calendar load", found.calendars_on_record, found.calendar_file),
    ):
        if known and known.differs:
            yield HealthProblem(
                part=part,
                says=known.differs,
                do=phrase(
                    "put the file there that counts, or load this one: `dealflow {load} {file}`; parts on this computer are"
                    " not started again until then",
                    load=load,
                    file=file,
                ),
            )
        if known and known.gone:
            yield HealthProblem(
                part=part,
                says=phrase("{file} is gone: what the store has on record of it counts", file=file),
                do=phrase("put it back, or write a new one; `dealflow people show --json` has what counts"),
            )


def _temporal_problems(found: Health) -> Iterator[HealthProblem]:
    temporal = found.temporal
    if temporal.error:
        others, reached = others_reach(found.running)
        do = phrase(
            "start `dealflow up` in another terminal, or set DEALFLOW_TEMPORAL_ADDRESS; evidence is kept meanwhile"
        )
        if reached:
            do = phrase("check DEALFLOW_TEMPORAL_ADDRESS and the way there from this computer")
        says = phrase("{error}; {others}", error=temporal.error, others=others) if others else temporal.error
        yield HealthProblem(part="temporal", says=says, do=do)
        return
    if temporal.workers == 0 and (found.running is None or running(found.running, "worker")):
        yield HealthProblem(
            part="worker",
            says=phrase(
                "no worker polls the queue '{queue}' in namespace '{namespace}'",
                queue=temporal.queue,
                namespace=temporal.namespace,
            ),
            do=phrase("start `dealflow worker` with the settings of this computer; deals do not move meanwhile"),
        )
    if lacks_workflows(found):
        yield HealthProblem(
            part="temporal",
            says=counted(
                "{n} deal is in progress, but only {workflows} have a workflow",
                "{n} deals are in progress, but only {workflows} have a workflow",
                found.store.in_progress or 0,
                workflows=temporal.deal_workflows,
            ),
            do=phrase(
                "`dealflow doctor --deep` names them, and `dealflow reconcile` brings the missing workflows back"
            ),
        )


def _work_problems(found: Health) -> Iterator[HealthProblem]:
    work = found.work
    if work is None:
        return
    if work.oldest_wake is not None and found.at - work.oldest_wake > PATIENCE:
        yield HealthProblem(
            part="relay",
            says=counted(
                "{n} deal waits to be woken, since {at}",
                "{n} deals wait to be woken, the oldest since {at}",
                work.waiting_wakes,
                at=said_at(work.oldest_wake),
            ),
            do=phrase("see that a relay runs (`dealflow up`, or `dealflow relay`) and that Temporal answers"),
        )
    if work.oldest_overdue is not None and found.at - work.oldest_overdue > PATIENCE:
        yield HealthProblem(
            part="worker",
            says=counted(
                "{n} deal should have been looked at, at {at}",
                "{n} deals should have been looked at, the oldest at {at}",
                work.overdue,
                at=said_at(work.oldest_overdue),
            ),
            do=phrase("see that a worker runs; the relay wakes these deals again, and nothing is lost"),
        )


def _notice_problems(found: Health) -> Iterator[HealthProblem]:
    for problem in found.notice_problems:
        yield HealthProblem(
            part="notices",
            says=problem,
            do=phrase("correct the file, or remove it; the shipped text goes out meanwhile"),
        )


def _outbox_problems(found: Health) -> Iterator[HealthProblem]:
    outbox = found.outbox
    if outbox is None:
        return
    if outbox.abandoned:
        yield HealthProblem(
            part="outbox",
            says=counted(
                "{n} notice was given up: no channel of its recipient takes it",
                "{n} notices were given up: no channel of their recipients takes them",
                outbox.abandoned,
            ),
            do=phrase(
                "look for notice.abandoned in the log, and correct the channels in people.yaml; what they told stands in"
                " `dealflow escalation list`"
            ),
        )
    if outbox.held:
        yield HealthProblem(
            part="outbox",
            says=counted(
                "{n} notice waits for an import to finish", "{n} notices wait for an import to finish", outbox.held
            ),
            do=phrase(
                "let the import end; if it was interrupted, run the same import again, and each recipient gets one digest"
            ),
        )
    patience = PATIENCE + timedelta(minutes=outbox.gather_minutes)
    if outbox.oldest_due is not None and found.at - outbox.oldest_due > patience:
        yield HealthProblem(
            part="outbox",
            says=counted(
                "{n} notice waits since {at}",
                "{n} notices wait, the oldest since {at}",
                outbox.waiting,
                at=said_at(outbox.oldest_due),
            ),
            do=phrase("see that relay and worker run; the log says why a notice failed (notice.failed)"),
        )


def _view_problems(found: Health) -> Iterator[HealthProblem]:
    views = found.views
    if views is None:
        return
    for fault in views.faults:
        yield HealthProblem(
            part="views",
            says=phrase("the board could not take in {fault}", fault=fault),
            do=phrase(
                "`dealflow doctor --deep` says what is damaged; restore it from a backup. Lists and counts name the deal"
                " meanwhile"
            ),
        )
    # Where nobody follows the log, the board catches up with it when it is asked for.
    followed = found.running is not None and running(found.running, "views")
    if followed and views.oldest is not None and found.at - views.oldest > LAG_OF_NOTE:
        yield HealthProblem(
            part="views",
            says=counted(
                "the board is {n} event behind, of {at}",
                "the board is {n} events behind, the oldest of {at}",
                views.behind,
                at=said_at(views.oldest),
            ),
            do=phrase("look for projection.failed in the log"),
        )


def _advice(found: Health) -> Iterator[HealthProblem]:
    for unknown in found.unknown_settings:
        yield HealthProblem(part="settings", says=unknown, do=phrase("correct or remove it"))
    if found.clocks_moved:
        yield HealthProblem(
            part="clocks",
            says=phrase(
                "instants from outside are not held against the store's clock: DEALFLOW_TESTS_MOVE_CLOCKS is set"
            ),
            do=phrase("remove that variable unless this is a test: one wrong clock moves every deal"),
        )
    if found.temporal.is_elsewhere and not found.temporal.guarded_by:
        yield HealthProblem(
            part="temporal",
            says=phrase(
                "Temporal at {address} is reached without mTLS and without an API key: whoever reaches it can call what a"
                " worker does",
                address=found.temporal.address,
            ),
            do=phrase(
                "set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or TEMPORAL_API_KEY, and let the server"
                " ask for them (docs/running.md)"
            ),
        )
    yield from advice_on_parts(found)
    if found.keys and found.keys.lost:
        yield HealthProblem(
            part="keys",
            says=counted(
                "an earlier key of {n} customer is missing ({customers}): what it encrypted reads (key lost)",
                "earlier keys of {n} customers are missing ({customers}): what they encrypted reads (key lost)",
                len(found.keys.lost),
                customers=_some(found.keys.lost),
            ),
            do=phrase("nothing, unless keys that have them are found"),
        )
    if not (found.people.declared or found.people.problems or found.people.unread or found.store.error):
        yield HealthProblem(
            part="people",
            says=phrase(
                "there is no {file}: the home belongs to whoever works in it, who may do everything, alone as the record"
                " says, and nobody hears of a stall",
                file=found.people.file,
            ),
            do=phrase(
                "write one, each person with their manager, or take it from a table of sellers:"
                " `dealflow import crm-csv ... --people`"
            ),
        )
    if not found.store.error and not found.processes:
        yield HealthProblem(
            part="processes",
            says=phrase("no process is published yet"),
            do=phrase("run `dealflow process publish process_defs/standard-sale.yaml`"),
        )
    for calendar in found.calendars:
        if calendar.provisional_from is not None and calendar.provisional_from <= found.at.year:
            yield HealthProblem(
                part="calendars",
                says=phrase(
                    "{calendar}: the make-up days of {year} are not known; deadlines say so",
                    calendar=calendar.name,
                    year=calendar.provisional_from,
                ),
                do=phrase("upgrade the package `holidays` once it knows them"),
            )
