"""Disks as they should not be, by the system's own means: without room, and without the right to write."""

import os
import resource
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

# The home stays reachable beside the small disk that hides it, so that what the command leaves can be looked at afterwards.
_ON_A_SMALL_DISK = """
set -e
kilobytes=$1 home=$2 beside=$3; shift 3
mount --bind "$home" "$beside"
mount -t tmpfs -o size="${kilobytes}k" tmpfs "$home"
cp -a "$beside/." "$home"
set +e
"$@"
code=$?
find "$beside" -mindepth 1 -delete
cp -a "$home/." "$beside"
exit $code
"""
# What lets root write everywhere; without it root obeys the rights of files like everybody else.
_ABOVE_RIGHTS = "--bounding-set=-dac_override,-dac_read_search,-fowner"


def run_on_a_small_disk(home: Path, kilobytes: int, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command while `home` is on a disk of this size; what it leaves there is in `home` afterwards. Else skip."""
    way = _way_to_mount()
    if way is None:
        pytest.skip("this system lets nobody mount here")
    beside = home.parent / f"{home.name}-beside"
    beside.mkdir()
    command = [*way, "sh", "-c", _ON_A_SMALL_DISK, "sh", str(kilobytes), str(home), str(beside), *words]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)


def run_with_small_files(kilobytes: int, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command that can make no file larger than this, as under a quota."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))

    return subprocess.run(
        words, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False, preexec_fn=limit
    )


def run_without_rights(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody for whom the rights of files count. Else skip."""
    way: list[str] = []
    if os.geteuid() == 0:
        way = ["setpriv", _ABOVE_RIGHTS]
        if not shutil.which("setpriv") or subprocess.run([*way, "true"], capture_output=True, check=False).returncode:
            pytest.skip("root may write everywhere, and cannot be kept from it here")
    return subprocess.run([*way, *words], capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)


@cache
def _way_to_mount() -> list[str] | None:
    """Words that give a command a view of the disks of its own, in which it may mount."""
    for way in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        if not shutil.which("unshare"):
            return None
        tried = [*way, "sh", "-c", "mount -t tmpfs tmpfs /tmp"]
        if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
            return way
    return None
