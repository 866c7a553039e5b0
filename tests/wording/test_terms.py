"""Every closed set of words in the domain has its terms, so that a new clock, outcome or decision cannot go without them."""

from collections.abc import Iterable
from typing import get_args

import pytest

from dealflow.domain.clocks.kinds import KINDS
from dealflow.domain.deal.events import Basis, ClosedHow, DecisionKind, StallEnd
from dealflow.domain.deal.state import EvidenceStatus, NodeStatus, Outcome
from dealflow.domain.people.organisation import Role
from dealflow.domain.process.definition import Side
from dealflow.wording.terms import TERMS, Kind

SETS: dict[Kind, Iterable[str]] = {
    "clock": KINDS,
    "outcome": Outcome,
    "node": NodeStatus,
    "evidence": EvidenceStatus,
    "side": Side,
    "basis": get_args(Basis),
    "decision": get_args(DecisionKind),
    "role": get_args(Role),
    "closed": get_args(ClosedHow),
    "stall_ended": get_args(StallEnd),
}


@pytest.mark.parametrize("kind", SETS)
def test_every_word_of_the_domain_has_its_term(kind: Kind) -> None:
    assert set(SETS[kind]) <= set(TERMS[kind])
