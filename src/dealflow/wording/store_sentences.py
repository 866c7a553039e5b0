"""The sentences of what the store and those who come to it are refused, whatever the deal."""

from collections.abc import Mapping
from typing import NamedTuple

from dealflow.domain.values.refusal import Code
from dealflow.wording.shortened import template


class Sentence(NamedTuple):
    """The data keys of a code with what each means, and its sentence."""

    data: Mapping[str, str]
    says: str


OF_THE_STORE: dict[Code, Sentence] = {
    Code.IMPORT_HALF_UNDONE: Sentence(
        {"batch": "the import that is being undone"},
        template(
            "An earlier import is only half taken back[; finish that first: `dealflow import undo {batch} --yes`]."
        ),
    ),
    Code.DEAL_TAKEN_BACK: Sentence(
        {"batch": "the import that had opened it", "at": "when it was taken back", "deal": "the deal"},
        template("It was taken back[ with {batch}][ on {at}].[ `dealflow deal history {deal}` tells all of it.]"),
    ),
    Code.COMMAND_ID_REUSED: Sentence(
        {"given": "the command id"},
        template("The command id[ '{given}'] was used for another command; choose a new one."),
    ),
    Code.SEAL_STANDS: Sentence(
        {"file": "the file of keys"},
        template(
            "The store is sealed, and its key[ {key}] is in {file|the file of keys}: nothing is to begin anew; --rotate adds a key."
        ),
    ),
    Code.UNKNOWN_TOKEN: Sentence({"given": "what was given"}, template("There is no token[ '{given}'].")),
    Code.TOKEN_REFUSED: Sentence(
        {"wrong": "what is wrong with the token"},
        template(
            "[{place}: ]This token is not good[: {problem}]. Nothing was done, and nobody else acts in its place."
        ),
    ),
    Code.TOKEN_LIMITED: Sentence(
        {"token": "the token's id", "allows": "the acts that it is good for, a list"},
        template("The token[ {token}] is not good for this[ ({place})].[ It is good for {allows}.]"),
    ),
    Code.UNKNOWN_IMPORT: Sentence({"given": "what was given"}, template("There is no import[ '{given}'].")),
    Code.SEVERAL_IMPORTS_FIT: Sentence(
        {"given": "what was given", "fit": "the imports that begin so, a list"},
        template("Several imports begin with '{given}'[: {fit}]; give more of the id."),
    ),
    Code.NOBODY_LOADS: Sentence(
        {"who_may": "ids of those who would have the right, a list", "holders": "the roles that have it, a list"},
        template(
            "Nobody could load people after these: give one {holders|who may} a line `users:`[, such as {who_may}]."
        ),
    ),
}
