"""Evidence put right at the command line: what it was and is, who agrees, and what cannot be corrected."""

import pytest

from tests.support.running.typed_commands import FOR_ANNA, FOR_BO, CommandLine, HomeOf

CORRECT = ("evidence", "correct", "d1", "e-1")
REASON = ("--reason", "a nought too many")


def with_a_deposit(cli: CommandLine) -> None:
    """A deposit of 50,000 on a deal of 100,000, paid by somebody who is named."""
    cli.open("d1")
    cli.done("deal", "amend", "d1", "--amount", "100,000 CNY", "--reason", "as ordered", *FOR_BO)
    fields = ("amount=50,000 CNY", "paid_on=2026-03-01", "receipt=R-1", "payer=Wang Fang")
    words = [word for field in fields for word in ("--field", field)]
    cli.done("evidence", "record", "d1", "payment", "--id", "e-1", *words, *FOR_ANNA)


@pytest.fixture
def paid(home_of: HomeOf) -> CommandLine:
    return home_of(with_a_deposit)


def test_the_answer_and_history_say_from_what_to_what_and_repeat_nothing_personal(paid: CommandLine) -> None:
    said = paid.done(*CORRECT, "--field", "amount=5,000", "--field", "payer=Li Na", *REASON, *FOR_ANNA)
    assert "Amount: 50,000.00 CNY → 5,000.00 CNY" in said and "Payer: another value" in said
    assert "Wang" not in said and "Li Na" not in said
    assert "a nought too many" in paid.done("deal", "history", "d1")
    assert "金额：50,000.00 CNY → 5,000.00 CNY" in paid.done("deal", "history", "d1", "--lang", "zh")
    (piece,) = paid.json("deal", "show", "d1")["evidence"]
    assert piece["fields"]["amount"]["minor"] == 500_000


def test_what_the_owner_raises_waits_and_somebody_above_agrees(paid: CommandLine) -> None:
    paid.done(*CORRECT, "--field", "amount=500", *REASON, *FOR_ANNA)
    said = paid.done(*CORRECT, "--field", "amount=50,000", *REASON, *FOR_ANNA)
    assert "until somebody above the owner confirms" in said
    assert paid(*CORRECT, "--confirm", *REASON, *FOR_ANNA, "--json").codes == ["own_deal"]
    agreed = (*CORRECT, "--confirm", "--field", "amount=60,000", *REASON)
    assert paid(*agreed, *FOR_BO, "--json").codes == ["field_invalid"]
    assert "met: Deposit" in paid.done(*CORRECT, "--confirm", *REASON, *FOR_BO)
    assert paid(*CORRECT, "--confirm", *REASON, *FOR_BO, "--json").codes == ["nothing_to_confirm"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--field", "amount=50,000"), "nothing_changes"),
        (("--field", "amonut=5"), "unknown_field"),
        (("--field", "amount=1,5"), "field_invalid"),
        (("--field", "receipt="), "field_missing"),
        (("--observed-at", "2099-01-01"), "time_in_future"),
    ],
)
def test_what_cannot_be_corrected_is_refused(paid: CommandLine, words: tuple[str, str], code: str) -> None:
    result = paid(*CORRECT, *words, *REASON, *FOR_ANNA, "--json")
    assert (result.code, result.codes) == (1, [code])


def test_a_receipt_of_another_piece_is_refused_and_names_it(paid: CommandLine) -> None:
    fields = ("amount=1,000 CNY", "paid_on=2026-03-01", "receipt=R-2")
    words = [word for field in fields for word in ("--field", field)]
    paid.done("evidence", "record", "d1", "payment", "--id", "e-2", *words, *FOR_ANNA)
    refused = paid("evidence", "correct", "d1", "e-2", "--field", "receipt= r-1", *REASON, *FOR_ANNA)
    assert refused.code == 1 and "e-1" in refused.err
    assert (
        "已录入过，见凭证e-1"
        in paid("evidence", "correct", "d1", "e-2", "--field", "receipt=R-1", *REASON, *FOR_ANNA, "--lang", "zh").err
    )


def test_a_correction_that_waits_says_what_counts_until_then_and_which_values_it_holds(paid: CommandLine) -> None:
    said = paid.done(*CORRECT, "--field", "receipt=R-9", *REASON, *FOR_ANNA)
    assert "what the evidence said before counts as well, where that is worse for a node.\n" in said
    assert "Until then the evidence holds its former unique value too" in said
    said = paid.done(*CORRECT, "--field", "amount=60,000", *REASON, *FOR_BO, "--lang", "zh")
    assert "原来的唯一值" not in said
    said = paid.done(*CORRECT, "--field", "receipt=R-1", *REASON, *FOR_ANNA, "--lang", "zh")
    assert "以较不利者为准" in said and "原来的唯一值" in said


def test_whoever_gives_the_values_that_wait_is_told_to_agree(paid: CommandLine) -> None:
    paid.done(*CORRECT, "--field", "receipt=R-9", *REASON, *FOR_ANNA)
    again = (*CORRECT, "--field", "receipt=R-9", *REASON, *FOR_BO)
    assert "agrees to it with --confirm instead of values" in paid(*again).err
    assert "--confirm" in paid(*again, "--lang", "zh").err
    paid.done(*CORRECT, "--confirm", *REASON, *FOR_BO)
    assert "--confirm" not in paid(*again).err


def test_history_does_not_deny_what_it_told_of_a_node(paid: CommandLine) -> None:
    back = ("--field", "amount=50,000 CNY", "--field", "refunded_on=2026-03-05", "--field", "receipt=R-1")
    paid.done("evidence", "record", "d1", "refund", "--id", "e-2", *back, *FOR_ANNA)
    paid.done(*CORRECT, "--field", "amount=90,000", *REASON, *FOR_ANNA)
    told = paid.done("deal", "history", "d1")
    assert "The customer reached: Deposit or first payment (on e-1)" in told
    assert "stays as it was: Deposit or first payment; seen from earlier days it rests on e-1 no more" in told
    assert "不再以e-1为依据" in paid.done("deal", "history", "d1", "--lang", "zh")


def test_a_time_corrected_by_seconds_is_told_with_them(paid: CommandLine) -> None:
    for at in ("2026-01-06T09:30:01Z", "2026-01-06T09:30:02Z"):
        said = paid.done(*CORRECT, "--observed-at", at, *REASON, *FOR_BO)
    assert "09:30:01+00:00 → 2026-01-06 09:30:02+00:00" in said
