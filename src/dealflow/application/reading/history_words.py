"""What happened, in a sentence per kind of event, and the words in it: one table in en and zh."""

from typing import NamedTuple


class Saying(NamedTuple):
    """One wording in both languages; `{key}` and `[...]` as in `dealflow.wording.sentences`."""

    en: str
    zh: str


SAYINGS: dict[str, Saying] = {
    "deal.opened.v1": Saying(
        "Opened in {stage}[ for {customer}][, owner {owner}][, {amount}], process {process}.[ Follows from {linked_from}.]",
        "开立商机，阶段“{stage}”[，客户{customer}][，负责人{owner}][，金额{amount}]，流程{process}。[源自{linked_from}。]",
    ),
    "deal.amended.v1": Saying("Amended: {changes|nothing}.", "修改：{changes|无}。"),
    "deal.owner_changed.v1": Saying(
        "Owner is now {owner}[, before {previous}].[ Reason: {reason}]",
        "负责人改为{owner}[，原为{previous}]。[原因：{reason}]",
    ),
    "deal.stage_claimed.v1": Saying(
        "Another system says the deal stands in {to_stage}.[ Not proven: {unproven}.]",
        "其他系统称商机处于“{to_stage}”。[未经证实：{unproven}。]",
    ),
    "deal.claim_not_applied.v1": Saying(
        "A claim was not applied: {claim}[, because {why}].", "声明未采用：{claim}[，原因：{why}]。"
    ),
    "deal.evidence_recorded.v1": Saying(
        "Evidence from the {side}: {kind} ({evidence_id})[, by {author}].[ {note}]",
        "{side}凭证：{kind}（{evidence_id}）[，录入人{author}]。[{note}]",
    ),
    "deal.evidence_withdrawn.v1": Saying(
        "Evidence {evidence_id} withdrawn.[ Reason: {reason}]", "撤回凭证{evidence_id}。[原因：{reason}]"
    ),
    "deal.evidence_disputed.v1": Saying(
        "Evidence {evidence_id} disputed.[ Reason: {reason}]", "凭证{evidence_id}存疑。[原因：{reason}]"
    ),
    "deal.evidence_confirmed.v1": Saying(
        "Evidence {evidence_id} confirmed.[ Reason: {reason}]", "确认凭证{evidence_id}有效。[原因：{reason}]"
    ),
    "deal.node_reached.v1": Saying(
        "The customer reached: {node}[ (on {evidence})].", "客户达成节点：{node}[（依据{evidence}）]。"
    ),
    "deal.node_reversed.v1": Saying(
        "Node open again: {node}; without {evidence|the evidence}[ ({why})] its standard is not met.",
        "节点重新打开：{node}；缺少{evidence|凭证}[（{why}）]，不再符合标准。",
    ),
    "deal.node_waived.v1": Saying("Node waived: {node}.[ Reason: {reason}]", "豁免节点：{node}。[原因：{reason}]"),
    "deal.gate_met.v1": Saying(
        "The gate of {stage} is met: {how}.[ Reason: {reason}]",
        "阶段“{stage}”的关口已满足：{how}。[原因：{reason}]",
    ),
    "deal.gate_lost.v1": Saying("The gate of {stage} is no longer met.", "阶段“{stage}”的关口不再满足。"),
    "deal.stage_advanced.v1": Saying(
        "Moved on from {from_stage} to {to_stage}[, {pass_through}].",
        "由“{from_stage}”进入“{to_stage}”[，{pass_through}]。",
    ),
    "deal.stage_moved_back.v1": Saying(
        "Moved back from {from_stage} to {to_stage}[; open again: {reopened_nodes}][; {reopens_outcome}].[ Reason: {reason}]",
        "由“{from_stage}”退回“{to_stage}”[；重新打开：{reopened_nodes}][；{reopens_outcome}]。[原因：{reason}]",
    ),
    "deal.won.v1": Saying(
        "Won[, {amount}]: {basis}.[ Not proven: {unproven}.][ Reason: {reason}]",
        "赢单[，{amount}]：{basis}。[未经证实：{unproven}。][原因：{reason}]",
    ),
    "deal.lost.v1": Saying("Lost: {reason}[ ({basis})].[ {note}]", "丢单：{reason}[（{basis}）]。[{note}]"),
    "deal.cancelled.v1": Saying("Cancelled: {reason}[ ({basis})].", "取消：{reason}[（{basis}）]。"),
    "deal.closed.v1": Saying(
        "Closed in {stage}: {how}.[ Reason: {reason}]", "在阶段“{stage}”关闭：{how}。[原因：{reason}]"
    ),
    "deal.reopened.v1": Saying(
        "Reopened in {stage} (opening {opening}), outcome {outcome}[; open again: {reopened_nodes}].[ Reason: {reason}]",
        "在阶段“{stage}”重新打开（第{opening}次），结果{outcome}[；重新打开：{reopened_nodes}]。[原因：{reason}]",
    ),
    "deal.milestone_recorded.v1": Saying(
        "The seller did: {milestone}, a mark of {stage}.", "销售动作：{milestone}（阶段“{stage}”）。"
    ),
    "deal.step_planned.v1": Saying(
        "Planned: {what}, by {by}[, to move {node}].", "计划：{what}，期限{by}[，推动节点{node}]。"
    ),
    "deal.step_done.v1": Saying("Done: {step}.[ {note}]", "完成：{step}。[{note}]"),
    "deal.activity_recorded.v1": Saying("The seller's activity: {what}.", "销售活动：{what}。"),
    "deal.clock_started.v1": Saying(
        "Clock started in {stage}: {clock}[ of {limit}], due {due}[, {granted}][, {provisional}].",
        "“{stage}”开始计时：{clock}[{limit}]，期限{due}[，{granted}][，{provisional}]。",
    ),
    "deal.warning_given.v1": Saying(
        "Warned[ {recipients}]: {clock} of {stage} runs out at {due_at}.",
        "预警[{recipients}]：“{stage}”的{clock}将于{due_at}到期。",
    ),
    "deal.stall_recorded.v1": Saying(
        "Stalled in {stage}: {clock} of {limit} ran out, waiting since {since}.[ Missing: {missing}.]",
        "停滞于“{stage}”：{clock}超过{limit}，自{since}起。[未达成：{missing}。]",
    ),
    "deal.stall_ended.v1": Saying("The stall ended: {how}.", "停滞结束：{how}。"),
    "deal.escalation_raised.v1": Saying(
        "Escalated, the ladder counts from {counted_from}[, {backlog}].",
        "上报，阶梯自{counted_from}起算[，{backlog}]。",
    ),
    "deal.rung_reached.v1": Saying(
        "Step {rung} of the ladder: told {recipients|nobody}[, {high_risk}].",
        "阶梯第{rung}级：通知{recipients|无人}[，{high_risk}]。",
    ),
    "deal.escalation_decided.v1": Saying(
        "Decided: {decision}[, {details}].[ Reason: {reason}]", "决定：{decision}[，{details}]。[原因：{reason}]"
    ),
    "deal.linked_deal_due.v1": Saying(
        "Opens a linked deal: {linked_deal_id} ({kind}), from {node}.",
        "开立关联商机{linked_deal_id}（{kind}），源自节点{node}。",
    ),
    "process.published.v1": Saying("Published: {process}[, {title}].", "发布流程：{process}[，{title}]。"),
    "customer.erased.v1": Saying(
        "Personal data of {customer_id} erased.[ Reason: {reason}]",
        "已清除客户{customer_id}的个人数据。[原因：{reason}]",
    ),
}

