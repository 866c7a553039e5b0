"""A program ends in order at the first signal, at once at a later one, and takes the same one twice for one."""

import signal
import subprocess
import sys
from time import monotonic, sleep

import pytest

from dealflow.embedded.signals import SAME_SECONDS
from tests.support.paths import ROOT

PROGRAM = """
import asyncio, sys
from dealflow.embedded.signals import stop_when_told

async def story(in_hand_seconds):
    stop = asyncio.Event()
    stop_when_told(stop)
    print("ready", flush=True)
    await stop.wait()
    await asyncio.sleep(in_hand_seconds)
    print("finished", flush=True)

asyncio.run(story(float(sys.argv[1])))
"""


def start(in_hand_seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(in_hand_seconds)]
    program = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None and program.stdout.readline() == "ready\n"
    return program


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_what_is_in_hand_is_finished_even_where_the_signal_comes_twice_at_once(sign: signal.Signals) -> None:
    program = start(SAME_SECONDS / 2)
    program.send_signal(sign)
    sleep(0.05)
    program.send_signal(sign)
    said, _ = program.communicate(timeout=30)
    assert (program.returncode, said) == (0, "finished\n")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_where_it_stands(sign: signal.Signals) -> None:
    program = start(60)
    program.send_signal(signal.SIGTERM)
    sleep(SAME_SECONDS + 0.5)
    begun = monotonic()
    program.send_signal(sign)
    said, _ = program.communicate(timeout=30)
    assert (program.returncode, said) == (-sign, "")
    assert monotonic() - begun < 5
