"""A program ends in order at the first signal, at once at a later one, and takes the same one twice for one."""

import signal
import subprocess
import sys

import pytest

from dealflow.embedded.signals import SAME_SECONDS
from tests.support.paths import ROOT
from tests.support.waiting import LONGEST_SECONDS

PROGRAM = """
import asyncio, sys
from dealflow.embedded.signals import stop_when_told

async def story(in_hand_seconds, same_seconds):
    stop = asyncio.Event()
    stop_when_told(stop)
    print("ready", flush=True)
    await stop.wait()
    print("told", flush=True)
    await asyncio.sleep(same_seconds)
    print("goes on", flush=True)
    await asyncio.sleep(in_hand_seconds)
    print("finished", flush=True)

asyncio.run(story(float(sys.argv[1]), float(sys.argv[2])))
"""


def start(in_hand_seconds: float) -> subprocess.Popen[str]:
    """It is ready, and will have that much in hand after the time in which two signals are taken for one."""
    command = [sys.executable, "-c", PROGRAM, str(in_hand_seconds), str(SAME_SECONDS)]
    program = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    wait_for(program, "ready")
    return program


def wait_for(program: subprocess.Popen[str], word: str) -> None:
    """Its next line."""
    assert program.stdout is not None and program.stdout.readline() == f"{word}\n"


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_what_is_in_hand_is_finished_even_where_the_signal_comes_twice_at_once(sign: signal.Signals) -> None:
    program = start(0)
    program.send_signal(sign)
    wait_for(program, "told")
    program.send_signal(sign)
    said, _ = program.communicate(timeout=LONGEST_SECONDS)
    assert (program.returncode, said) == (0, "goes on\nfinished\n")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_where_it_stands(sign: signal.Signals) -> None:
    program = start(10 * LONGEST_SECONDS)
    program.send_signal(signal.SIGTERM)
    wait_for(program, "told")
    wait_for(program, "goes on")
    program.send_signal(sign)
    said, _ = program.communicate(timeout=LONGEST_SECONDS)
    assert (program.returncode, said) == (-sign, "")
