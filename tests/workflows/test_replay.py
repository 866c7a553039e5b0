"""The replay gate: every history that a released workflow left must be replayed by the present one."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from dealflow.worker import WORKFLOWS
from tests.support.workers.nondeterministic import AlwaysRegular
from tests.support.workers.released_shapes import SHAPES

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def history_of(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, path.read_text("utf-8"))


def replay(path: Path, workflows: list[type]) -> None:
    replayer = Replayer(workflows=workflows, data_converter=pydantic_data_converter)
    asyncio.run(replayer.replay_workflow(history_of(path)))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_released_history_is_replayed_by_the_present_workflow(path: Path) -> None:
    replay(path, WORKFLOWS)


def test_every_released_shape_has_a_history() -> None:
    assert {path.stem for path in HISTORIES} >= set(SHAPES)


@pytest.mark.parametrize(
    "path", [path for path in HISTORIES if path.stem.startswith("deal-")], ids=lambda path: path.stem
)
def test_the_gate_catches_a_workflow_that_is_not_deterministic(path: Path) -> None:
    with pytest.raises(NondeterminismError):
        replay(path, [AlwaysRegular])


def test_the_histories_hold_what_they_are_there_for() -> None:
    kinds = {
        path.stem: Counter(event["eventType"] for event in json.loads(path.read_text())["events"]) for path in HISTORIES
    }

    def count(name: str, kind: str) -> int:
        return kinds[name][f"EVENT_TYPE_{kind}"]

    assert count("deal-lone-wake", "MARKER_RECORDED") == 3 and count("deal-lone-wake", "TIMER_STARTED") == 1
    assert count("deal-deadline", "TIMER_FIRED") == 1 and count("deal-deadline", "TIMER_CANCELED") == 2
    assert count("deal-regular-activity", "ACTIVITY_TASK_COMPLETED") == 1
    assert count("deal-continued", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW") == 1
    assert count("person-delivery-with-retry", "TIMER_FIRED") == 1
    assert count("person-delivery-with-retry", "ACTIVITY_TASK_COMPLETED") == 3
