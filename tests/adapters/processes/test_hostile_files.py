"""No file makes the checker crash, hang or eat the memory: each ends in a clear problem with a place."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealflow.adapters.files.located_yaml import MAX_BYTES, LocatedProblem
from dealflow.adapters.processes.reader import load_process
from tests.support.paths import PROCESS_DEFS

STANDARD = (PROCESS_DEFS / "standard-sale.yaml").read_bytes()
BOMB = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (c + 1, c + 1, c, c) for c in range(97, 120))

HOSTILE = [
    ("aliases", BOMB, "2:8", "alias"),
    ("size", b"x" * (MAX_BYTES + 1), "1:1", "too-large"),
    ("open brackets", b"[" * 5000, "1:41", "too-deep"),
    ("open braces", b"{" * 5000, "1:41", "too-deep"),
    ("dashes", b"- " * 4000, "1:81", "too-deep"),
    ("keys", b"".join(b"k%d: v\n" % i for i in range(15_000)), "10000:8", "too-large"),
    ("lines", b"a\n" * 100_000, "20000:1", "too-large"),
    ("a long line", b"a: " + b"x" * 20_000, "1:1", "too-large"),
    ("a long tag", b"a: !" + b"x" * 900_000, "1:1", "too-large"),
    ("tabs", b"a:\n\t- 1\n", "2:1", "yaml"),
    ("a tag that builds objects", b"process: !!python/object/apply:os.system [ls]\n", "1:10", "tag"),
    ("a merge key", b"<<: {process: x}\n", "1:1", "merge"),
    ("a doubled key", b"process: x\nprocess: y\n", "2:1", "doubled-key"),
    ("a list as a key", b"? [a]\n: b\n", "1:3", "key"),
    ("two documents", b"process: x\n---\nprocess: y\n", "2:1", "documents"),
    ("nothing", b"", "1:1", "empty"),
    ("only a comment", b"# x\n", "1:1", "empty"),
    ("UTF-16", "process: x".encode("utf-16"), "1:1", "encoding"),
    ("Latin-1", b"process: x\ntitle: caf\xe9\n", "2:11", "encoding"),
    ("GB 18030", "title: 销售".encode("gb18030"), "1:8", "encoding"),
    ("a control character", b"process: x\ntitle: a\x00b\n", "2:9", "character"),
    ("an escape for a terminal", b'title: "a\\u001b[2J"\n', "1:8", "character"),
    ("a bidirectional override", "title: a\u202eb\n".encode(), "1:9", "character"),
    ("a lone surrogate", b'title: "\\ud83d"\n', "1:8", "character"),
    ("a list", b"- a\n- b\n", "1:1", "type"),
    ("a word", b"hello\n", "1:1", "type"),
    ("an open bracket", b"process: [x\n", "2:1", "yaml"),
]


@pytest.mark.parametrize(
    ("content", "place", "rule"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_a_hostile_file_ends_in_a_clear_problem(tmp_path: Path, content: bytes, place: str, rule: str) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_bytes(content)
    before = time.process_time()
    definition, problems = load_process(path)
    assert time.process_time() - before < 10
    assert definition is None
    assert (place, rule) in {(f"{problem.line}:{problem.column}", problem.rule) for problem in problems}


def test_a_missing_file_is_a_clear_problem(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        definition, problems = load_process(path)
        assert definition is None
        assert [problem.rule for problem in problems] == ["unreadable"]


def check(tmp_path: Path, content: bytes) -> list[LocatedProblem]:
    path = tmp_path / "any.yaml"
    path.write_bytes(content)
    definition, problems = load_process(path)
    assert (definition is None) == any(problem.severity == "error" for problem in problems)
    assert all(problem.line >= 1 and problem.column >= 1 and str(problem) for problem in problems)
    return problems


SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
@SETTINGS
def test_no_content_makes_it_crash(tmp_path: Path, content: bytes) -> None:
    assert check(tmp_path, content)


@given(
    st.integers(0, len(STANDARD)),
    st.integers(0, 40),
    st.sampled_from(b"[]{}:,-'\"#&*!|>%@ \n\tax0").map(lambda c: bytes([c])),
)
@SETTINGS
def test_no_slip_in_a_good_file_makes_it_crash(tmp_path: Path, at: int, cut: int, put: bytes) -> None:
    check(tmp_path, STANDARD[:at] + put + STANDARD[at + cut :])


KEYS = """
process title calendar currency evidence stages ladder decisions lost_reasons id nodes milestones standard where sum
field at_least count any_of all_of fields one_of money text clocks stage_age limit warn rungs after to wins back_to
met_by opens deal gate closes_after options required 3 true null a
"""
WORDS = st.sampled_from(KEYS.split())
TREES = st.recursive(
    WORDS,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: "[" + ", ".join(items) + "]")
        | st.dictionaries(WORDS, inner, max_size=5).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        )
    ),
    max_leaves=40,
)


@given(st.dictionaries(WORDS, TREES, max_size=9))
@SETTINGS
def test_no_wrong_shape_makes_it_crash(tmp_path: Path, entries: dict[str, str]) -> None:
    content = "\n".join(f"{key}: {value}" for key, value in entries.items())
    assert check(tmp_path, content.encode())
