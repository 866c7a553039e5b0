"""The reader of event logs: every dialect, flat memory, and a clear place for whatever is broken."""

import gzip
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealflow.adapters.imports.logs.trace import MAX_EVENTS, Stray, Trace
from dealflow.adapters.imports.logs.xes_file import MAX_TAG, XesFile
from dealflow.adapters.imports.mapping.file import ImportInvalid
from tests.support.files.import_files import problems_of
from tests.support.files.xes_files import BEGINS, WON, event, log, log_file, trace

NAME = frozenset({"concept:name"})


def read(file: XesFile, of_trace: frozenset[str] = NAME, of_event: frozenset[str] = NAME) -> list[Trace]:
    return [found for found in file.traces(of_trace, of_event) if isinstance(found, Trace)]


def broken(tmp_path: Path, content: str | bytes) -> str:
    with pytest.raises(ImportInvalid) as error:
        read(log_file(tmp_path, content))
    (problem,) = problems_of(error.value, tmp_path)
    return problem


@pytest.mark.parametrize("dialect", BEGINS)
@pytest.mark.parametrize("packed", [False, True])
def test_every_dialect_is_read_plain_and_packed(tmp_path: Path, dialect: str, packed: bool) -> None:
    text = log(WON, begin=BEGINS[dialect])
    if dialect == "prefixed":
        for tag in ("log", "trace", "event", "string", "date", "global"):
            text = (
                text.replace(f"<{tag} ", f"<x:{tag} ")
                .replace(f"<{tag}>", f"<x:{tag}>")
                .replace(f"</{tag}>", f"</x:{tag}>")
            )
    (found,) = read(log_file(tmp_path, gzip.compress(text.encode()) if packed else text))
    assert (found.number, found.cells) == (1, {"concept:name": "C1"})
    assert [one.cells["concept:name"] for one in found.events] == ["Apply", "Send", "Return", "Pay", "Accept"]
    assert (found.line, [one.line for one in found.events]) == (4, [5, 6, 7, 8, 9])


def test_attributes_inside_others_are_known_by_their_path_and_never_mistaken(tmp_path: Path) -> None:
    inner = '<string key="concept:name" value="inner"><string key="concept:name" value="deepest"/></string>'
    listed = '<list key="who"><values><string key="org:resource" value="Ann"/></values></list>'
    text = log(trace("C1", event("Apply", None, more=f'<container key="box">{inner}</container>{listed}')))
    wanted = frozenset({"concept:name", "box/concept:name", "who/org:resource"})
    (found,) = read(log_file(tmp_path, text), of_event=wanted)
    assert found.events[0].cells == {"concept:name": "Apply", "box/concept:name": "inner", "who/org:resource": "Ann"}


def test_elements_of_other_makers_are_passed_over(tmp_path: Path) -> None:
    foreign = (
        '<o:string xmlns:o="urn:other" key="concept:name" value="no"><string key="concept:name" value="no"/></o:string>'
    )
    (found,) = read(log_file(tmp_path, log(trace("C1", event("Apply", None, more=foreign)))))
    assert found.events[0].cells == {"concept:name": "Apply"}


def test_an_event_outside_of_a_trace_is_told(tmp_path: Path) -> None:
    found = list(log_file(tmp_path, log(event("Apply", None), WON)).traces(NAME, NAME))
    assert found[0] == Stray(line=4)


def test_a_trace_of_too_many_events_is_cut(tmp_path: Path) -> None:
    (found,) = read(log_file(tmp_path, log(trace("C1", *["<event/>"] * (MAX_EVENTS + 2)))))
    assert (len(found.events), found.events_left_out) == (MAX_EVENTS, 2)


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        ("</log>", "the file ends before the log does (after trace 1) [not-well-formed]"),
        ("</event>\n</trace>\n</log>", "the file ends before the log does (trace 1, event 5) [not-well-formed]"),
        (
            '"2012-01-09T09:00:00.000+01:00"/></event>\n</trace>\n</log>',
            "the file ends inside a tag (trace 1, event 5)",
        ),
    ],
)
def test_a_log_that_ends_early_says_where(tmp_path: Path, cut: str, said: str) -> None:
    assert said in broken(tmp_path, log(WON).strip().removesuffix(cut))


def test_an_unclosed_tag_is_told_with_its_trace_and_event(tmp_path: Path) -> None:
    text = log(WON, trace("C2", event("Apply", None), event("Send", None).replace("</event>", "")))
    assert broken(tmp_path, text) == (
        "log.xes:14:3: error: the file is not well-formed XML: a tag is closed that was not the last one opened"
        " (trace 2, event 2) [not-well-formed]"
    )


def test_a_packed_file_that_is_cut_off_or_damaged_says_so(tmp_path: Path) -> None:
    packed = gzip.compress(log(*[WON] * 50).encode())
    assert "the compressed file is cut off" in broken(tmp_path, packed[:-9])
    assert "fetch it again [truncated]" in broken(tmp_path, packed[:-9])
    flipped = bytes([*packed[:-8], packed[-8] ^ 1, *packed[-7:]])
    assert "the compressed file is damaged: CRC check failed" in broken(tmp_path, flipped)


BOMB = '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><log><trace>&b;</trace></log>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>'


@pytest.mark.parametrize("text", [BOMB, OUTSIDE])
def test_a_document_type_is_refused_and_with_it_every_entity(tmp_path: Path, text: str) -> None:
    assert "the file declares a document type, which XES has none of; entities are not read" in broken(tmp_path, text)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04", "not well-formed"),
        (b"<html></html>", "the file begins with <html>, not with the <log> of XES"),
        (b'<log xmlns="urn:other"></log>', "the file begins with <log> of urn:other, not with the <log> of XES"),
        (b"<log>&nbsp;</log>", "an entity that XML itself does not have"),
        (b'<?xml version="1.0" encoding="klingon"?><log/>', "encoding"),
        (b"<log><trace>\xff</trace></log>", "not well-formed (invalid token) (trace 1)"),
        (b"<log>" + b"<a>" * 200, "more than 100 elements inside one another"),
        (b"<log><trace>" + b"<a>" * 200, "more than 100 elements inside one another"),
    ],
)
def test_what_is_no_log_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in broken(tmp_path, content)


def test_a_file_that_is_not_there_or_is_a_folder_says_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.xes", tmp_path):
        with pytest.raises(ImportInvalid, match="the file cannot be read"):
            list(XesFile(path).traces(NAME, NAME))


def test_a_value_without_an_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    text = '<log><trace><string key="concept:name" value="' + "x" * (3 * MAX_TAG)
    assert f"a tag or a comment of more than {MAX_TAG:,} bytes (trace 1)" in broken(tmp_path, text)


def walked(file: XesFile) -> Iterator[int]:
    for found in file.traces(NAME, NAME):
        yield len(found.events) if isinstance(found, Trace) else 0


def test_memory_stays_flat_with_all_in_one_line(tmp_path: Path) -> None:
    one = WON.replace("\n", "")
    peaks = []
    for traces in (500, 5_000):
        file = log_file(tmp_path, log(one * traces).replace("\n", ""))
        tracemalloc.start()
        assert sum(walked(file)) == 5 * traces
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
