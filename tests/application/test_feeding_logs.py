"""The log of the BPI Challenge 2012, where it is at hand: told live, every tenth deal ends as its import, whoever looks when."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from random import Random

import pytest

from dealflow.adapters.imports.mapping.file import read_log_mapping
from dealflow.adapters.imports.xes.file import XesFile
from dealflow.adapters.imports.xes.plans import XesPlans
from dealflow.adapters.imports.xes.survey import survey
from dealflow.application.imports.changes import outstanding
from dealflow.application.imports.plans import DealPlan
from dealflow.domain.deal.context import Mode
from dealflow.domain.decide.feeding import as_fed, must_be_moved_first
from dealflow.domain.decide.replay import Dated, replay
from dealflow.domain.process.definition import ProcessDefinition
from tests.support.import_files import lookup, shipped_process
from tests.support.loan_logs import BPI, MAPPING, why_no_bpi
from tests.support.outlook import Outlook, outlook
from tests.support.stories import Story, context
from tests.support.xes_files import NOW

EVERY = 10


@pytest.mark.slow
@pytest.mark.skipif(why_no_bpi() is not None, reason=str(why_no_bpi()))
def test_told_live_the_deals_of_the_bpi_challenge_2012_end_as_imported() -> None:
    loan = shipped_process("consumer-loan")
    mapping, file = read_log_mapping(MAPPING, lookup(loan)), XesFile(BPI)
    plans = XesPlans(file, survey(file, mapping), mapping, NOW, None)
    random, outcomes = Random(2012), Counter[str]()
    for plan in islice(plans, 0, None, EVERY):
        assert isinstance(plan, DealPlan)
        acts = outstanding(plan, None, loan.definition.stages[0].id, NOW).acts
        live = told(acts, loan.definition, random)
        assert live == imported(acts, loan.definition), plan.deal_id
        outcomes[live.outcome] += 1
    # Of all 13,087: 2,246, 7,635, 2,807 and 399.
    assert outcomes == {"won": 227, "lost": 762, "cancelled": 284, "open": 36}


def imported(acts: tuple[Dated, ...], definition: ProcessDefinition) -> Outlook:
    story = Story(definition)
    story.now = NOW
    story.add(replay(None, "d1", acts, replace(context(definition, NOW), mode=Mode.PAST), NOW).facts)
    return outlook(story.deal, definition)


def told(acts: tuple[Dated, ...], definition: ProcessDefinition, random: Random) -> Outlook:
    """A second apart; how often the workflow looks in between is drawn for each deal."""
    story, often = Story(definition), random.choice([0, 0.1, 0.5, 1])
    for number, (_, commands) in enumerate(as_fed(acts)):
        now = NOW + timedelta(seconds=number)
        if number and (random.random() < often or must_be_moved_first(story.deal, context(definition, now))):
            story.progress(now)
        story.do(*commands, at=now)
    story.progress(story.now)
    return outlook(story.deal, definition)
