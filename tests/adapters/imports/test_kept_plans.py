"""Plans are made once, whatever they are; where the disk has no room, they are made anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.imports import kept_plans
from dealflow.adapters.imports.csv.plans import CsvPlans, plan_csv
from dealflow.adapters.imports.kept_plans import KeptPlans
from dealflow.application.imports.plans import DealPlan, Reject
from tests.support.files.import_files import NOW, forms_of, small_files

ROWS = [f"D{n},Anna,{'GTXPro' if n % 3 else 'None such'},Acme,{'Won' if n % 7 else 'Wonn'},2017-03-01,2017-04-02,{n},"
        for n in range(250)]  # fmt: skip


class CountedPlans(CsvPlans):
    """Counts how often they are made."""

    made = 0

    def __iter__(self) -> Iterator[DealPlan | Reject]:
        self.made += 1
        return super().__iter__()


@pytest.fixture
def plans(tmp_path: Path) -> CountedPlans:
    files = small_files(tmp_path, *ROWS)
    plain = plan_csv(files, now=NOW, forms=forms_of(files))
    return CountedPlans(files, plain.reader)


def test_every_walk_gives_the_same_and_only_the_first_reads_the_files(plans: CountedPlans) -> None:
    expected = list(plans)
    assert {type(item) for item in expected} == {DealPlan, Reject}
    with KeptPlans(plans) as kept:
        assert [list(kept), list(kept), list(kept)] == [expected] * 3
        assert (plans.made, kept.total) == (2, len(expected))
        assert (kept.source, kept.process, kept.batch) == (plans.source, plans.process, plans.batch)
        assert kept.nearest("product -> products.product", "GTXPro") == "GTX Pro"


def test_a_walk_that_was_left_is_not_kept(plans: CountedPlans) -> None:
    with KeptPlans(plans) as kept:
        next(iter(kept))
        assert len(list(kept)) == len(ROWS)
        assert plans.made == 2


def test_without_room_they_are_made_anew(plans: CountedPlans, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_plans, "TemporaryFile", full)
    with KeptPlans(plans) as kept:
        assert list(kept) == list(kept)
        assert plans.made == 2


def test_a_disk_that_fills_up_ends_the_keeping(plans: CountedPlans, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path("/dev/full")
    if not file.exists():
        pytest.skip("no /dev/full on this system")
    monkeypatch.setattr(kept_plans, "TemporaryFile", lambda **_: file.open("wb", buffering=0))
    with KeptPlans(plans) as kept:
        assert list(kept) == list(kept)
        assert plans.made == 2