# Of `deal.gate_met.v1`, where no fact meets the gate but time that passes.
ENDS_BY_ITSELF = Saying(
    "{stage} ends by itself on {ready_at} unless something leaves it earlier.",
    "阶段“{stage}”将于{ready_at}自动结束，除非在此之前离开。",
)

# What stands in a fact as a word, for a reader: by field, since `closed` ends a stall and a life.
WORDS: dict[str, dict[str, Saying]] = {
    "side": {
        "customer": Saying("customer", "客户"),
        "seller": Saying("seller", "销售"),
        "third": Saying("third party", "第三方"),
    },
    "clock": {
        "stage_age": Saying("time in stage", "阶段停留时间"),
        "customer_silence": Saying("customer's silence", "客户沉默时间"),
        "seller_silence": Saying("seller's silence", "销售沉默时间"),
        "next_step": Saying("next step", "计划的下一步"),
        "gap": Saying("gap", "领先差"),
    },
    "basis": {
        "gate": Saying("the gate was met", "关口已满足"),
        "override": Saying("the gate was overridden", "强制放行"),
        "claimed": Saying("as another system says", "其他系统声明"),
        "person": Saying("decided by a person", "由人决定"),
    },
    "deal.gate_met.v1": {
        "nodes": Saying("all required nodes passed", "必需节点均已通过"),
        "milestones": Saying("the milestones are recorded", "销售动作标志已完成"),
        "both": Saying("nodes passed and milestones recorded", "节点与销售动作标志均已完成"),
        "optional_node": Saying("an optional node reached", "可选节点已达成"),
        "override": Saying("overridden by a person", "由人强制放行"),
    },
    "deal.closed.v1": {
        "last_gate": Saying("the last gate was met", "最后一个关口已满足"),
        "closes_after": Saying("nothing more came in time", "到期自动关闭"),
        "person": Saying("by a person", "由人关闭"),
        "lost": Saying("lost", "丢单"),
        "cancelled": Saying("cancelled", "取消"),
        "claimed": Saying("as another system says", "其他系统声明"),
    },
    "deal.stall_ended.v1": {
        "moved": Saying("the deal moved", "商机已推进"),
        "decided": Saying("a person decided", "已作决定"),
        "closed": Saying("the deal is closed", "商机已关闭"),
    },
    "why": {"withdrawn": Saying("withdrawn", "已撤回"), "disputed": Saying("disputed", "存疑")},
    "flag": {
        "pass_through": Saying("in passing: its gate had been met before", "直接通过：关口此前已满足"),
        "reopens_outcome": Saying("the outcome is open again", "结果重新待定"),
        "granted": Saying("set by a person", "由人设定"),
        "provisional": Saying(
            "provisional: the year's working days are not announced yet", "暂定：该年度调休安排尚未公布"
        ),
        "backlog": Saying("as backlog of an import", "导入的积压"),
        "high_risk": Saying("high risk", "高风险"),
    },
    "field": {
        "title": Saying("title", "名称"),
        "customer": Saying("customer", "客户"),
        "amount": Saying("amount", "金额"),
        "attributes": Saying("attributes", "属性"),
        "to": Saying("to", "对象"),
        "until": Saying("until", "期限"),
    },
}
