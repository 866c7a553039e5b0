"""What goes to standard output: one JSON document for programs, or lines and tables for people."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import reduce
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from dealflow.cli.language import spoken
from dealflow.domain.process.definition import Text
from dealflow.domain.values.language import Language, in_language
from dealflow.domain.values.one_line import one_line
from dealflow.wording.catalogue import catalogue
from dealflow.wording.lengths import length
from dealflow.wording.sentences import sentence

if TYPE_CHECKING:
    from dealflow.domain.people.organisation import Organisation
    from dealflow.domain.process.definition import ProcessDefinition
    from dealflow.domain.values.refusal import Reason
    from dealflow.wording.history import FactTeller


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom the output is: a program or a person, and the person's zone and language."""

    json: bool = False
    zone: tzinfo = UTC

    @property
    def language(self) -> Language:
        """In which this command line speaks."""
        return spoken()

    def t(self, text: str, /, **values: object) -> str:
        """A text or a phrase of the program in the reader's language, with its values."""
        return catalogue(self.language, self.zone).text(text, **values)

    def counted(self, one: str, many: str, n: int, /, **values: object) -> str:
        """A text with a count, `{n}` in it, in the form that the number asks for."""
        return catalogue(self.language, self.zone).counted(one, many, n, **values)

    def listed(self, items: Iterable[object]) -> str:
        """Items behind one another, with the comma of the language."""
        return catalogue(self.language, self.zone).listed(list(items))

    def joined(self, parts: Sequence[str]) -> str:
        """Parts of a line, each a remark on the whole."""
        return reduce(lambda said, more: self.t("{said}; {more}", said=said, more=more), parts)

    def titled(self, named: Any) -> str:
        """A thing with its wording and, in brackets, the id that commands ask for."""
        return self.title(named.id, named.title)

    def title(self, name: str, text: Text) -> str:
        """The wording, with the id in brackets where it says something else."""
        said = one_line(in_language(text, self.language, name))
        return said if said == name else f"{said} ({one_line(name)})"

    def short(self, name: str, text: Text) -> str:
        """The wording alone."""
        return one_line(in_language(text, self.language, name))

    def time(self, instant: datetime | None) -> str:
        """A time in the reader's zone, ISO 8601 with a space; seconds only where there are some."""
        if instant is None:
            return ""
        local = instant.astimezone(self.zone)
        return local.isoformat(sep=" ", timespec="seconds" if local.second else "minutes")

    def day(self, instant: datetime) -> str:
        """The day of a time in the reader's zone."""
        return instant.astimezone(self.zone).date().isoformat()

    def length(self, written: str) -> str:
        """A duration in the reader's language."""
        return self.t(length(written))

    def teller(self, process: "ProcessDefinition | None", organisation: "Organisation") -> "FactTeller":
        """Tells facts, those of a deal in the wording of its process version."""
        from dealflow.wording.history import FactTeller

        return FactTeller(process, self.language, self.zone, organisation)

    def reason(self, reason: "Reason") -> str:
        """A named reason as a sentence."""
        return sentence(reason, self.language, self.zone)

    def reason_of(self, place: str, reason: "Reason") -> str:
        """The same under the heading of its place, which need not be said twice."""
        return self.reason(reason.model_copy(update={"place": ""}) if reason.place == place else reason)


_reader: ContextVar[Reader] = ContextVar("reader", default=Reader())  # noqa: B039  it is frozen


def reader() -> Reader:
    """The reader of this command, in UTC until the settings have been read."""
    return _reader.get()


def write_for(new: Reader) -> None:
    """From here on, this is who reads."""
    _reader.set(new)


def print_json(document: BaseModel | Mapping[str, Any]) -> None:
    """Print the one document of a command; UTF-8 whatever the terminal says, since JSON is."""
    plain = document.model_dump(mode="json") if isinstance(document, BaseModel) else document
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure and (sys.stdout.encoding or "").lower().replace("-", "") != "utf8":
        reconfigure(encoding="utf-8")
    text = json.dumps(plain, ensure_ascii=False, indent=2, default=_plain)
    # A lone surrogate, from an argument that was no text, is no UTF-8 either.
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")


def say(text: str = "") -> None:
    """Print one line for people, a phrase in their language; what their terminal cannot show is written as its code."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")
    sys.stdout.write(catalogue(spoken(), reader().zone).say(text) + "\n")


def note(text: str) -> None:
    """Print a line that is no fact: a hint, a preview, a progress; never on standard output."""
    sys.stderr.write(catalogue(spoken(), reader().zone).say(text) + "\n")


def said_otherwise(place: str, given: str, kept: str) -> str:
    """The spelling that is kept, for a reading, which has no answer to say it in; says so where another was given."""
    from dealflow.domain.values.text.spelling import respelled  # most commands name nothing in another spelling

    if change := respelled(place, given, kept):
        note(change.said)
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
