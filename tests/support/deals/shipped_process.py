"""The shipped processes, read and ruled by the real adapters."""

from functools import cache

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.processes.cel import CelRules
from dealflow.adapters.processes.reader import load_process
from dealflow.domain.process.definition import ProcessDefinition
from tests.support.deals.stories import Story
from tests.support.paths import PROCESS_DEFS

_CALENDARS = BusinessCalendars()


@cache
def shipped(name: str) -> ProcessDefinition:
    """The definition of a template of `process_defs/`, which must be without a fault."""
    definition, problems = load_process(PROCESS_DEFS / f"{name}.yaml")
    assert definition is not None, problems
    return definition


def standard_sale() -> ProcessDefinition:
    """The shipped standard sale."""
    return shipped("standard-sale")


def real_story(definition: ProcessDefinition) -> Story:
    """A deal of this process, judged by the real rules on the calendar that the process names."""
    return Story(definition, rules=CelRules(definition), calendar=_CALENDARS.get(definition.calendar))
