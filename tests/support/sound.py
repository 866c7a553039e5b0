"""The closing check of a fault story: whatever happened, everything holds that the store promises."""

from dealflow.doctor import check_invariants
from tests.support.running_system import RunningSystem


async def everything_holds(running: RunningSystem) -> None:
    """Fail with the findings when something is wrong for more than a few seconds; a relay has to run."""
    checked = await check_invariants(running.system, settled_seconds=5)
    assert checked.sound, checked.model_dump_json(indent=2)
    assert checked.counted.events > 0
