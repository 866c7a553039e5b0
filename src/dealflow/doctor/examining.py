"""One look at everything, in a few seconds at most, also when a part is away."""

import asyncio
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from dealflow import __version__
from dealflow.adapters.clock import SystemClock
from dealflow.adapters.notices.texts import NoticeTexts
from dealflow.adapters.people.reader import PeopleFileError
from dealflow.adapters.store import found_schema, place_of, seals_were_removed
from dealflow.adapters.store.found_schema import AFTER_REMOVED_SEALS, removed_seals
from dealflow.adapters.store.rows.tables import SCHEMA_VERSION
from dealflow.adapters.temporal.client import let_go
from dealflow.adapters.temporal.probe import probe
from dealflow.application.health.diagnosis import examined, lacks_workflows
from dealflow.application.health.state import Examined, Health, PeopleState, Setting, StoreState
from dealflow.application.ports.store import StoreUnreachable
from dealflow.bootstrap import calendars_of, open_system
from dealflow.doctor.looking import looked_at
from dealflow.domain.values.phrase import phrase
from dealflow.embedded.home_lock import holder_of
from dealflow.settings import Settings, unknown_variables

# Temporal lists a workflow about a second after it began.
LOOKS = 3
BETWEEN_LOOKS_SECONDS = 1.5


def examine(settings: Settings) -> Examined:
    """Look at everything; what moves meanwhile is looked at again before it is called wrong."""
    found = _look(settings)
    for _ in range(1, LOOKS):
        if not lacks_workflows(found):
            break
        time.sleep(BETWEEN_LOOKS_SECONDS)
        found = _look(settings)
    return examined(found)


def _look(settings: Settings) -> Health:
    # Side by side, so that two parts that are away cost no more time than one.
    try:
        with ThreadPoolExecutor(1, "probe") as thread:
            probing = thread.submit(lambda: asyncio.run(probe(settings)))
            found = _with_store(_around(settings), settings)
            temporal = probing.result()
    finally:
        let_go()
    if temporal.database != found.temporal.database:
        # The relay is about to bring all workflows back to it.
        return found.model_copy(update={"temporal": temporal})
    return found.model_copy(
        update={"temporal": temporal.model_copy(update={"known_since": found.temporal.known_since})}
    )


def _around(settings: Settings) -> Health:
    """What is found without a store and without Temporal."""
    holder = holder_of(settings.home)
    return Health(
        at=SystemClock().now(),
        version=__version__,
        host=socket.gethostname(),
        home=str(settings.home.absolute()),
        embedded=phrase(
            "dealflow {what}, process {pid}, since {since} UTC",
            what=holder.what,
            pid=holder.pid,
            since=format(holder.since, "%Y-%m-%d %H:%M:%S"),
        )
        if holder
        else "",
        settings=tuple(Setting(name=row.name, value=row.value, source=row.source) for row in settings.describe()),
        unknown_settings=tuple(unknown_variables(os.environ)),
        store=StoreState(place=place_of(settings.database_url, settings.home)),
        people=PeopleState(file=str(settings.people), declared=settings.people.exists()),
        clocks_moved=bool(settings.tests_move_clocks),
        calendar_file=str(settings.calendars),
        calendar_problems=tuple(str(problem) for problem in calendars_of(settings).problems),
        notice_problems=tuple(NoticeTexts(settings.notices).problems()),
    )


def _with_store(found: Health, settings: Settings) -> Health:
    place = found.store.place
    try:
        # Opening a store makes one, or brings it up to date, and a doctor changes nothing.
        schema = found_schema(settings.database_url, settings.home)
        if schema < SCHEMA_VERSION:
            return found.model_copy(update={"store": _not_opened(place, schema, settings)})
        with open_system(settings, reading=True) as system:
            return looked_at(found, system)
    except StoreUnreachable as error:
        return found.model_copy(update={"store": StoreState(place=place, error=str(error))})
    except PeopleFileError as error:
        problems = tuple(str(problem) for problem in error.problems)
        broken = PeopleState(file=str(settings.people), declared=True, problems=problems)
        return found.model_copy(update={"people": broken})


def _not_opened(place: str, schema: int, settings: Settings) -> StoreState:
    if schema == 0:
        where = place if settings.database_url else str(settings.home.absolute())
        return StoreState(place=place, error=phrase("there is no store in {where}", where=where))
    if seals_were_removed(settings.database_url, settings.home, settings.seal_keys):
        return StoreState(place=place, error=removed_seals(place), do=AFTER_REMOVED_SEALS, schema_version=schema)
    return StoreState(
        place=place,
        error=phrase(
            "the store is of an older version: its schema is {schema}, this version works with {known}",
            schema=schema,
            known=SCHEMA_VERSION,
        ),
        do=phrase("stop all parts and run `dealflow store upgrade`; older versions then ask to be upgraded"),
        schema_version=schema,
    )
