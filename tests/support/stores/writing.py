"""A process of its own with several writers on one deal; its words are those of `write`, after home and database."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dealflow.bootstrap import System, open_system
from dealflow.domain.deal import commands as c
from dealflow.settings import Settings
from tests.support.workers.silent_waker import SilentWaker

DEAL = "contested"


def write(system: System, seller: str, name: str, *, writers: int, each: int) -> list[int]:
    """Every writer records its pieces one after the other; the versions that they were answered."""

    def writer(number: int) -> list[int]:
        answers: list[int] = []
        for piece in range(each):
            evidence = f"{name}-{number}-{piece}"
            proof = c.RecordEvidence(evidence_id=evidence, kind="note", fields={"summary": f"by {name}"})
            who = c.Who(actor=seller)
            envelope = c.Envelope(command_id=f"w-{evidence}", deal_id=DEAL, who=who, commands=(proof,))
            answers.append(system.deals.handle(envelope).answer.version)
        return answers

    with ThreadPoolExecutor(writers) as pool:
        return [version for answers in pool.map(writer, range(writers)) for version in answers]


if __name__ == "__main__":
    home, database, seller, name, writers, each = sys.argv[1:]
    settings = Settings.load(home=Path(home), temporal_address="", database_url=database)
    with open_system(settings, SilentWaker()) as opened:
        # Ready: whoever started this says when all begin.
        sys.stdout.write("\n")
        sys.stdout.flush()
        sys.stdin.readline()
        json.dump(write(opened, seller, name, writers=int(writers), each=int(each)), sys.stdout)
