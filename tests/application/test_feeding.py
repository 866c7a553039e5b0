"""A log fed live on a real SQLite store ends as its import does; fed again, stopped, or twice at once, nothing is doubled."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from dealflow.adapters.imports.live_timeline import LiveTimeline
from dealflow.adapters.imports.mapping.file import read_log_mapping
from dealflow.adapters.imports.xes.file import XesFile
from dealflow.adapters.imports.xes.plans import XesPlans
from dealflow.adapters.imports.xes.run import XesRequest, import_xes
from dealflow.adapters.imports.xes.survey import survey
from dealflow.adapters.processes.reader import load_process
from dealflow.application.imports.feeding import FeedTerms
from dealflow.application.imports.feeding_course import FeedReport
from dealflow.application.imports.plans import Reject
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import NodeStatus, Outcome
from dealflow.settings import Settings
from tests.support.feeding_parts import feeding_of
from tests.support.loan_logs import MAPPING, loan_log
from tests.support.looking_worker import LookingWorker
from tests.support.outlook import outlooks
from tests.support.paths import PROCESS_DEFS
from tests.support.silent_waker import SilentWaker
from tests.support.xes_files import NOW, SMALL, WON, event, log, trace

WHO = c.Who(actor="ops")
# The gate of the last stage closes the deal by itself, and the log goes on.
NO_CLAIM = SMALL.replace("Pay: [{milestone: activated}, {outcome: won}]", "Pay: [{milestone: activated}]")
GOES_ON = trace(
    "G1",
    event("Apply", "2012-01-02T09:00:00Z"),
    event("Send", "2012-01-03T09:00:00Z"),
    event("Accept", "2012-01-04T09:00:00Z"),
    event("Pay", "2012-01-05T09:00:00Z"),
    event("Return", "2012-01-06T09:00:00Z"),  # the gate of the offer, and with it the last one
    event("Return", "2012-01-07T09:00:00Z"),
    event("Call", "2012-01-08T09:00:00Z"),
)


class Feed:
    """A system with a folder, and a worker that stands in for the workflows."""

    def __init__(self, system: System, folder: Path) -> None:
        self.system, self.folder = system, folder
        self.rejects: list[Reject] = []
        self.stop = Event()

    def plans(self, content: str | Path, mapping: str | Path = SMALL) -> XesPlans:
        path = content if isinstance(content, Path) else self._written("log.xes", content)
        read = read_log_mapping(
            mapping if isinstance(mapping, Path) else self._written("mapping.yaml", mapping), self.system.processes.get
        )
        file = XesFile(path)
        return XesPlans(file, survey(file, read), read, NOW, None)

    def feed(
        self,
        plans: XesPlans,
        *,
        rate: float | None = None,
        strict: bool = False,
        patience: float = 10.0,
        given: Callable[[int, int], None] = lambda done, total: None,
    ) -> FeedReport:
        feeding = feeding_of(self.system, patience_seconds=patience, settle_seconds=0.5)
        with LiveTimeline() as timeline:
            terms = FeedTerms(WHO, NOW, rate, strict)
            return feeding.feed(plans, terms, timeline, self.stop, rejected=self.rejects.append, given=given)

    def topics(self) -> Counter[str]:
        streams = self.system.store.load_many(self.system.store.streams("deal/")).values()
        return Counter(each.fact.topic for recorded in streams for each in recorded)

    def _written(self, name: str, content: str) -> Path:
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return path


@contextmanager
def opened(folder: Path, *, late: float | None = 0.0) -> Iterator[Feed]:
    """`late` seconds pass before each look of the worker; None: there is no worker."""
    folder.mkdir(exist_ok=True)
    worker = LookingWorker(late or 0.0)
    with open_system(Settings.load(folder / "home"), SilentWaker() if late is None else worker) as system:
        definition, problems = load_process(PROCESS_DEFS / "consumer-loan.yaml")
        assert definition is not None and not problems
        system.processes.publish(definition, who=WHO, command_id="publish")
        with worker.over(system.deals, system.schedule, system.clock):
            yield Feed(system, folder)


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[System]:
    """The made-up log of sixty loans, imported."""
    with opened(tmp_path / "imported") as feed:
        request = XesRequest(loan_log(tmp_path, 60), MAPPING, WHO, feed.system.settings.home)
        assert import_xes(request, feed.system.imports, feed.system.processes, NOW).report.rejected == 0
        yield feed.system


def test_fed_live_every_deal_ends_as_imported_and_only_the_dates_differ(imported: System, tmp_path: Path) -> None:
    with opened(tmp_path / "live") as live:
        begun = live.system.clock.now()
        report = live.feed(live.plans(loan_log(tmp_path, 60), MAPPING))
        assert outlooks(live.system) == outlooks(imported)
        streams = live.system.store.load_many(live.system.store.streams("deal/")).values()
        assert all(each.fact.effective_at >= begun for recorded in streams for each in recorded)
        topics = live.topics()
    assert (report.new, report.rejected, report.waiting, report.left) == (60, 0, 0, 0)
    assert report.commands == report.commands_in_all < report.told
    assert sum(topics.values()) == report.events and dict(topics) == report.facts


def test_facts_of_one_instant_are_one_command(tmp_path: Path) -> None:
    with opened(tmp_path / "live") as live:
        assert (report := live.feed(live.plans(log(WON)))).commands == 4
        recorded = live.system.store.load("deal/C1")
        deal, _ = live.system.deals.load("C1")
    ids = {each.stamp.command_id for each in recorded if each.stamp.cause == "feed"}
    assert (len(ids), report.told, deal.outcome) == (4, 7, Outcome.WON)
    assert deal.node("offer_accepted").status is NodeStatus.REACHED and deal.win is not None
    assert (deal.win.basis, deal.win.unproven, deal.claims_not_applied) == ("claimed", (), 0)


def test_fed_again_nothing_changes_and_a_longer_log_brings_only_what_is_new(tmp_path: Path) -> None:
    with opened(tmp_path / "live") as live:
        live.feed(live.plans(log(WON)))
        before = live.topics()
        again = live.feed(live.plans(log(WON)))
        assert (again.commands, again.unchanged, again.events) == (0, 1, 0) and live.topics() == before
        longer = WON.replace("</trace>", event("Call", "2012-01-10T09:00:00Z") + "</trace>")
        assert live.feed(live.plans(log(longer))).facts == {"deal.activity_recorded.v1": 1}


@pytest.mark.parametrize("after", [1, 40, 333])
def test_a_feed_that_was_stopped_goes_on_where_it_ended(imported: System, tmp_path: Path, after: int) -> None:
    def until(done: int, _: int) -> None:
        if done == after:
            live.stop.set()

    with opened(tmp_path / "live") as live:
        plans = live.plans(loan_log(tmp_path, 60), MAPPING)
        first = live.feed(plans, given=until)
        assert first.interrupted and after <= first.commands < first.commands_in_all
        live.stop.clear()
        second = live.feed(plans)
        assert first.commands + second.commands == first.commands_in_all and second.repeated == 0
        assert outlooks(live.system) == outlooks(imported)


def test_two_feeds_of_one_log_at_once_double_nothing(imported: System, tmp_path: Path) -> None:
    with opened(tmp_path / "live") as live:
        plans = [live.plans(loan_log(tmp_path, 60), MAPPING) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(live.feed, plans)
        assert (first.rejected, second.rejected) == (0, 0)
        assert outlooks(live.system) == outlooks(imported)
        facts = [
            recorded for recorded in live.topics().items() if "activity" in recorded[0] or "milestone" in recorded[0]
        ]
    streams = imported.store.load_many(imported.store.streams("deal/")).values()
    once = Counter(each.fact.topic for recorded in streams for each in recorded)
    assert facts == [(topic, once[topic]) for topic, _ in facts]


@pytest.mark.parametrize("late", [0.0, 0.3])
def test_facts_after_the_last_gate_wait_for_the_workflow_that_ends_the_deal(tmp_path: Path, late: float) -> None:
    with opened(tmp_path / "live", late=late) as live, opened(tmp_path / "imported") as other:
        live.feed(live.plans(log(GOES_ON), NO_CLAIM))
        request = XesRequest(live.folder / "log.xes", live.folder / "mapping.yaml", WHO, other.system.settings.home)
        import_xes(request, other.system.imports, other.system.processes, NOW)
        assert outlooks(live.system) == outlooks(other.system)
        topics = [each.fact.topic for each in live.system.store.load("deal/G1")]
        assert topics[-3:] == ["deal.closed.v1", "deal.evidence_recorded.v1", "deal.activity_recorded.v1"]


def test_without_a_worker_facts_are_recorded_but_for_those_that_must_come_after_a_transition(tmp_path: Path) -> None:
    with opened(tmp_path / "live", late=None) as live:
        report = live.feed(live.plans(log(GOES_ON, WON.replace("C1", "C2")), NO_CLAIM), patience=0.2)
        assert (report.left, report.commands_left, report.waiting, report.rejected) == (1, 2, 2, 0)
        deal, _ = live.system.deals.load("G1")
        assert deal.in_progress and len(deal.evidence) == 3
    with opened(tmp_path / "live") as live:
        for deal_id in ("G1", "C2"):
            live.system.deals.progress(deal_id, 1, live.system.clock.now())
        again = live.feed(live.plans(log(GOES_ON, WON.replace("C1", "C2")), NO_CLAIM))
        assert (again.commands, again.left, again.won) == (2, 0, 2)


def test_what_an_import_would_reject_is_rejected_and_its_deal_is_not_begun(tmp_path: Path) -> None:
    bad = trace("B1", event("Apply", "2012-01-02T09:00:00Z"), event("Send", None), amount="many")
    wrong_field = SMALL.replace("fields: {received_at: time:timestamp}", "fields: {received_at: org:resource}")
    with opened(tmp_path / "live") as live:
        live.feed(live.plans(log(bad, WON, trace(None))))
        assert [(reject.deal_id, reject.place) for reject in live.rejects] == [
            ("B1", "trace 1, event 2"), (None, "trace 1"), (None, "trace 3"),
        ]  # fmt: skip
        report = live.feed(live.plans(log(WON.replace("C1", "C2")), wrong_field))
        assert (report.rejected, report.deals, live.rejects[-1].deal_id) == (1, 0, "C2")
        assert live.system.store.streams("deal/") == ["deal/C1"]


def test_strict_stops_before_anything_is_given(tmp_path: Path) -> None:
    with opened(tmp_path / "live") as live:
        report = live.feed(live.plans(log(WON, trace(None))), strict=True)
        assert report.strict_stop and report.commands == 0
        assert live.system.store.streams("deal/") == []


def test_a_refused_command_is_told_with_its_place_and_the_rest_of_the_deal_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path / "live") as live:
        plans = live.plans(log(WON))

        def meanwhile(done: int, _: int) -> None:
            # Somebody records evidence under the very id that the log's next event will have.
            if done == 1:
                command = c.RecordEvidence(
                    evidence_id="small-log:C1:returned_offer@20120105T080000.000000",
                    kind="returned_offer",
                    fields={"received_at": "2012-01-05T08:00:00Z"},
                )
                live.system.deals.execute(c.Envelope(command_id="mine", deal_id="C1", who=WHO, commands=(command,)))

        report = live.feed(plans, rate=20, given=meanwhile)
        assert (report.rejected, report.commands, report.won) == (1, 3, 1)
        assert (live.rejects[0].place, live.rejects[0].deal_id) == ("trace 1, event 3", "C1")


def test_the_rate_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "live") as live:
        begun = monotonic()
        assert live.feed(live.plans(log(WON)), rate=8).told == 7
        assert monotonic() - begun >= 4 / 8  # the last instant, of three facts, begins when the four before it are over


def test_deals_are_told_in_the_order_of_the_logs_own_time(tmp_path: Path) -> None:
    other = trace("C2", event("Apply", "2012-01-02T20:00:00Z"), event("Decline", "2012-01-08T09:00:00Z"))
    with opened(tmp_path / "live") as live:
        live.feed(live.plans(log(WON, other)), rate=40)
        told = [logged.recorded for logged in live.system.store.log(0, 1_000)]
    commands = [each.stream for each in told if each.stamp.cause == "feed"]
    changes = [stream for stream, before in zip(commands, [None, *commands], strict=False) if stream != before]
    assert changes == ["deal/C1", "deal/C2", "deal/C1", "deal/C2", "deal/C1"]
    recorded = [each.stamp.recorded_at for each in told if each.stamp.cause == "feed"]
    assert recorded == sorted(recorded) and recorded[-1] - recorded[0] < timedelta(seconds=10)
