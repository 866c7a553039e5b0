"""No file makes the checker crash, hang or eat the memory: each ends in a clear problem with a place."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.processes.reader import load_process
from tests.support.files.hostile_yaml import HOSTILE
from tests.support.paths import PROCESS_DEFS

STANDARD = (PROCESS_DEFS / "standard-sale.yaml").read_bytes()


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


SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


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
