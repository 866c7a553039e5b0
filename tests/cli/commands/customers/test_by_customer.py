"""A command that names a customer instead of the deal, and the word at opening a second deal for one."""

from tests.support.running.typed_commands import FOR_ANNA, CommandLine

REPLY = ("evidence", "record", "reply", "--field", "text=hello", *FOR_ANNA)
OF_ONE = ("--customer", "C-1")


def test_the_one_deal_in_progress_is_meant(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer-id", "C-1")
    cli.done("customer", "link", "C-1", "--wecom", "w-1", *FOR_ANNA)
    for given in ("C-1", "wecom:w-1"):
        answer = cli.json(*REPLY, "--customer", given, "--process", "standard-sale")
        assert answer["deal_id"] == "d1"


def test_of_several_none_is_taken_and_those_that_fit_are_named(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer-id", "C-1")
    cli.open("d2", "anna", "--customer-id", "C-1")
    refused = cli(*REPLY, *OF_ONE, "--json")
    assert (refused.code, refused.codes) == (1, ["several_deals_fit"])
    assert "d1 (standard-sale@1)" in refused.out and "d2 (standard-sale@1)" in refused.out
    assert cli.json("deal", "show", "d1")["evidence"] == []


def test_where_none_fits_it_says_so(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer-id", "C-1")
    cli.done("deal", "cancel", "d1", "--reason", "mistake", "--on-behalf-of", "bo")
    assert cli(*REPLY, *OF_ONE, "--json").codes == ["no_deal_fits"]
    assert cli(*REPLY, "--customer", "C-2", "--json").codes == ["unknown_customer"]
    assert cli(*REPLY, *OF_ONE, "--process", "standart-sale", "--json").codes == ["unknown_process"]


def test_sent_again_it_means_the_deal_that_it_meant(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer-id", "C-1")
    first = cli.json(*REPLY, *OF_ONE, "--command-id", "e1")
    cli.open("d2", "anna", "--customer-id", "C-1")
    again = cli.json(*REPLY, *OF_ONE, "--command-id", "e1")
    assert (again["deal_id"], again["repeated"], first["deal_id"]) == ("d1", True, "d1")


def test_the_deal_or_the_customer_is_named_and_a_kind_in_any_case(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer-id", "C-1")
    assert cli("evidence", "record", "d1", "reply", *OF_ONE, *FOR_ANNA).code == 2
    assert cli("evidence", "record", "d1", *FOR_ANNA).code == 2
    assert cli("evidence", "record", "d1", "reply", "--process", "standard-sale", *FOR_ANNA).code == 2


def test_a_second_deal_of_a_customer_says_which_one_is_in_progress_and_is_recorded(cli: CommandLine) -> None:
    plain = ("deal", "open", "Again", "--process", "standard-sale", "--customer-id", "C-1")
    opened = (*plain, "--owner", "anna", *FOR_ANNA)
    assert "besides" not in cli.json(*opened, "--id", "d1")
    assert "C-1 has a deal in progress already: d1\n" in cli.done(*opened, "--id", "d2")
    third = cli.json(*opened, "--id", "d3")["besides"]
    assert (third["deals"], third["message"]) == (["d1", "d2"], "C-1 has 2 deals in progress already: d1, d2")
    bens = cli.json(*plain, "--owner", "ben", "--on-behalf-of", "ben", "--id", "d4")
    assert (bens["besides"]["deals"], bens["besides"]["others"]) == ([], True)
    seen = cli.json(*plain, "--owner", "ben", "--on-behalf-of", "ben", "--id", "d5")["besides"]
    assert seen["message"] == "C-1 has deals in progress already: d4, and others that you do not see"


def test_an_integrator_records_for_the_customer_of_a_deal_that_they_do_not_see(cli: CommandLine) -> None:
    people = (cli.home / "people.yaml").read_text(encoding="utf-8").replace("acts_for: [anna,", "acts_for: [bot, anna,")
    bot = "  - {id: bot, name: Bot, role: integrator, kinds: [reply]}\n"
    (cli.home / "people.yaml").write_text(people + bot, encoding="utf-8")
    cli.open("d1", "anna", "--customer-id", "C-1")
    cli.done("customer", "link", "C-1", "--openid", "o-1", *FOR_ANNA)
    says = ("evidence", "record", "reply", "--field", "text=hello", "--customer", "openid:o-1", "--on-behalf-of", "bot")
    assert cli.json(*says)["deal_id"] == "d1"
    assert cli("customer", "show", "openid:o-1", "--on-behalf-of", "bot").code == 1
    cli.open("d2", "anna", "--customer-id", "C-1")
    cli.open("d3", "anna", "--customer-id", "BoCust")
    near = cli(*says[:6], "BoCus", *says[7:], "--json")
    assert near.codes == ["unknown_customer"] and "BoCust" not in near.out
    refused = cli(*says, "--json")
    assert refused.codes == ["several_deals_fit"]
    assert "Several deals are in progress; name one." in cli(*says).err
    assert not {"d1", "d2", "C-1", "2"} & set(refused.out.replace('"', " ").replace("'", " ").split())
