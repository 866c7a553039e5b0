"""A bar tells rate and time left from the first second; nothing is drawn where nobody looks."""

import io
import sys

import pytest

from dealflow.cli.progress import progress, progress_of


class Terminal(io.StringIO):
    """What a person sees."""

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard error is one from here on; no fixture, behind which pytest puts its own."""
    seen = Terminal()
    monkeypatch.setattr(sys, "stderr", seen)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    return seen


def test_a_bar_has_rate_and_time_left_as_soon_as_something_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = terminal(monkeypatch)
    with progress("Records") as heard:
        heard(0, 1_000)
        heard(1_000, 1_000)
    said = seen.getvalue()
    assert "Records" in said and "1000/1000" in said and "/s" in said and "0:00:00" in said


def test_each_part_of_the_work_has_its_bar_and_only_the_present_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = terminal(monkeypatch)
    with progress_of({1: "Looked through", 2: "Taken in"}) as heard:
        heard(1, 5, 5)
        heard(2, 7, 7)
    said = seen.getvalue()
    assert "Looked through" in said and "5/5" in said
    assert "Taken in" in said.rpartition("Looked through")[2]


def test_nothing_is_drawn_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", seen)
    with progress("Records") as heard:
        heard(1, 2)
    assert seen.getvalue() == ""
