"""One embedded system per home folder; the second hears who holds it."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dealflow.embedded.home_lock import HomeTaken, hold, holder_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_the_second_hears_who_holds_the_folder(tmp_path: Path) -> None:
    with hold(tmp_path, "up", NOW):
        who = rf"`dealflow up`, process {os.getpid()}, since 2026-11-24 12:00:00 UTC"
        with pytest.raises(HomeTaken, match=who), hold(tmp_path, "demo", NOW):
            pass
        holder = holder_of(tmp_path)
        assert holder is not None and holder.pid == os.getpid() and holder.what == "up"


def test_a_folder_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    with hold(tmp_path / "home", "up", NOW):
        assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with hold(tmp_path, "up", NOW):
        pass
    assert holder_of(tmp_path) is None
    with hold(tmp_path, "demo", NOW):
        assert holder_of(tmp_path) is not None


def test_a_folder_that_nobody_used_has_no_holder(tmp_path: Path) -> None:
    assert holder_of(tmp_path / "never") is None
    assert not (tmp_path / "never").exists()


def test_whoever_was_killed_holds_nothing(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from dealflow.embedded.home_lock import hold\n"
        "with hold(Path(sys.argv[1]), 'up', datetime(2026, 11, 24, tzinfo=UTC)):\n"
        "    print('held', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        holder = holder_of(tmp_path)
        assert holder is not None and holder.pid == other.pid
        other.kill()
        other.wait()
    assert holder_of(tmp_path) is None
