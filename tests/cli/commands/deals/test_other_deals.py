"""What one deal's readings and answers name of another deal and its evidence: nothing to who does not see that deal."""

import pytest

from tests.support.running.typed_commands import FOR_ANNA, FOR_BO, CommandLine

FOR_BEN = ("--on-behalf-of", "ben")
DEAL, PIECE = "annas-deal", "annas-piece"
AMEND = ("deal", "amend", "bens-deal", "--customer-id", "acme", "--reason", "the card was theirs", *FOR_BEN)


def paid(deal: str, piece: str, receipt: str = "R-1") -> tuple[str, ...]:
    fields = ("--field", "amount=20000 CNY", "--field", f"receipt={receipt}", "--field", "paid_on=2026-11-20")
    return ("evidence", "record", deal, "payment", *fields, "--id", piece)


@pytest.fixture
def two(cli: CommandLine) -> CommandLine:
    """A deal of Anna's and one of Ben's, who do not see one another's, with one receipt; Ben's is nobody's yet."""
    cli.open(DEAL, "anna", "--customer-id", "acme", "--amount", "50000 CNY")
    cli.open("bens-deal", "ben", "--amount", "50000 CNY")
    cli.done(*paid(DEAL, PIECE), *FOR_ANNA)
    cli.done(*paid("bens-deal", "bens-piece"), *FOR_BEN)
    return cli


@pytest.mark.parametrize("more", [("--lang", "en"), ("--lang", "zh"), ("--json",)])
def test_no_reading_and_no_answer_names_a_deal_that_the_reader_does_not_see(
    two: CommandLine, more: tuple[str, ...]
) -> None:
    said = {"amend": two.done(*AMEND, "--command-id", "k1", *more)}
    said["again"] = two.done(*AMEND, "--command-id", "k1", *more)
    said["judged"] = two.done(*paid("bens-deal", "bens-other", "R-2"), *FOR_BEN, *more)
    said["withdrawn"] = two.done(
        "evidence", "withdraw", "bens-deal", "bens-other", "--reason", "a slip", *FOR_BEN, *more
    )
    said["taken"] = (taken := two(*paid("bens-deal", "bens-third"), *FOR_BEN, *more)).out + taken.err
    for reading in (("show",), ("next",), ("history",), ("history", "--as-of", "today")):
        said[" ".join(reading)] = two.done("deal", reading[0], "bens-deal", *reading[1:], *FOR_BEN, *more)
    for words in (("deal", "list", "--set-aside"), ("inventory", "--by-customer"), ("customer", "show", "acme")):
        said[" ".join(words)] = two.done(*words, *FOR_BEN, *more)
    named = [where for where, text in said.items() if DEAL in text or PIECE in text]
    assert named == []


def test_who_sees_both_reads_which_piece_counts_and_the_owner_that_one_does(two: CommandLine) -> None:
    assert "counts no more" in two.done(*AMEND)
    assert "set aside: counts with a piece that you do not see" in two.done("deal", "show", "bens-deal", *FOR_BEN)
    assert f"set aside: counts with {PIECE} of {DEAL}" in two.done("deal", "show", "bens-deal", *FOR_BO)
    assert PIECE in two.done("deal", "history", "bens-deal", *FOR_BO)
    for who, is_named in ((FOR_BO, True), (FOR_BEN, False)):
        shown = two.json("deal", "show", "bens-deal", *who)
        (node,) = (node for node in shown["nodes"] if node["id"] == "deposit_paid")
        (said,) = node["reasons"][0]["data"]["pieces"]
        assert "of evidence bens-piece is on record before it" in said and (PIECE in said) is is_named


def test_a_linked_deal_that_was_given_away_is_named_to_who_sees_it(cli: CommandLine) -> None:
    opening = ("--process", "standard-sale", "--owner", "anna", "--id", DEAL, "--amount", "50000 CNY")
    cli.done("deal", "open", "Ten seats", *opening, *FOR_ANNA)
    named = ("--field", "referred=Chen", "--field", "phone=+86 138 0000 0000")
    cli.done("evidence", "record", DEAL, "referral", *named, *FOR_ANNA)
    (follows,) = [deal["deal_id"] for deal in cli.json("deal", "list")["deals"] if deal["deal_id"] != DEAL]
    assert follows in cli.done("deal", "history", DEAL, *FOR_ANNA)
    cli.done("deal", "reassign", follows, "--to", "ben", "--reason", "hers no more", *FOR_BO)
    assert DEAL in cli.done("deal", "show", follows, *FOR_BO) and DEAL in cli.done("deal", "history", follows, *FOR_BO)
    for more in ((), ("--json",)):
        for reading in ("show", "history", "next"):
            assert DEAL not in cli.done("deal", reading, follows, *FOR_BEN, *more).replace(follows, "")
            assert follows not in cli.done("deal", reading, DEAL, *FOR_ANNA, *more)
