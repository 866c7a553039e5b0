"""The first walk through a log: an attribute that is nowhere in it is told with the nearest, or the log is refused."""

import tracemalloc
from pathlib import Path

import pytest

from dealflow.adapters.imports.logs.survey import Survey, survey
from dealflow.adapters.imports.logs.trace import Names
from dealflow.adapters.imports.logs.xes_file import MAX_NAMES
from dealflow.adapters.imports.mapping.file import ImportInvalid
from tests.support.files.import_files import problems_of
from tests.support.files.xes_files import SMALL, WON, event, log, log_file, log_mapping, trace

AT = "2012-01-02T09:00:00Z"
OF_EVENTS = "concept:name, lifecycle:transition, org:resource, time:timestamp"
OF_TRACES = "case:AMOUNT_REQ, case:concept:name"


def surveyed(folder: Path, content: str, old: str = "", new: str = "") -> Survey:
    assert old in SMALL
    return survey(log_file(folder, content), log_mapping(folder, SMALL.replace(old, new, 1) if old else SMALL))


def refused(folder: Path, content: str, old: str = "", new: str = "") -> list[str]:
    with pytest.raises(ImportInvalid) as error:
        surveyed(folder, content, old, new)
    return problems_of(error.value, folder)


def attributes(found: Survey) -> list[tuple[str, str | None]]:
    return [(one.value, one.suggestion) for one in found.never if one.value.startswith("attribute ")]


@pytest.mark.parametrize(
    ("before", "after", "place", "wrong", "there_are", "right"),
    [
        ("  values:\n", "  at: time:timestmp\n  values:\n", "8:7", "time:timestmp", OF_EVENTS, "time:timestamp"),
        ("  values:\n", "  transition: lifecycle:transitoin\n  values:\n", "8:15", "lifecycle:transitoin", OF_EVENTS,
         "lifecycle:transition"),
        ("  values:\n", "  by: concept:nme\n  values:\n", "8:7", "concept:nme", OF_EVENTS, "concept:name"),
        ("  values:\n", "  resource: org:resorce\n  values:\n", "8:13", "org:resorce", OF_EVENTS, "org:resource"),
        ("deal:\n", "deal:\n  id: case:concept:nam\n", "5:7", "case:concept:nam", OF_TRACES, "case:concept:name"),
        ("deal:\n", "deal:\n  opened: case:concept_name\n", "5:11", "case:concept_name", OF_TRACES, "case:concept:name"),
        ("offer_sent}", "offer_sent, at: time:timestmp}", "10:40", "time:timestmp", f"{OF_EVENTS}, {OF_TRACES}", "time:timestamp"),
    ],
)  # fmt: skip
def test_what_no_record_is_read_without_is_refused_with_the_nearest(
    tmp_path: Path, before: str, after: str, place: str, wrong: str, there_are: str, right: str
) -> None:
    of = "trace" if wrong.startswith("case:") else "event"
    assert refused(tmp_path, log(WON), before, after) == [
        f"mapping.yaml:{place}: error: no {of} of log.xes has the attribute '{wrong}'; there are: {there_are}; "
        f"did you mean '{right}'? [missing-attribute]"
    ]


def test_every_refused_attribute_is_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    new = "  at: time:timestmp\n  by: concept:nme\n  values:\n"
    assert [line.partition(" ")[0] for line in refused(tmp_path, log(WON), "  values:\n", new)] == [
        "mapping.yaml:8:7:",
        "mapping.yaml:9:7:",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("amount: case:AMOUNT_REQ", "amount: case:AMOUNT_RQ", ("attribute case:AMOUNT_RQ", "case:AMOUNT_REQ")),
        ("{case:concept:name}", "{case:concept:nam}", ("attribute case:concept:nam", "case:concept:name")),
        ("fields: {amount: case:AMOUNT_REQ}", "fields: {amount: AMOUNT_REQ}", ("attribute AMOUNT_REQ", "case:AMOUNT_REQ")),
        ("{received_at: time:timestamp}", "{received_at: handed_in}", ("attribute handed_in", None)),
        ("deal:\n", "deal:\n  id: [case:number, case:concept:name]\n", ("attribute case:number", None)),
        ("  values:\n", "  resource: clerk\n  values:\n", ("attribute clerk", None)),
        ("  values:\n", "  transition: step\n  values:\n", ("attribute step", None)),
        ("outcome: lost,", "outcome: lost, at: time:timestmp,", ("attribute time:timestmp", "time:timestamp")),
    ],
)  # fmt: skip
def test_what_a_log_may_lack_is_listed_with_the_nearest(
    tmp_path: Path, old: str, new: str, told: tuple[str, str | None]
) -> None:
    found = surveyed(tmp_path, log(WON), old, new)
    assert attributes(found) == [told]
    assert found.never[0].value == told[0]  # ahead of the activities


