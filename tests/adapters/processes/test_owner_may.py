"""A template says how the owner of a deal may end it; without a word both ways, as it was before there was the key."""

from pathlib import Path

import pytest

from dealflow.adapters.processes.reader import load_process
from dealflow.domain.deal import commands as c
from dealflow.domain.process.canonical import content_of, definition_of, digest_of_content
from dealflow.domain.process.definition import OWNERS_ENDS
from dealflow.domain.values.refusal import Code
from tests.support.deals.house import House
from tests.support.deals.plain_process import SMALL, process_of, variant

LOSE, CANCEL = c.LoseDeal(reason="price"), c.CancelDeal(reason="price")


def house(owner_may: str) -> House:
    opened = House(definition=variant(("calendar: plain", f"calendar: plain\nowner_may: {owner_may}")))
    opened.do(opened.opening("anna"), who="anna")
    return opened


def test_without_the_key_the_owner_may_both_and_no_digest_changes() -> None:
    assert process_of().owner_may == OWNERS_ENDS
    said = variant(("calendar: plain", "calendar: plain\nowner_may: [lose, cancel]"))
    assert digest_of_content(content_of(said)) == digest_of_content(content_of(process_of()))
    assert "owner_may" not in content_of(process_of())


@pytest.mark.parametrize(("owner_may", "kept"), [("[cancel]", [LOSE]), ("[lose]", [CANCEL]), ("[]", [LOSE, CANCEL])])
def test_what_the_template_keeps_is_refused_and_named_with_who_may(owner_may: str, kept: list[c.Command]) -> None:
    for command in kept:
        reason = house(owner_may).refused(command, who="anna")
        assert reason.code is Code.NOT_PERMITTED
        assert (reason.data["process"], "anna" in reason.data["who_may"]) == ("small@1", False)
        assert "mei" in reason.data["who_may"]
        house(owner_may).do(command, who="mei")
    for command in (each for each in (LOSE, CANCEL) if each not in kept):
        house(owner_may).do(command, who="anna")


def test_it_comes_back_from_the_stored_form() -> None:
    said = variant(("calendar: plain", "calendar: plain\nowner_may: []"))
    assert content_of(said)["owner_may"] == [] and definition_of(content_of(said)) == said


@pytest.mark.parametrize(
    ("written", "rule", "near"), [("[loose]", "choice", "lose"), ("[lose, lose]", "duplicate-id", None)]
)
def test_the_check_names_line_and_column(tmp_path: Path, written: str, rule: str, near: str | None) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL.replace("calendar: plain", f"calendar: plain\nowner_may: {written}"), encoding="utf-8")
    _, problems = load_process(file)
    [problem] = [each for each in problems if each.rule == rule]
    assert problem.line == 3 and problem.column > 1 and problem.suggestion == near
