"""Models are built when they are first used, also when many threads use them first at the same time."""

import subprocess
import sys

from tests.support.waiting import LONGEST_SECONDS

# In a process of its own: here other tests have built them all already.
_RACE = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from dealflow.domain.deal.commands import Envelope
from dealflow.domain.deal.events import Recorded, Stamp

THREADS = 16
barrier = Barrier(THREADS)
who = {"actor": "anna"}
opening = {"act": "open", "title": "T", "process": {"name": "p", "version": 1, "digest": "x"}}

def first_use(number):
    barrier.wait()
    given = {"command_id": str(number), "deal_id": "d", "who": who, "commands": [opening]}
    envelope = Envelope.model_validate(given)
    again = Envelope.model_validate_json(envelope.model_dump_json())
    assert again == envelope and type(again.commands[0]).__name__ == "OpenDeal"
    return again.command_id

assert not Envelope.__pydantic_complete__, "it was built when it was imported"
with ThreadPoolExecutor(THREADS) as threads:
    assert sorted(map(int, threads.map(first_use, range(THREADS)))) == list(range(THREADS))
print("same")
"""


def test_threads_that_use_a_model_first_at_once_all_get_the_whole_model() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _RACE], capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
    )
    assert (done.stdout, done.stderr) == ("same\n", "")
