"""The demo tells what it saw, and ends with a failure where it did not see it."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from dealflow.adapters.imports.memory import ImportMemory
from dealflow.cli.user import os_user
from dealflow.demo.narrator import DemoFailed, Narrator, environment_for, shown
from dealflow.demo.run import run_demo
from dealflow.embedded.home_lock import hold
from tests.support.deals.stories import START


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def tell(out: io.StringIO, tmp_path: Path) -> Narrator:
    console = Console(file=out, width=200, highlight=False, emoji=False, markup=False)
    return Narrator(environment_for(tmp_path, {}), console)


def test_a_fact_that_holds_is_told_and_counted(tell: Narrator, out: io.StringIO) -> None:
    tell.expect(True, "the deal moved")
    assert "✓ the deal moved" in out.getvalue() and tell.checked == 1


def test_a_fact_that_does_not_hold_is_never_told(tell: Narrator, out: io.StringIO) -> None:
    with pytest.raises(DemoFailed, match="the deal moved"):
        tell.expect(False, "the deal moved")
    assert out.getvalue() == "" and tell.checked == 0


def test_what_does_not_come_in_time_is_a_failure(tell: Narrator) -> None:
    with pytest.raises(DemoFailed, match=re.escape("no stall (waited 0 s)")):
        tell.wait_for(lambda: None, "no stall", seconds=0)
    with pytest.raises(DemoFailed, match="workflows: only 1 of 2"):
        tell.watch(lambda: (1, 2), "workflows", seconds=0)


def test_a_command_line_is_shown_as_it_is_typed_with_what_it_printed(tell: Narrator, out: io.StringIO) -> None:
    said = tell.run("calendar", "list")
    assert "$ dealflow calendar list" in out.getvalue()
    assert "china-office" in said and "| china-office" in out.getvalue()


def test_a_command_that_fails_fails_the_demo(tell: Narrator, out: io.StringIO) -> None:
    with pytest.raises(DemoFailed, match=r"`dealflow deal show 'no such deal'` ended with 3"):
        tell.run("deal", "show", "no such deal")
    assert "there is no store" in out.getvalue()


def test_a_long_text_is_cut_and_says_so(tell: Narrator, out: io.StringIO) -> None:
    tell.show("\n".join(f"line {n}" for n in range(10)), lines=3)
    assert "line 2" in out.getvalue() and "line 3" not in out.getvalue() and "7 more lines" in out.getvalue()


def test_nobodys_settings_reach_the_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", "postgresql://production/")
    environment = environment_for(tmp_path, {"DEALFLOW_ZONE": "UTC"})
    ours = {name: value for name, value in environment.items() if name.startswith("DEALFLOW_")}
    assert ours == {"DEALFLOW_HOME": str(tmp_path), "DEALFLOW_ZONE": "UTC"}


def test_a_path_is_shown_from_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "a" / "b") == "a/b" and shown(Path("/elsewhere/b")) == "/elsewhere/b"


def test_a_step_that_does_not_come_out_makes_the_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its import is refused, since another one of the same source runs; `up`, it is told, runs there already."""
    with hold(tmp_path, "up", START), ImportMemory(tmp_path, "maven-crm-sales").alone():
        assert run_demo(tmp_path, os_user()) == 1
    out = capsys.readouterr().out
    assert "✗ This did not come out: `dealflow import crm-csv" in out and "ended with 1" in out
