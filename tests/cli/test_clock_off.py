"""A computer with another time than the store's gets exit code 3, and nothing is recorded."""

from datetime import timedelta

import pytest

from tests.support.running.typed_commands import FOR_ANNA, CommandLine
from tests.support.workers.moved_clock import MovedClock


@pytest.mark.parametrize("years", [50, 200, -50])
def test_the_command_line_ends_with_3(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, years: int) -> None:
    monkeypatch.delenv("DEALFLOW_TESTS_MOVE_CLOCKS")
    with monkeypatch.context() as here:
        here.setattr("dealflow.bootstrap.SystemClock", lambda: MovedClock(timedelta(days=365 * years)))
        refused = cli("deal", "open", "x", "--id", "X1", "--process", "standard-sale", "--owner", "anna", *FOR_ANNA)
    assert refused.code == 3 and "the store's clock" in refused.err and "NTP" in refused.err
    assert cli("deal", "show", "X1").code == 1
