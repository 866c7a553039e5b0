"""`dealflow evidence`: what the customer did, on record."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import acting
from dealflow.cli.options import DealId, Decimal, Fields, FieldsJson, ObservedAt, Reason, group
from dealflow.domain.values.phrase import phrase

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Record what the customer did, and take it back.")
Confirm = Annotated[
    bool,
    typer.Option("--confirm", help="Agree to what another did before; only someone above the owner may."),
]
DealOrKind = Annotated[
    str,
    typer.Argument(metavar="DEAL", help="The deal's id; left out where --customer is given.", show_default=False),
]
KindBehind = Annotated[
    str | None, typer.Argument(metavar="KIND", help="A kind of evidence of the deal's process.", show_default=False)
]
OfCustomer = Annotated[
    str | None,
    typer.Option(
        "--customer",
        metavar="CUSTOMER",
        help="For the one deal in progress of this customer: their id, or wecom:ID, openid:ID, account:ID.",
    ),
]
OfProcess = Annotated[
    str | None,
    typer.Option("--process", metavar="NAME[@VERSION]", help="Of this process, where the customer has several deals."),
]
EvidenceId = Annotated[str, typer.Argument(metavar="EVIDENCE", help="The evidence's id.", show_default=False)]


@app.command(
    epilog="Example: dealflow evidence record d-7k2m9q4x payment --field 'amount=5,000 CNY' --field paid_on=2026-11-24"
)
@acting
def record(
    session: "Session",
    deal: DealOrKind,
    kind: KindBehind = None,
    customer: OfCustomer = None,
    process: OfProcess = None,
    field: Fields = None,
    fields_json: FieldsJson = None,
    observed_at: ObservedAt = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="More about it.")] = "",
    author: Annotated[str | None, typer.Option("--author", metavar="NAME", help="Who saw it; else you.")] = None,
    id_: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="The evidence's id; else a short new one.")
    ] = None,
    decimal: Decimal = None,
) -> int:
    """Record what the customer did. The answer says which standard is met and what is missing; the deal moves by itself."""
    from dealflow.application.commands.short_ids import short_id
    from dealflow.domain.deal.commands import RecordEvidence

    deal, kind = _deal_and_kind(session, deal, kind, customer, process)
    act = RecordEvidence(
        evidence_id=id_ if id_ is not None else short_id("e", session.named_after),
        kind=kind,
        **session.given(field, fields_json, observed_at, decimal),
        author=author,
        note=note,
    )
    return session.carry_out(deal, act)


def _deal_and_kind(
    session: "Session", first: str, second: str | None, customer: str | None, process: str | None
) -> tuple[str, str]:
    """The deal's id and the kind: both as given, or the deal that the customer and the process mean."""
    from dealflow.cli.errors import WrongUsage

    if customer is None:
        if process is not None:
            raise WrongUsage(phrase("--process chooses among the deals of a --customer, and none is named"))
        if second is None:
            raise WrongUsage(phrase("Missing argument {name}.", name="'KIND'"))
        return first, second
    if second is not None:
        raise WrongUsage(phrase("name the deal or its --customer, not both"))
    return session.deals_of_customer.meant(customer, process, session.who, session.command_id), first


@app.command(epilog="Example: dealflow evidence withdraw d-7k2m9q4x e-3f8k1m2n --reason 'recorded for the wrong deal'")
@acting
def withdraw(session: "Session", deal: DealId, evidence: EvidenceId, reason: Reason, confirm: Confirm = False) -> int:
    """Take evidence back. Its node is judged again on the rest, the deal does not go back by itself."""
    from dealflow.domain.deal.commands import WithdrawEvidence

    return session.carry_out(deal, WithdrawEvidence(evidence_id=evidence, reason=reason, confirms=confirm))


@app.command(epilog="Example: dealflow evidence dispute d-7k2m9q4x e-3f8k1m2n --reason 'the customer denies it'")
@acting
def dispute(session: "Session", deal: DealId, evidence: EvidenceId, reason: Reason, confirm: Confirm = False) -> int:
    """Cast doubt on evidence. It does not count until it is confirmed."""
    from dealflow.domain.deal.commands import DisputeEvidence

    return session.carry_out(deal, DisputeEvidence(evidence_id=evidence, reason=reason, confirms=confirm))


@app.command(
    epilog="Example: dealflow evidence correct d-7k2m9q4x e-3f8k1m2n --field 'amount=500 CNY' --reason 'a nought too many'"
)
@acting
def correct(
    session: "Session",
    deal: DealId,
    evidence: EvidenceId,
    reason: Reason,
    field: Fields = None,
    fields_json: FieldsJson = None,
    observed_at: ObservedAt = None,
    decimal: Decimal = None,
    confirm: Confirm = False,
) -> int:
    """Put right what was recorded wrongly. Fields that are not named stay, and the nodes are judged again."""
    from dealflow.domain.deal.commands import CorrectEvidence

    act = CorrectEvidence(
        evidence_id=evidence,
        reason=reason,
        confirms=confirm,
        **session.given(field, fields_json, observed_at, decimal),
    )
    return session.carry_out(deal, act)


@app.command(epilog="Example: dealflow evidence confirm d-7k2m9q4x e-3f8k1m2n --reason 'the receipt was checked'")
@acting
def confirm(session: "Session", deal: DealId, evidence: EvidenceId, reason: Reason) -> int:
    """Let evidence count again. After a dispute, a move back or a reopening; only someone above the owner may."""
    from dealflow.domain.deal.commands import ConfirmEvidence

    return session.carry_out(deal, ConfirmEvidence(evidence_id=evidence, reason=reason))
