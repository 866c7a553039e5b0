"""How many verdicts a second the domain gives, against a look at a field in plain Python."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bench.measuring import Measure, per_second
from bench.rig import ROOT, Rig
from dealflow.adapters.processes.cel import CelRules
from dealflow.adapters.processes.reader import load_process
from dealflow.domain.deal.state import Deal, Evidence
from dealflow.domain.process.definition import ProcessRef, Side
from dealflow.domain.track.judge import Met, verdict
from dealflow.domain.values.money import Money

AT = datetime(2026, 11, 24, tzinfo=UTC)


def measure(rig: Rig) -> Iterator[Measure]:
    """One payment judged by a CEL rule with an amount of money in it."""
    process, problems = load_process(ROOT / "process_defs" / "standard-sale.yaml")
    assert process is not None, problems
    rules = CelRules(process)
    deal = Deal(
        id="d-1",
        title="Forty seats",
        process=ProcessRef(name=process.name, version=1, digest="-"),
        stage="sign",
        opened_at=AT,
        opened_recorded_at=AT,
        version=2,
        recorded_at=AT,
        amount=Money(minor=10_000_000, currency="CNY"),
        amounts=(Money(minor=10_000_000, currency="CNY"),),
        evidence={"e-1": _payment()},
    )
    node, for_seconds = process.nodes["deposit_paid"], rig.sized(2.0, 0.1)
    assert isinstance(verdict(node, deal, process, rules), Met)
    judged = per_second(lambda: verdict(node, deal, process, rules), for_seconds)
    plain = per_second(lambda: _by_hand(deal), for_seconds)
    yield Measure("verdicts, one payment", judged, "1/s", "the same rule in Python", plain)


def _payment() -> Evidence:
    return Evidence(
        id="e-1",
        kind="payment",
        side=Side.CUSTOMER,
        fields={"amount": Money(minor=2_000_000, currency="CNY"), "receipt": "R-1"},
        observed_at=AT,
        reported_at=AT,
        author="anna",
        version=2,
        command_id="bench",
        recorded_at=AT,
        counts_from=2,
    )


def _by_hand(deal: Deal) -> bool:
    assert deal.amount is not None
    amounts = [evidence.fields["amount"] for evidence in deal.evidence.values() if evidence.kind == "payment"]
    return any(isinstance(amount, Money) and amount.minor * 10 >= deal.amount.minor for amount in amounts)
