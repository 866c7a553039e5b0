"""How the store is sealed, as it is printed."""

from pathlib import Path

from dealflow.application.audit.sealed import Sealing, SealState
from dealflow.cli.errors import DONE, NOT_THERE, WrongUsage
from dealflow.cli.output import print_json, reader
from dealflow.cli.tables import print_pairs
from dealflow.domain.decide import checks
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, refuse


def print_seal(state: SealState, file: Path) -> int:
    """Print it; exit code 3 where nothing can be appended."""
    usable = state.is_here and not state.is_gone
    if reader().json:
        print_json({**_document(state), "keys": str(file.absolute()), "usable": usable})
        return DONE if usable else NOT_THERE
    to = reader()
    print_pairs(
        [
            (phrase("Seals"), state.seals),
            (phrase("Sealed since"), _since(state)),
            (phrase("Key"), state.key_id or to.t("made with the first append")),
            (phrase("Keys"), str(file.absolute())),
            (phrase("Usable"), to.t("yes") if usable else to.t("no: nothing is appended and nothing can be checked")),
        ]
    )
    return DONE if usable else NOT_THERE


def sealed_anew(sealing: Sealing, reason: str, *, rotate: bool, file: Path) -> int:
    """Begin again where that is needed, and print how it then stands; refused where the seal can go on."""
    if rotate:
        raise WrongUsage(phrase("--rotate and --anew exclude each other"))
    if not reason.strip():
        raise WrongUsage(phrase("--anew needs a --reason"))
    state = sealing.state()
    if state.is_here and not state.is_gone:
        raise refuse(Code.SEAL_STANDS, str(file), key=state.key_id)
    return print_seal(sealing.begin_anew(checks.reason(reason)), file)


def _since(state: SealState) -> str:
    to = reader()
    if state.is_gone:
        return to.t("no seals, but events: somebody has removed them")
    if not state.begun:
        return to.t("its first event")
    return to.t("{at}, as it stood then ({reason})", at=to.time(state.begun.at), reason=state.begun.reason)


def _document(state: SealState) -> dict[str, object]:
    begun = state.begun
    return {
        "seals": state.seals,
        "key": state.key_id or None,
        "key_is_here": state.is_here,
        "removed": state.is_gone,
        "since": begun.at.isoformat() if begun else None,
        "reason": begun.reason if begun else None,
    }