def test_a_log_without_what_the_standard_does_not_ask_for_goes_on(tmp_path: Path) -> None:
    plain = event("Apply", AT, resource=None, more='<string key="org:role" value="clerk"/>')
    plain = plain.replace('<string key="lifecycle:transition" value="complete"/>', "")
    told = [("attribute lifecycle:transition", None), ("attribute org:resource", "org:role")]
    assert attributes(surveyed(tmp_path, log(trace("C1", plain)))) == told
    new = "  resource: org:resource\n  transition: lifecycle:transition\n  values:\n"
    assert attributes(surveyed(tmp_path, log(trace("C1", plain)), "  values:\n", new)) == told


def test_an_attribute_that_one_record_has_is_not_missed(tmp_path: Path) -> None:
    late = event("Return", AT, more='<date key="handed_in" value="2012-01-01T09:00:00Z"/>')
    found = surveyed(tmp_path, log(WON, trace("C2", late)), "{received_at: time:timestamp}", "{received_at: handed_in}")
    assert attributes(found) == []


def test_an_attribute_of_the_trace_never_says_what_an_event_is(tmp_path: Path) -> None:
    with pytest.raises(ImportInvalid) as error:
        log_mapping(tmp_path, SMALL.replace("  values:\n", "  at: case:time:timestamp\n  values:\n"))
    assert problems_of(error.value, tmp_path) == [
        "mapping.yaml:8:7: error: 'case:time:timestamp' is no attribute of an event; write time:timestamp [case]"
    ]


@pytest.mark.parametrize("content", ["<log/>", log()])
def test_a_log_that_holds_nothing_is_refused(tmp_path: Path, content: str) -> None:
    assert refused(tmp_path, content) == ["log.xes:1:1: error: the log holds no event [no-events]"]


def test_a_log_of_traces_without_events_is_told_trace_by_trace(tmp_path: Path) -> None:
    assert attributes(surveyed(tmp_path, log(trace("C1")))) == []


def test_names_are_few_however_many_a_log_makes_up_and_those_asked_for_are_among_them(tmp_path: Path) -> None:
    peaks = []
    for many in (2_000, 20_000):
        made_up = "".join(f'<trace><string key="k{n}{"x" * 50}" value=""/></trace>' for n in range(many))
        file, names = log_file(tmp_path, log(made_up, WON)), Names()
        tracemalloc.start()
        for _ in file.traces(frozenset({"concept:name"}), frozenset(), names):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(names.of_traces) == MAX_NAMES + 1 and "concept:name" in names.of_traces
        assert names.of_events == {"concept:name", "lifecycle:transition", "org:resource", "time:timestamp"}
    assert peaks[1] < peaks[0] * 1.5


def test_a_name_inside_another_and_a_very_long_one(tmp_path: Path) -> None:
    inner = '<container key="box"><string key="size" value="L"/></container>'
    long = f'<string key="{"x" * 300}" value=""/>'
    found, names = log_file(tmp_path, log(trace("C1", event("Apply", AT, more=inner + long)))), Names()
    list(found.traces(frozenset(), frozenset(), names))
    assert {"box", "box/size"} < names.of_events and max(map(len, names.of_events)) < 100
