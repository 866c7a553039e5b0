"""`doctor --deep` knows the clock of a lost proof and the notices that it asks for."""

from pathlib import Path

import pytest

from dealflow.application.audit.invariants import Invariants
from dealflow.application.audit.stream_checks import Finding, state_faults
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.replace import replace
from tests.support.deals.stories import Story, day
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.stores.databases import DATABASES, database_params
from tests.support.stores.raw_rows import run


def findings(running: RunningSystem) -> list[Finding]:
    system = running.system
    check = Invariants(system.parts.rows, system.processes, page=2, pause=lambda seconds: None)
    return check.check(system.parts.count_events())[1]


@pytest.mark.parametrize("database", database_params(*DATABASES))
def test_a_lost_proof_is_sound_and_its_notice_is_missed(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("postgres_database") if database == "postgres" else ""
    with running_system(tmp_path / "house", "127.0.0.1:1", database=url) as running:
        running.open("d1")
        running.prove_need("d1")
        running.system.deals.progress("d1", 1, running.deal("d1").recorded_at)
        running.execute("d1", c.WithdrawEvidence(evidence_id="d1-need", reason="a mistake"))
        assert list(running.deal("d1").lost) == ["need_confirmed"]
        running.system.deals.progress("d1", 1, running.deal("d1").clocks["proof_lost/need_confirmed"].due_at)
        assert len(running.deal("d1").open_stalls) == 1
        assert findings(running) == []
        run(url, running.settings.home, "DELETE FROM notices WHERE key LIKE ?", "%/lost/%dora%")
        [found] = findings(running)
        assert (found.check, found.deal_id) == ("notice", "d1") and "proof_lost" in found.says


def test_a_lost_proof_without_a_clock_and_a_clock_without_a_lost_proof_are_named() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(c.WithdrawEvidence(evidence_id="need1", reason="a mistake"), at=day(1))
    assert list(state_faults(story.deal)) == []
    [found] = state_faults(replace(story.deal, clocks={}))
    assert "need_confirmed" in found.says and "no clock runs" in found.says
    [found] = state_faults(replace(story.deal, lost={}))
    assert "which is not lost" in found.says
