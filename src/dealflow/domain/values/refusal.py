"""Named reasons: why a node is not met, why a command is refused."""

from enum import StrEnum
from typing import Any

from dealflow.domain.values.frozen import Frozen


class Code(StrEnum):
    """The catalogue of reasons; each has a sentence in zh and en in `dealflow.wording.sentences`."""

    # of a standard
    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_NOT_COUNTED = "evidence_not_counted"
    RULE_NOT_MET = "rule_not_met"
    RULE_FAILED = "rule_failed"
    VALUE_UNREADABLE = "value_unreadable"
    COUNT_SHORT = "count_short"
    SUM_SHORT = "sum_short"
    TOO_OLD = "too_old"
    CURRENCY_DIFFERS = "currency_differs"
    DEAL_AMOUNT_MISSING = "deal_amount_missing"
    NEEDS_NEW_EVIDENCE = "needs_new_evidence"
    AMOUNT_NOT_CONFIRMED = "amount_not_confirmed"
    COUNTED_ONCE = "counted_once"
    OVERTAKEN = "overtaken"
    CHANGE_NOT_CONFIRMED = "change_not_confirmed"
    # of a command
    UNKNOWN_DEAL = "unknown_deal"
    IMPORT_HALF_UNDONE = "import_half_undone"
    DEAL_TAKEN_BACK = "deal_taken_back"
    UNKNOWN_PROCESS = "unknown_process"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_NODE = "unknown_node"
    UNKNOWN_STAGE = "unknown_stage"
    UNKNOWN_MILESTONE = "unknown_milestone"
    MILESTONE_NOT_RECORDED = "milestone_not_recorded"
    UNKNOWN_EVIDENCE = "unknown_evidence"
    UNKNOWN_STEP = "unknown_step"
    UNKNOWN_ESCALATION = "unknown_escalation"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_CUSTOMER = "unknown_customer"
    CUSTOMER_EXISTS = "customer_exists"
    CUSTOMER_MERGED = "customer_merged"
    CUSTOMER_ERASED = "customer_erased"
    CUSTOMER_HIDDEN = "customer_hidden"
    EXTERNAL_ID_TAKEN = "external_id_taken"
    NO_DEAL_FITS = "no_deal_fits"
    SEVERAL_DEALS_FIT = "several_deals_fit"
    UNKNOWN_EXTERNAL_ID = "unknown_external_id"
    UNKNOWN_REASON = "unknown_reason"
    FIELD_MISSING = "field_missing"
    FIELD_INVALID = "field_invalid"
    TIME_IN_FUTURE = "time_in_future"
    TIME_BEFORE_FIRST = "time_before_first"
    TIME_WITHOUT_ZONE = "time_without_zone"
    TEXT_INVALID = "text_invalid"
    DEAL_EXISTS = "deal_exists"
    DEAL_CLOSED = "deal_closed"
    DEAL_IN_PROGRESS = "deal_in_progress"
    OUTCOME_OPEN = "outcome_open"
    NOT_WON = "not_won"
    AMOUNT_DIFFERS = "amount_differs"
    NODES_OPEN = "nodes_open"
    NODE_ALREADY_PASSED = "node_already_passed"
    NOT_BACKWARD = "not_backward"
    BACK_NOT_ALLOWED = "back_not_allowed"
    NOT_PERMITTED = "not_permitted"
    OWN_DEAL = "own_deal"
    SECOND_PERSON = "second_person"
    UNKNOWN_PROPOSAL = "unknown_proposal"
    DECIDED_BEFORE = "decided_before"
    DECIDES_ALONE = "decides_alone"
    REASON_NEEDED = "reason_needed"
    ALREADY_DECIDED = "already_decided"
    VALUE_TAKEN = "value_taken"
    ALREADY_SO = "already_so"
    NOTHING_CHANGES = "nothing_changes"
    NOTHING_TO_CONFIRM = "nothing_to_confirm"
    DEADLINE_TOO_FAR = "deadline_too_far"
    DEADLINE_PAST = "deadline_past"
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105  a code
    TOKEN_REFUSED = "token_refused"  # noqa: S105  a code
    TOKEN_LIMITED = "token_limited"  # noqa: S105  a code
    UNKNOWN_IMPORT = "unknown_import"
    SEVERAL_IMPORTS_FIT = "several_imports_fit"
    COMMAND_ID_REUSED = "command_id_reused"
    SEAL_STANDS = "seal_stands"
    NOBODY_LOADS = "nobody_loads"
    # of what a decision needs
    CALENDAR_MISSING = "calendar_missing"


class Reason(Frozen):
    """One reason with what a reader needs to act on it: `place` is a node, field or id; `data` fills the sentence."""

    code: Code
    place: str = ""
    data: dict[str, Any] = {}
    suggestion: str | None = None


class CommandRefused(Exception):
    """A command that changes nothing; carries every reason found, never an empty list."""

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__("; ".join(f"{r.code} {r.place}".strip() for r in reasons))


def refuse(code: Code, place: str = "", *, suggestion: str | None = None, **data: Any) -> CommandRefused:
    """The refusal with one reason, ready to be raised."""
    return CommandRefused(Reason(code=code, place=place, data=data, suggestion=suggestion))
