"""People and calendar files of any content end in located problems, never in a crash."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealflow.adapters.calendars.file import CalendarFileInvalid, read_plans
from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.people.reader import PeopleFileError, load_people
from tests.support.files.hostile_yaml import HOSTILE

SETTINGS = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
READERS: dict[str, Callable[[Path], object]] = {"people": load_people, "calendars": read_plans}


def problems_of(path: Path, kind: str) -> tuple[LocatedProblem, ...]:
    problems: tuple[LocatedProblem, ...] = ()
    try:
        READERS[kind](path)
    except (PeopleFileError, CalendarFileInvalid) as error:
        problems = tuple(error.problems)
    assert all(problem.line >= 1 and problem.column >= 1 and str(problem) for problem in problems)
    return problems


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    ("content", "place", "rule"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_a_hostile_file_ends_in_a_clear_problem(
    tmp_path: Path, kind: str, content: bytes, place: str, rule: str
) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_bytes(content)
    before = time.process_time()
    problems = problems_of(path, kind)
    assert time.process_time() - before < 10
    assert (place, rule) in {(f"{problem.line}:{problem.column}", problem.rule) for problem in problems}


KEYS = """
people calendars id name role manager region language users acts_for channels url country zone week hours mon 09:00-18:00
UTC CN zhang seller file: null 7 ~ '' a/b "\\ud83d" "a\\0b"
"""
WORDS = st.sampled_from(KEYS.split())
TREES = st.recursive(
    WORDS,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: "[" + ", ".join(items) + "]")
        | st.dictionaries(WORDS, inner, max_size=6).map(
            lambda items: "{" + ", ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        )
    ),
    max_leaves=40,
)


@pytest.mark.parametrize("kind", READERS)
@given(entries=st.lists(st.dictionaries(WORDS, TREES, max_size=9), max_size=4), more=st.dictionaries(WORDS, TREES))
@SETTINGS
def test_no_wrong_shape_makes_it_crash(
    tmp_path: Path, kind: str, entries: list[dict[str, str]], more: dict[str, str]
) -> None:
    listed = ["{" + ", ".join(f"{key}: {value}" for key, value in entry.items()) + "}" for entry in entries]
    content = [f"{kind}: [{', '.join(listed)}]", *(f"{key}: {value}" for key, value in more.items())]
    path = tmp_path / "any.yaml"
    path.write_text("\n".join(content))
    problems_of(path, kind)


@pytest.mark.parametrize("kind", READERS)
@given(content=st.binary(max_size=300))
@SETTINGS
def test_no_content_makes_it_crash(tmp_path: Path, kind: str, content: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(content)
    problems_of(path, kind)
