"""An XES event log read trace by trace, plain or gz, in any of its dialects; memory grows with the largest trace only."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.imports.cells import put_right
from dealflow.adapters.imports.logs.trace import MAX_EVENTS, Event, Names, Stray, Trace
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.domain.deal.events import ImportedFile
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.text.visible import is_text
from dealflow.wording.system_faults import system_reason

MAX_DEPTH = 100
# A tag without an end must not fill the memory; the largest value that a mapping takes is far smaller.
MAX_TAG = 4_000_000
MAX_NAMES = 1_000  # of attributes that nobody asked for; a log has a few dozen
_MAX_NAME = 200
_MAX_NAMES = 1_000
_CHUNK = 1 << 16
_NAMESPACES = ("http://www.xes-standard.org/", "http://www.xes-standard.org", "http://code.deckfour.org/xes")
_ATTRIBUTES = frozenset(("string", "date", "int", "float", "boolean", "id", "list", "container"))
_REASONS = {
    expat.errors.XML_ERROR_TAG_MISMATCH: phrase("a tag is closed that was not the last one opened"),
    expat.errors.XML_ERROR_NO_ELEMENTS: phrase("the file ends before the log does"),
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: phrase("the file ends inside a tag"),
    expat.errors.XML_ERROR_UNDEFINED_ENTITY: phrase("an entity that XML itself does not have"),
}


class XesFile:
    """A log on disk; `traces` opens it anew each time, and ImportInvalid says where it is broken.

    Any document type is refused, and with it every entity: expat itself is the standard library's.
    """

    def __init__(self, path: Path, corrections: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.path = path
        self.digest = ""
        self.share = 0.0
        self._corrections = corrections or {}

    @property
    def given(self) -> tuple[ImportedFile, ...]:
        """The file itself."""
        return (ImportedFile(role="log", name=self.path.name, digest=self.digest),)

    def place(self, trace: Trace, event: Event | None = None) -> Phrase:
        """The number of the trace, and of the event in it."""
        where = phrase("trace {number}", number=trace.number)
        return phrase("{place}, event {number}", place=where, number=event.number) if event is not None else where

    def row(self, trace: Trace, event: Event | None = None) -> str:
        """The same behind the name of the file."""
        return f"{self.path.name}:{self.place(trace, event)}"

    def nearest(self, _place: str, _value: str) -> str | None:
        """A log in XES is joined with nothing."""
        return None

    def traces(
        self, of_trace: frozenset[str], of_event: frozenset[str], names: Names | None = None
    ) -> Iterator[Trace | Stray]:
        """Every trace with these attributes of its own and of its events; `outer/inner` is one inside another.

        `names` takes up which attributes there are at all.
        """
        walk = _Walk(of_trace, of_event, names)
        digest = hashlib.sha256()
        fed = 0
        try:
            with _Seen(self.path, digest.update) as raw:
                # By its first bytes: what a file is called says little about it.
                stream = gzip.GzipFile(fileobj=raw) if raw.starts_with(b"\x1f\x8b") else raw
                while chunk := stream.read(_CHUNK):
                    fed += len(chunk)
                    self.share = raw.share
                    walk.parser.Parse(chunk)
                    if fed - max(walk.parser.CurrentByteIndex, 0) > MAX_TAG:
                        raise _Refused(phrase("a tag or a comment of more than {most:,} bytes", most=MAX_TAG))
                    yield from map(self._corrected, walk.taken())
                walk.parser.Parse(b"", True)  # noqa: FBT003  expat takes it by its place
                yield from map(self._corrected, walk.taken())
        except expat.ExpatError as error:
            what = _REASONS.get(expat.ErrorString(error.code)) or expat.ErrorString(error.code)
            self._broken(
                walk,
                "not-well-formed",
                phrase("the file is not well-formed XML: {what}", what=what) if fed else phrase("the file is empty"),
            )
        except _Refused as refused:
            self._broken(walk, "refused", str(refused))
        except EOFError:
            self._broken(walk, "truncated", phrase("the compressed file is cut off"), phrase("fetch it again"))
        except (gzip.BadGzipFile, zlib.error) as error:
            self._broken(
                walk,
                "gz",
                phrase("the compressed file is damaged: {error}", error=str(error)),
                phrase("fetch it again"),
            )
        except (LookupError, ValueError) as error:
            self._broken(
                walk,
                "encoding",
                phrase("the encoding that the file declares cannot be read: {error}", error=str(error)),
                phrase("save it as UTF-8"),
            )
        except OSError as error:
            self._broken(walk, "unreadable", phrase("the file cannot be read: {reason}", reason=system_reason(error)))
        self.digest = digest.hexdigest()

    def called(self, name: str) -> str:
        """An attribute is called the same."""
        return name

    def _corrected(self, trace: Trace | Stray) -> Trace | Stray:
        if self._corrections and isinstance(trace, Trace):
            for cells in (trace.cells, *(event.cells for event in trace.events)):
                put_right(cells, self._corrections)
        return trace

    def _broken(self, walk: "_Walk", rule: str, what: str, right: str | None = None) -> NoReturn:
        line = max(walk.parser.CurrentLineNumber, 1)
        column = max(walk.parser.CurrentColumnNumber, 0) + 1
        message = f"{what} ({walk.place})" if walk.place else what
        problem = LocatedProblem(file=str(self.path), line=line, column=column, rule=rule, message=message, right=right)
        raise ImportInvalid([problem]) from None


class _Refused(Exception):
    """The file could be read, but is not."""


class _Seen(io.RawIOBase):
    """The bytes of a file, each shown once to whoever makes its digest."""

    def __init__(self, path: Path, seen: Callable[[bytes], None]) -> None:
        super().__init__()
        self._stream = path.open("rb")
        self._size = self._stream.seek(0, io.SEEK_END) or 1
        self._stream.seek(0)
        self._seen = seen

    @property
    def share(self) -> float:
        """How much of the file is read."""
        return self._stream.tell() / self._size

    def starts_with(self, begin: bytes) -> bool:
        found = self._stream.read(len(begin)) == begin
        self._stream.seek(0)
        return found

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._seen(data)
        return data

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Walk:
    """What expat calls as it goes through the file."""

    def __init__(self, of_trace: frozenset[str], of_event: frozenset[str], names: Names | None) -> None:
        self.of_trace, self.of_event = of_trace, of_event
        self.names_of_traces = names.of_traces if names else None
        self.names_of_events = names.of_events if names else None
        self.parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        self.number = 0
        self._names: dict[str, str] = {}
        self._depth = 0
        self._trace: Trace | None = None
        self._event: Event | None = None
        self._keys: list[str | None] = []  # of the attributes around the present one
        self._done: list[Trace | Stray] = []

    def taken(self) -> list[Trace | Stray]:
        """What is complete since the last call."""
        done, self._done = self._done, []
        return done

    @property
    def place(self) -> str:
        """Where in the log the walk is, in words."""
        if self._trace is None:
            return phrase("after trace {number}", number=self.number) if self.number else ""
        trace = phrase("trace {number}", number=self._trace.number)
        return phrase("{place}, event {number}", place=trace, number=self._event.number) if self._event else trace

    def _start(self, raw: str, attributes: dict[str, str]) -> None:
        name = self._names.get(raw)
        if name is None:
            name = self._local(raw)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Refused(phrase("more than {most} elements inside one another", most=MAX_DEPTH))
        if self._event is not None:
            self._attribute(name, attributes, self.of_event, self._event.cells, self.names_of_events)
        elif self._depth == 3 and name == "event" and self._trace is not None:
            self._begin_event(self._trace)
        elif self._trace is not None:
            self._attribute(name, attributes, self.of_trace, self._trace.cells, self.names_of_traces)
        elif self._depth == 2 and name == "trace":
            self.number += 1
            self._trace = Trace(self.number, self.parser.CurrentLineNumber)
        elif self._depth == 2 and name == "event":
            self._done.append(Stray(self.parser.CurrentLineNumber))
        elif self._depth == 1 and name != "log":
            namespace, _, local = raw.rpartition(" ")
            begun = {"tag": local[:60], "namespace": namespace[:60]}
            raise _Refused(
                phrase("the file begins with <{tag}> of {namespace}, not with the <log> of XES", **begun)
                if namespace
                else phrase("the file begins with <{tag}>, not with the <log> of XES", tag=local[:60])
            )

    def _begin_event(self, trace: Trace) -> None:
        if len(trace.events) == MAX_EVENTS:
            trace.events_left_out += 1
            self._event = Event(MAX_EVENTS, 0, {})
            return
        self._event = Event(len(trace.events) + 1, self.parser.CurrentLineNumber, {})
        trace.events.append(self._event)

    def _attribute(
        self,
        name: str,
        attributes: dict[str, str],
        wanted: frozenset[str],
        cells: dict[str, str],
        names: set[str] | None,
    ) -> None:
        # The values of a list are inside one more element, which has no name of its own.
        key = attributes.get("key") if name in _ATTRIBUTES else "" if name == "values" and self._keys else None
        if key is not None:
            path = key
            if self._keys:
                path = "" if None in self._keys else "/".join([*filter(None, self._keys), key])
            if path in wanted:
                cell = attributes.get("value", "").strip()
                cells[path] = cell if cell.isascii() or is_text(cell) else ""
            if names is not None and path and path not in names and (path in wanted or _is_taken_up(path, names)):
                names.add(path)
        self._keys.append(key)

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._keys:
            self._keys.pop()
        elif self._event is not None:
            self._event = None
        elif self._trace is not None:
            self._done.append(self._trace)
            self._trace = None

    def _local(self, raw: str) -> str:
        namespace, _, local = raw.rpartition(" ")
        # Elements of other makers are passed over. A file with ever new names must not fill the memory.
        name = local if not namespace or namespace.startswith(_NAMESPACES) else ""
        if len(self._names) < _MAX_NAMES:
            self._names[raw] = name
        return name

    def _doctype(self, *_: object) -> None:
        raise _Refused(phrase("the file declares a document type, which XES has none of; entities are not read"))


def _is_taken_up(name: str, names: set[str]) -> bool:
    return len(name) <= _MAX_NAME and len(names) < MAX_NAMES
