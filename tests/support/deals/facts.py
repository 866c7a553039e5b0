"""One example of every fact with every field given: what the golden files say in JSON, said in Python."""

from datetime import UTC, datetime, timedelta, timezone

from dealflow.domain.deal import events as e
from dealflow.domain.process.calendar import Deadline
from dealflow.domain.process.definition import ProcessRef, Side
from dealflow.domain.values.money import Money

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 16, 17, 45, 12, 345678, tzinfo=timezone(timedelta(hours=8)))
SOURCE = e.Origin(source="crm.csv", row="17", key="opp-17/won")
PROCESS = ProcessRef(name="standard-sale", version=3, digest="0f" * 32)
PRICE = Money(minor=1_234_567_89, currency="CNY")
DUE = Deadline(due_at=LATER, calendar="china-office", calendar_version="2026.1", provisional=True)
PHONE = "+86 138 0013 8000"
CUSTOMER_NAME = "张伟（金茂）"

_FACTS: tuple[e.Fact, ...] = (
    e.DealOpened(
        effective_at=AT,
        origin=SOURCE,
        deal_id="d-1",
        title="Neubau Werkhalle 🏗 نور",
        process=PROCESS,
        stage="first_contact",
        owner="陈晨",
        customer=e.Customer(id="c-1", name=CUSTOMER_NAME),
        amount=PRICE,
        attributes={"region": "华东", "product": "GTX Pro"},
        linked_from=e.Link(deal_id="d-0", kind="referred", node="refers_others"),
        run=2,
    ),
    e.UndoBegun(effective_at=AT, origin=SOURCE, batch="import/crm/5f1e7a90c2d4", reason="日和月弄反了"),
    e.UndoFinished(
        effective_at=AT, origin=SOURCE, batch="import/crm/5f1e7a90c2d4", gone=3, restored=2, kept=1, events=40
    ),
    e.ImportUndone(effective_at=AT, origin=SOURCE, batch="5f1e7a90c2d4", back_to=0, reason="日和月弄反了"),
    e.DealAmended(
        effective_at=AT,
        origin=SOURCE,
        title="新标题",
        customer=e.Customer(id="c-1", name=CUSTOMER_NAME),
        amount=Money(minor=-5, currency="JPY"),
        attributes={"region": ""},
        reason="客户改了订单",
        title_was="旧标题",
        customer_was="c-0",
        amount_was=PRICE,
        attributes_was={"region": "华东"},
        confirms=True,
        as_won=True,
        present_was=Money(minor=130_000, currency="CNY"),
        keeps_values=True,
    ),
    e.FieldsCleared(
        effective_at=AT,
        origin=SOURCE,
        cleared=("owner", "customer", "amount"),
        attributes=("region",),
        owner_was="陈晨",
        customer_was="c-0",
        amount_was=PRICE,
        attributes_was={"region": "华东"},
    ),
    e.AmountConfirmed(effective_at=AT, origin=SOURCE, amount=PRICE, reason="合同已变更"),
    e.OwnerChanged(effective_at=AT, origin=SOURCE, owner="李雷", previous="陈晨", reason="换区", recipients=("李雷",)),
    e.StageClaimed(effective_at=AT, origin=SOURCE, from_stage="meeting", to_stage="need", visit=2, basis="claimed"),
    e.DatesCorrected(
        effective_at=AT,
        origin=SOURCE,
        dates=(e.DateCorrected(claim="stage engaging", was=AT, now=LATER),),
        from_version=3,
        to_visit=1,
        outcome="open",
        opens_anew=True,
    ),
    e.ClaimAgrees(effective_at=AT, origin=SOURCE, claim="outcome won"),
    e.ClaimNotApplied(effective_at=AT, origin=SOURCE, claim="stage engaging", why="the deal is closed"),
    e.EvidenceRecorded(
        effective_at=AT,
        origin=SOURCE,
        evidence_id="ev-1",
        kind="payment",
        side=Side.CUSTOMER,
        fields={
            "amount": PRICE,
            "in_full": True,
            "instalment": 2,
            "receipt": "第二笔\t款",
            "payer": "王芳",
            "phone": PHONE,
            "paid_on": "2026-03-01",
            "rate": "0.10",
            "refund": Money(minor=7, currency="CNY"),
        },
        personal=("payer", "phone", "refund"),
        reported_at=LATER,
        author="陈晨",
        note="by transfer",
    ),
    e.EvidenceWithdrawn(effective_at=AT, origin=SOURCE, evidence_id="ev-1", reason="wrong deal", confirmed=False),
    e.EvidenceDisputed(effective_at=AT, origin=SOURCE, evidence_id="ev-1", reason="客户否认", confirmed=False),
    e.EvidenceCorrected(
        effective_at=AT,
        origin=SOURCE,
        evidence_id="ev-1",
        kind="payment",
        side=Side.CUSTOMER,
        fields={"amount": Money(minor=123456700, currency="CNY"), "payer": "王芳"},
        personal=("payer",),
        observed_at=AT,
        reported_at=LATER,
        author="陈晨",
        reason="误录金额",
        confirmed=False,
    ),
    e.EvidenceRemovalConfirmed(effective_at=AT, origin=SOURCE, evidence_id="ev-1", reason="退款确属误录"),
    e.EvidenceSetAside(
        effective_at=AT, origin=SOURCE, evidence_id="ev-2", field="receipt", first_deal="d-0", first="ev-1"
    ),
    e.EvidenceCountsAgain(effective_at=AT, origin=SOURCE, evidence_id="ev-2", field="receipt"),
    e.EvidenceConfirmed(effective_at=AT, origin=SOURCE, evidence_id="ev-1", reason="bank statement seen"),
    e.NodeReached(
        effective_at=AT, origin=SOURCE, node="deposit_paid", evidence=("ev-1", "ev-2"), process="standard-sale@3"
    ),
    e.NodeReversed(effective_at=AT, origin=SOURCE, node="deposit_paid", evidence=("ev-1",), why="withdrawn"),
    e.NodeWaived(effective_at=AT, origin=SOURCE, node="decider_met", reason="known from the last deal"),
    e.ProofLost(
        effective_at=AT,
        origin=SOURCE,
        node="deposit_paid",
        stage="sign",
        episode=2,
        why="withdrawn",
        after_win=True,
        recipients=("陈晨", "周总"),
    ),
    e.ProofRegained(effective_at=AT, origin=SOURCE, node="deposit_paid", how="passed"),
    e.GateMet(
        effective_at=AT, origin=SOURCE, stage="meeting", visit=1, how="override", ready_at=LATER, reason="总监批准"
    ),
    e.GateLost(effective_at=AT, origin=SOURCE, stage="meeting", visit=1),
    e.StageAdvanced(
        effective_at=AT, origin=SOURCE, from_stage="first_contact", to_stage="meeting", visit=1, pass_through=True
    ),
    e.StageMovedBack(
        effective_at=AT,
        origin=SOURCE,
        from_stage="sign",
        to_stage="need",
        visit=2,
        reopened_nodes=("need_confirmed", "deposit_paid"),
        reopens_outcome=True,
        reason="the need has changed",
    ),
    e.DealWon(
        effective_at=AT,
        origin=SOURCE,
        stage="sign",
        basis="claimed",
        unproven=("need_confirmed", "deposit_paid"),
        amount=PRICE,
        reason="按系统",
        confirms=True,
    ),
    e.DealLost(effective_at=AT, origin=SOURCE, reason="price", basis="person", note="rival 30 % cheaper"),
    e.DealCancelled(effective_at=AT, origin=SOURCE, reason="duplicate", basis="person"),
    e.DealClosed(effective_at=AT, origin=SOURCE, how="closes_after", stage="deliver", reason="180 days"),
    e.DealReopened(
        effective_at=AT,
        origin=SOURCE,
        opening=2,
        stage="need",
        visit=3,
        outcome="won",
        reopened_nodes=("refers_others",),
        counts_from=41,
        reason="客户回来了",
    ),
    e.MilestoneRecorded(
        effective_at=AT,
        origin=SOURCE,
        milestone="appointment_made",
        stage="meeting",
        fields={"on": "2026-03-03", "with": "王芳", "seats": 4},
        personal=("with",),
    ),
    e.MilestoneWithdrawn(
        effective_at=AT, origin=SOURCE, milestone="appointment_made", stage="meeting", reason="对方没有答应"
    ),
    e.StepPlanned(effective_at=AT, origin=SOURCE, step_id="st-1", what="约见老板", by=LATER, node="decider_met"),
    e.StepDone(effective_at=AT, origin=SOURCE, step_id="st-1", note="met at the fair"),
    e.ActivityRecorded(effective_at=AT, origin=SOURCE, what="called twice", reported_at=LATER),
    e.ClockStarted(
        effective_at=AT,
        origin=SOURCE,
        clock="stage_age",
        stage="meeting",
        visit=1,
        episode=2,
        limit="10 working days",
        due=DUE,
        warn=Deadline(due_at=AT, calendar=None, calendar_version=None),
        granted=True,
        node="deposit_paid",
    ),
    e.WarningGiven(
        effective_at=AT,
        origin=SOURCE,
        clock="stage_age",
        stage="meeting",
        visit=1,
        episode=2,
        due_at=LATER,
        recipients=("陈晨",),
        node="deposit_paid",
    ),
    e.StallRecorded(
        effective_at=AT,
        origin=SOURCE,
        stall_id="d-1/1/meeting/1/stage_age/2",
        clock="stage_age",
        stage="meeting",
        visit=1,
        episode=2,
        since=LATER,
        limit="10 working days",
        missing=("non_decider_met", "decider_met"),
        node="deposit_paid",
    ),
    e.StallEnded(effective_at=AT, origin=SOURCE, stall_id="d-1/1/meeting/1/stage_age/2", how="decided"),
    e.EscalationRaised(
        effective_at=AT,
        origin=SOURCE,
        stall_id="d-1/1/meeting/1/stage_age/2",
        backlog=True,
        counted_from=LATER,
        next_at=LATER,
    ),
    e.RungReached(
        effective_at=AT,
        origin=SOURCE,
        stall_id="d-1/1/meeting/1/stage_age/2",
        rung=1,
        recipients=("周总", "吴总"),
        released=("郑总",),
        high_risk=True,
        next_at=LATER,
    ),
    e.EscalationDecided(
        effective_at=AT,
        origin=SOURCE,
        stall_id="d-1/1/meeting/1/stage_age/2",
        decision="reassign",
        reason="忙不过来",
        details={"to": "李雷"},
    ),
    e.LinkedDealDue(
        effective_at=AT, origin=SOURCE, linked_deal_id="d-1-referred-1", kind="referred", node="refers_others"
    ),
    e.ProcessPublished(
        effective_at=AT,
        origin=SOURCE,
        process=PROCESS,
        definition={"name": "standard-sale", "stages": [{"id": "meeting", "nodes": []}], "limit": 1.5, "none": None},
        title={"en": "Standard sale", "zh": "标准销售流程"},
        alone=True,
        proposal=6,
        recipients=("周总",),
    ),
    e.PeopleLoaded(
        effective_at=AT,
        origin=SOURCE,
        digest="9f" * 32,
        content={"form": 1, "people": [{"id": "anna", "name": "李安娜", "manager": "bo"}], "rights": {}},
    ),
    e.CalendarsLoaded(
        effective_at=AT, origin=SOURCE, digest="8e" * 32, content={"form": 1, "calendars": [{"name": "london"}]}
    ),
    e.HouseFollowed(effective_at=AT, origin=SOURCE, people=3, calendars=1),
    e.ImportBegun(
        effective_at=AT,
        origin=SOURCE,
        batch="import/crm/0f0f0f0f0f0f0f0f-2",
        process="standard-sale@3",
        command="crm-csv",
        files=(e.ImportedFile(role="deals", name="商机.csv", digest="7d" * 32),),
        mapping_digest="6c" * 32,
        mapping={"source": "crm", "facts": {"by": "阶段", "values": [{"value": "赢单", "facts": []}]}},
        times={"创建": ("%d/%m/%Y",)},
        marks={"金额": "comma"},
        export="deals",
        exported_at=AT,
        shift=e.ShiftedBy(days=3250, last_day=AT.date(), snapshot=AT),
        reread=True,
        goes_on=True,
    ),
    e.ImportFinished(
        effective_at=AT,
        origin=SOURCE,
        batch="import/crm/0f0f0f0f0f0f0f0f-2",
        new=8,
        changed=2,
        deals=10,
        events=43,
        rejects=1,
        seconds=2.5,
    ),
    e.ProcessProposed(
        effective_at=AT,
        origin=SOURCE,
        process="standard-sale",
        digest="0f" * 32,
        definition={"name": "standard-sale", "stages": [{"id": "meeting", "nodes": []}], "limit": 1.5, "none": None},
        title={"en": "Standard sale", "zh": "标准销售流程"},
        latest=2,
        alone=True,
    ),
    e.ProposalRejected(effective_at=AT, origin=SOURCE, process="standard-sale", digest="0f" * 32, reason="期限太长"),
    e.CustomerAdded(effective_at=AT, origin=SOURCE, customer=e.Customer(id="c-1", name=CUSTOMER_NAME)),
    e.CustomerRenamed(effective_at=AT, origin=SOURCE, customer=e.Customer(id="c-1", name=CUSTOMER_NAME)),
    e.ExternalIdLinked(
        effective_at=AT, origin=SOURCE, customer_id="c-1", system="wecom", fields={"id": PHONE}, personal=("id",)
    ),
    e.CustomerMerged(effective_at=AT, origin=SOURCE, customer_id="c-1", into="c-2", reason="同一家公司"),
    e.CustomerTookOver(effective_at=AT, origin=SOURCE, customer_id="c-1", merged="c-0", reason="同一家公司"),
    e.CustomerErased(
        effective_at=AT, origin=SOURCE, customer_id="c-1", reason="asked on 2026-03-01", alone=True, proposal=6
    ),
    e.ErasureProposed(effective_at=AT, origin=SOURCE, customer_id="c-1", reason="asked on 2026-03-01", alone=True),
    e.ErasureRejected(effective_at=AT, origin=SOURCE, customer_id="c-1", reason="不是本人要求的"),
    e.TokenCreated(
        effective_at=AT,
        origin=SOURCE,
        token_id="7k2m9q4x",
        person="陈晨",
        label="笔记本",
        digest="5e" * 32,
        only=("open", "record_evidence"),
        expires_at=AT,
    ),
    e.TokenRevoked(effective_at=AT, origin=SOURCE, token_id="7k2m9q4x", person="陈晨", reason="丢失"),
    e.SealRotated(effective_at=AT, origin=SOURCE, key="0f0f0f0f0f0f", reason="wang has left"),
    e.SealedAnew(effective_at=AT, origin=SOURCE, key="0f0f0f0f0f0f", reason="the disk is gone"),
    e.CustomerRekeyed(effective_at=AT, origin=SOURCE, customer_id="c-1", key="k1:0f0f", reason="the disk is gone"),
)

EXAMPLES: dict[str, e.Fact] = {
    fact.topic: fact.model_copy(update={"alone": True}) if isinstance(fact, e.PersonsAct) else fact for fact in _FACTS
}


def stamp(version: int, *, at: datetime = AT, command_id: str = "cmd-1") -> e.Stamp:
    """A stamp with every field given."""
    return e.Stamp(
        version=version,
        recorded_at=at,
        actor="陈晨",
        on_behalf_of="周总",
        command_id=command_id,
        correlation_id="cor-1",
        cause="command",
    )
