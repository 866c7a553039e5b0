"""How the store is sealed, as it is printed."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dealflow.application.audit.sealed import SealState
from dealflow.application.commands.answers import SealDone
from dealflow.application.reading.history import HistoryEntry, history
from dealflow.cli.errors import DONE, NOT_THERE, WrongUsage
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_heading, print_pairs
from dealflow.cli.views.deals.history import history_line
from dealflow.domain.customer.stream import KEYS_STREAM
from dealflow.domain.deal.events import SealRotated
from dealflow.domain.seal.commands import RotateSeal, SealAnew
from dealflow.domain.values.phrase import Phrase, phrase, phrase_in

if TYPE_CHECKING:
    from dealflow.bootstrap import System


@dataclass(frozen=True, slots=True)
class SealShown:
    """How the store is sealed, what was done about it, and what of that just now; `file` is where the keys are."""

    state: SealState
    file: Path
    acts: tuple[HistoryEntry, ...] = ()
    done: SealDone | None = None

    @classmethod
    def of(cls, system: "System", done: SealDone | None) -> "SealShown":
        """As it is now."""
        tell = reader().teller(None, system.people.current())
        acts = history(system.store.load(KEYS_STREAM), tell).entries
        return cls(system.parts.sealing.state(), system.settings.seal_keys, acts, done)


def print_seal(shown: SealShown) -> int:
    """Print it; exit code 3 where nothing can be appended."""
    state, file = shown.state, shown.file
    usable = state.is_here and not state.is_gone
    if reader().json:
        document = {**_document(state), "keys": str(file.absolute()), "usable": usable}
        acts = [entry.model_dump(mode="json") for entry in shown.acts]
        print_json({**document, "done": shown.done and shown.done.model_dump(mode="json"), "acts": acts})
        return DONE if usable else NOT_THERE
    to = reader()
    if shown.done is not None:
        say(_said(shown.done, file))
    print_pairs(
        [
            (phrase("Seals"), state.seals),
            (phrase("Sealed since"), _since(state)),
            (phrase("Key"), state.key_id or to.t("made with the first append")),
            (phrase_in("seal", "Keys"), str(file.absolute())),
            (phrase("Usable"), to.t("yes") if usable else to.t("no: nothing is appended and nothing can be checked")),
        ]
    )
    if shown.acts:
        print_heading(phrase("History"))
        for entry in shown.acts:
            say(history_line(entry))
    return DONE if usable else NOT_THERE


def _said(done: SealDone, file: Path) -> Phrase:
    if done.repeated:
        return phrase("This command was carried out before; it added key {key}.", key=done.key)
    if SealRotated.topic in done.seal_facts:
        return phrase(
            "Rotated: key {key} seals from now on. Copy {file} to every computer that writes to this store.",
            key=done.key,
            file=str(file),
        )
    return phrase(
        "Everything is sealed as it stands, by the new key {key}. Keep a copy of {file}.", key=done.key, file=str(file)
    )


def seal_command(reason: str, *, rotate: bool, anew: bool, is_named: bool) -> RotateSeal | SealAnew | None:
    """What is to be done; None where the seal is only shown. `is_named`: an id is given for it."""
    if rotate and anew:
        raise WrongUsage(phrase("--rotate and --anew exclude each other"))
    if not rotate and not anew:
        if reason or is_named:
            raise WrongUsage(phrase("--reason and --command-id go with --rotate or --anew"))
        return None
    if anew and not reason.strip():
        raise WrongUsage(phrase("--anew needs a --reason"))
    return SealAnew(reason=reason) if anew else RotateSeal(reason=reason)


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
