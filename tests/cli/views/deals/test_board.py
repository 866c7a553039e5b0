"""Lists and the inventory: what they hold, how they look, and that nothing in a name breaks a table."""

from datetime import timedelta

import pytest
from rich.cells import cell_len

from dealflow.adapters.clock import SystemClock
from tests.support.running.typed_commands import CONTACT, FOR_ANNA, FOR_BO, CommandLine

LATER = SystemClock().now() + timedelta(days=60)


def test_deals_are_chosen_by_what_they_have_in_common(cli: CommandLine) -> None:
    for deal, owner in (("a1", "anna"), ("a2", "anna"), ("b1", "ben")):
        cli.open(deal, owner)
    cli.look("a2", LATER)
    cli.done("deal", "lose", "b1", "--reason", "price", *FOR_BO)

    def ids(*words: str) -> list[str]:
        return [row["deal_id"] for row in cli.json("deal", "list", *words)["deals"]]

    assert ids() == ["a1", "a2"]
    assert ids("--all") == ["a1", "a2", "b1"]
    assert ids("--closed") == ids("--outcome", "lost") == ["b1"]
    assert ids("--stalled") == ["a2"]
    assert ids("--director", "bo") == ids("--stage", "first_contact") == ids("--position", "none") == ["a1", "a2"]
    assert ids("--process", "standard-sale@1", "--limit", "1", "--after", "a1") == ["a2"]
    assert cli.json("deal", "list", "--limit", "1")["total"] == 2


def test_a_lost_proof_is_marked_listed_and_comes_first_in_what_is_next(cli: CommandLine) -> None:
    for deal in ("a1", "a2"):
        cli.open(deal)
        cli.done("evidence", "record", deal, "messenger_contact", "--id", "e1", *CONTACT, *FOR_ANNA)
        cli.look(deal, SystemClock().now())
    withdrawn = cli.done("evidence", "withdraw", "a1", "e1", "--reason", "somebody else's account", *FOR_ANNA)
    assert (
        "Proof lost: Messenger contact added, with phone" in withdrawn and "Told Anna Li 李安娜, Bo Chen." in withdrawn
    )
    (row,) = cli.json("deal", "list", "--proof-lost")["deals"]
    assert (row["deal_id"], row["proof_lost"]) == ("a1", ["contact_added"])
    assert "open, proof lost" in cli.done("deal", "list") and "未决，依据失效" in cli.done(
        "--lang", "zh", "deal", "list"
    )
    heading, _, first, *_ = cli.done("deal", "next", "a1").splitlines()
    assert "a1" in heading and first.startswith("Proof lost: Messenger contact added, with phone (contact_added)")
    assert "dealflow deal back a1 --to first_contact" in cli.done("deal", "next", "a1")
    assert "open, proof lost" in cli.done("deal", "show", "a1")
    assert "Open, proof lost" in cli.done("inventory") and cli.json("inventory")["proof_lost"]["deals"] == 1
    cli.look("a1", LATER)
    (stall,) = (s for s in cli.json("escalation", "list", "--deal", "a1")["escalations"] if s["clock"] == "proof_lost")
    assert stall["node"]["id"] == "contact_added"
    decided = cli.done("escalation", "decide", stall["stall_id"], "back", "--reason", "start over", *FOR_BO)
    assert "Moved back from Meeting to First contact" in decided and "Proof lost no more" in decided
    assert cli.json("deal", "list", "--proof-lost")["total"] == 0


def test_a_table_that_is_cut_says_so_on_standard_error(cli: CommandLine) -> None:
    for number in range(3):
        cli.open(f"d{number}")
    result = cli("deal", "list", "--limit", "2")
    assert result.err == "2 of 3 deals\n"
    assert len(result.out.splitlines()) == 4


def test_wide_and_right_to_left_names_keep_the_columns(cli: CommandLine) -> None:
    titles = ("plain", "华鑫四十席", "🚀👩🏽‍💻 rocket", "שלום עולם", "a | b ─ c", "[red]no markup[/red] :smile:")
    for number, title in enumerate(titles):
        cli.done(
            "deal", "open", title, "--process", "standard-sale", "--owner", "anna", "--id", f"d{number}", *FOR_ANNA
        )
    heading, _, *lines = cli.done("deal", "list").splitlines()
    column = cell_len(heading.partition("Stage")[0])
    for title, line in zip(titles, lines, strict=True):
        assert title in line
        before = line.partition("First contact")[0].replace("\u2068", "").replace("\u2069", "")
        assert cell_len(before) == column, line


def test_ids_are_never_cut_however_narrow_the_terminal(cli: CommandLine) -> None:
    long = "d-" + "x" * 100
    cli.open(long)
    done = cli.apart("deal", "list", COLUMNS="60")
    assert long in done.stdout


