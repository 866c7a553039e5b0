"""Look-alike letters and the engine's name at the command line: refused with the letter, in files with the line."""

import pytest

from dealflow.cli.inputs.identity import who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.refusal import CommandRefused
from tests.support.running.typed_commands import FOR_ANNA, CommandLine

MIXED = "D\u041e2"
SAID = "character 2 is U+041E CYRILLIC CAPITAL LETTER O and looks like one of the Latin letters beside it"


def test_a_deal_with_a_look_alike_letter_is_refused_with_the_letter(cli: CommandLine) -> None:
    words = ("deal", "open", "A sale", "--process", "standard-sale", "--owner", "anna", *FOR_ANNA)
    refused = cli(*words, "--id", MIXED)
    assert (refused.code, SAID in refused.err) == (1, True), refused
    assert "U+041E" in cli(*words, "--id", MIXED, "--lang", "zh").err
    assert cli("deal", "list", "--json").json["total"] == 0
    for good in ("Д02", "客户D02"):
        assert cli(*words, "--id", good).code == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{id: \u0410nna}", "U+0410 CYRILLIC CAPITAL LETTER A"),
        ("{id: dealflow}", "'dealflow' is the name of the engine"),
        ("{id: DealFlow, name: x}", "'dealflow' is the name of the engine"),
    ],
)
def test_people_yaml_says_the_line_and_the_letter(bare: CommandLine, line: str, said: str) -> None:
    (bare.home / "people.yaml").write_text(f"people:\n  - {{id: bo}}\n  - {line}\n", encoding="utf-8")
    refused = bare("people", "check")
    assert refused.code == 1
    assert "people.yaml:3:" in refused.err and said in refused.err


def test_a_user_who_has_the_engines_name_acts_only_as_a_person_of_the_file() -> None:
    with pytest.raises(CommandRefused):
        who(Organisation(people={}, declared=False), "dealflow")
    known = Organisation.model_validate({"people": {"ops": {"id": "ops", "name": "Ops", "users": ["dealflow"]}}})
    assert who(known, "dealflow").actor == "ops"
