"""A phrase is its English everywhere, and what it was made of where a catalogue says it."""

import copy
import pickle
import subprocess
import sys
from datetime import UTC
from pathlib import Path

from pydantic import BaseModel

from dealflow.domain.values.phrase import Phrase, counted, phrase, phrase_in
from dealflow.wording.catalogue import Catalogue, catalogue, said
from dealflow.wording.compiled import compiled

ZH = catalogue("zh")


class Carrier(BaseModel):
    says: Phrase
    anything: object


def test_a_phrase_is_its_english() -> None:
    assert phrase("Stage: {stage}", stage="meeting") == "Stage: meeting"
    assert f"{phrase('won')}!" == "won!"


def test_a_catalogue_says_a_phrase_in_its_language_with_the_phrases_in_it() -> None:
    nested = phrase("Stage: {stage}", stage=phrase("won"))
    assert (catalogue("en").say(nested), ZH.say(nested)) == ("Stage: won", "阶段：赢单")


def test_an_english_word_with_two_meanings_has_two_translations() -> None:
    assert [ZH.say(phrase_in(context, "open")) for context in ("outcome", "node", "escalation")] == [
        "未决",
        "未达成",
        "待决定",
    ]


def test_text_that_is_no_phrase_is_left_as_it_is() -> None:
    assert ZH.say("won") == "won"


def test_a_value_is_never_read_as_a_template_and_stays_on_its_line() -> None:
    hostile = "{stage} {0.__class__} $x\x1b[31m\nnext"
    assert phrase("Stage: {stage}", stage=hostile) == f"Stage: {hostile}"
    assert ZH.say(phrase("Stage: {stage}", stage=hostile)) == "阶段：{stage} {0.__class__} $x\\x1b[31m next"
    assert len(ZH.text("Stage: {stage}", stage="x" * 100_000)) < 1_100


def test_a_text_without_values_may_hold_braces() -> None:
    assert ZH.say(Phrase("{not a place}", {})) == "{not a place}"


def test_a_phrase_survives_copies_pickles_and_models() -> None:
    whole = counted("{n} deal", "{n} deals", 3)
    for other in (copy.copy(whole), copy.deepcopy(whole), pickle.loads(pickle.dumps(whole))):
        assert (type(other), other, other.many, other.n) == (Phrase, "3 deals", "{n} deals", 3)
    carrier = Carrier(says=whole, anything=whole)
    assert carrier.says is whole and carrier.anything is whole
    assert carrier.model_dump(mode="json") == {"says": "3 deals", "anything": "3 deals"}
    assert Carrier.model_validate_json(carrier.model_dump_json()).says == "3 deals"


def test_an_error_keeps_the_phrase_it_was_raised_with() -> None:
    assert ZH.say(said(ValueError(phrase("won")))) == "赢单"
    assert said(ValueError("other")) == "other"


def test_a_list_has_the_commas_of_the_language_and_says_how_many_more_there_are() -> None:
    assert (ZH.listed(["a", "b"]), catalogue("en").listed(["a", "b"])) == ("a、b", "a, b")
    assert (ZH.listed(list("abcd"), 2), catalogue("en").listed(list("abcd"), 2)) == ("a、b，另有2项", "a, b and 2 more")


def test_a_catalogue_that_was_edited_is_compiled_anew(tmp_path: Path) -> None:
    source = tmp_path / "zz" / "LC_MESSAGES" / "dealflow.po"
    source.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    for told in ("one", "two"):
        source.write_text(f'{head}msgid "won"\nmsgstr "{told}"\n', encoding="utf-8")
        product = compiled("zz", tmp_path)
        assert product is not None and told.encode() in product.read_bytes()
    source.unlink()
    assert compiled("zz", tmp_path) == product
    assert compiled("yy", tmp_path) is None


def test_an_unknown_language_is_english() -> None:
    assert Catalogue("xx", UTC).text("won") == "won"


def test_saying_something_loads_neither_babel_nor_pydantic() -> None:
    code = (
        "import sys\n"
        "from dealflow.wording.catalogue import catalogue\n"
        "catalogue('zh').text('won')\n"
        "sys.exit(any(name in sys.modules for name in ('babel', 'pydantic')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