def test_stalls_and_escalations(cli: CommandLine) -> None:
    cli.open("a1")
    assert cli.json("stall", "list") == {"stalls": [], "unreadable": []}
    cli.look("a1", LATER)
    [stall] = cli.json("stall", "list", "--owner", "anna")["stalls"]
    assert (stall["deal_id"], stall["director"], stall["escalation"]) == ("a1", "bo", "open")
    assert "a1/1/1/stage_age/1" in cli.done("escalation", "list", "--deal", "a1")
    assert cli("stall", "list", "--limit", "1").err == ""
    cli.open("b1")
    cli.look("b1", LATER)
    assert cli("stall", "list", "--limit", "1").err == "The first one; --limit shows more.\n"
    [behind] = cli.json("escalation", "list", "--after", "a1/1/1/stage_age/1")["escalations"]
    assert behind["deal_id"] == "b1"
    cli.done("escalation", "decide", "a1", "extend", "--reason", "soon", *FOR_BO)
    assert cli.json("escalation", "list", "--deal", "a1") == {"escalations": [], "unreadable": []}
    [ended] = cli.json("escalation", "list", "--all", "--deal", "a1")["escalations"]
    assert (ended["decision"], ended["decided_by"]) == ("extend", "bo")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("deal", "list", "--after", "zzz"), "unknown_deal"),
        (("deal", "list", "--ever", "--after", "zzz"), "unknown_deal"),
        (("stall", "list", "--after", "zzz/1/1/stage_age/1"), "unknown_deal"),
        (("escalation", "list", "--after", "a1/1/1/stage_age/9"), "unknown_escalation"),
    ],
)
def test_a_list_does_not_go_on_behind_what_is_nowhere(cli: CommandLine, words: tuple[str, ...], code: str) -> None:
    cli.open("a1")
    done = cli(*words, "--json")
    assert (done.code, done.codes) == (1, [code])


def quote(cli: CommandLine, deal: str) -> None:
    fields = ("--field", "amount=50000", "--field", "on=2026-01-06")
    cli.done("milestone", "record", deal, "quote_sent", *fields, *FOR_ANNA)


@pytest.fixture
def gaps(cli: CommandLine) -> CommandLine:
    """Two deals with a quote that came early, one of them lost; one whose quote was taken back; one without."""
    for deal in ("d1", "d2", "d3", "d4"):
        cli.open(deal)
    for deal in ("d1", "d2", "d3"):
        quote(cli, deal)
    cli.done("deal", "lose", "d2", "--reason", "price", *FOR_ANNA)
    cli.done("milestone", "withdraw", "d3", "quote_sent", "--reason", "it was d1", *FOR_ANNA)
    return cli


def test_deals_are_listed_by_their_gap(gaps: CommandLine) -> None:
    def ids(*words: str) -> list[str]:
        return [row["deal_id"] for row in gaps.json("deal", "list", *words)["deals"]]

    assert ids("--gap", "1") == ids("--gap", "4") == ["d1"]
    assert ids("--gap", "5") == ids("--gap", "-1") == []
    assert ids("--gap", "1", "--all") == ["d1", "d2"]
    said = gaps.done("deal", "list", "--gap", "1")
    assert "Compare rivals, negotiate price   First contact         +4" in said
    refused = gaps("deal", "list", "--gap", "0")
    assert (refused.code, refused.out) == (2, "")


def test_which_deals_ever_had_a_gap_since_when_and_how_long(gaps: CommandLine) -> None:
    found = gaps.json("deal", "list", "--ever")
    assert (found["total"], found["deals"]) == (2, 2)
    first, second = found["gaps"]
    assert (first["deal_id"], first["gap"], first["until"], first["gap_now"]) == ("d1", 4, None, 4)
    assert (second["deal_id"], second["gap"], second["in_progress"]) == ("d2", 4, False)
    shown = gaps.json("deal", "show", "d2")
    assert (second["since"], second["until"]) == (shown["tracks"]["gaps"][0]["since"], shown["closed_at"])
    assert gaps.json("deal", "list", "--ever", "--gap", "5")["gaps"] == []
    assert gaps.json("deal", "list", "--ever", "--gap", "-1")["gaps"] == []
    assert [row["deal_id"] for row in gaps.json("deal", "list", "--ever", "--closed")["gaps"]] == ["d2"]
    assert [row["deal_id"] for row in gaps.json("deal", "list", "--ever", "--limit", "1", "--after", "d1")["gaps"]] == [
        "d2"
    ]
    cut = gaps("deal", "list", "--ever", "--limit", "1")
    assert (cut.err, len(cut.out.splitlines())) == ("1 of 2 deals\n", 3)


@pytest.mark.parametrize(
    ("language", "heading"),
    [("en", "Deal   Gap   Began"), ("zh", "商机   领先差   开始")],
)
def test_the_list_of_gaps_fits_into_80_columns(
    gaps: CommandLine, monkeypatch: pytest.MonkeyPatch, language: str, heading: str
) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", language)
    said = gaps.done("deal", "list", "--ever")
    assert said.startswith(heading)
    assert max(cell_len(line) for line in said.splitlines()) <= 80


def test_the_inventory_is_the_same_from_the_board_and_from_the_log(cli: CommandLine) -> None:
    cli.open("a1", "anna", "--amount", "1,000.50 CNY", "--customer", "ACME")
    cli.open("b1", "ben")
    cli.done("deal", "win", "a1", "--reason", "paid", *FOR_BO)
    now = cli.json("inventory")
    as_of = cli.json("inventory", "--as-of", SystemClock().now().isoformat())
    assert now | {"as_of": ""} == as_of | {"as_of": ""}
    assert (now["deals"], now["customers"], now["won"], now["won_amount"]) == (2, 1, 1, {"CNY": 1000.5})
    assert now["as_of"].endswith("Z")
    said = cli.done("inventory")
    assert "In progress, by stage" in said and "1,000.50 CNY" in said


def test_an_inventory_of_nothing_is_an_inventory(cli: CommandLine) -> None:
    assert cli.json("inventory")["deals"] == 0
    assert "Deals" in cli.done("inventory")


def test_in_a_folder_that_others_can_read_they_cannot_read_the_deals(cli: CommandLine) -> None:
    cli.home.chmod(0o755)
    cli.open("d1", "anna", "--customer", "ACME")
    cli.done("deal", "list")
    readable = {path.name for path in cli.home.rglob("*") if path.is_file() and path.stat().st_mode & 0o044}
    assert readable <= {"people.yaml"}  # written by hand
