"""Sixteen writers on one deal, in four systems of which two are processes of their own: nothing is lost, nothing doubled."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from dealflow.bootstrap import open_system
from tests.support.observed.sound import store_holds
from tests.support.paths import ROOT
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.stores.databases import on_both
from tests.support.stores.writing import DEAL, write
from tests.support.workers.silent_waker import SilentWaker

WRITERS, EACH = 4, 4
SECONDS = 180


def process(running: RunningSystem, name: str) -> "subprocess.Popen[str]":
    """Another process with its writers, which begin when it is told to."""
    settings = running.settings
    words = [str(settings.home), settings.database_url, running.seller, name, str(WRITERS), str(EACH)]
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.support.stores.writing", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout
    started.stdout.readline()
    return started


@pytest.mark.slow
@on_both
def test_every_command_of_many_writers_on_one_deal_has_one_effect(database: str, tmp_path: Path) -> None:
    with ExitStack() as kept:
        running = kept.enter_context(running_system(tmp_path / "home", "", database=database))
        other = kept.enter_context(open_system(running.settings, SilentWaker()))
        running.open(DEAL)
        processes = [process(running, name) for name in ("p1", "p2")]
        with ThreadPoolExecutor(4) as pool:
            answers = [
                pool.submit(write, system, running.seller, name, writers=WRITERS, each=EACH)
                for name, system in (("s1", running.system), ("s2", other))
            ]
            said = [pool.submit(one.communicate, "go\n", SECONDS) for one in processes]
            versions = [version for each in answers for version in each.result(SECONDS)]
            versions += [version for each in said for version in json.loads(each.result(SECONDS)[0])]
        evidence = running.deal(DEAL).evidence
        accepted = 4 * WRITERS * EACH
        assert len(versions) == len(set(versions)) == accepted
        assert len(evidence) == accepted and {each.version for each in evidence.values()} <= set(
            range(1, max(versions) + 1)
        )
        assert max(versions) == len(running.facts(DEAL))
        store_holds(running.system)
