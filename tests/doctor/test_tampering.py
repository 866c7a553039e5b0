"""Each way to change a store beside dealflow is found by `doctor --deep`, on both databases and without a checkpoint."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dealflow.adapters.processes.reader import load_process
from dealflow.application.ports.store import EventUnreadable
from dealflow.application.reading.process import published_versions
from dealflow.bootstrap import System, open_system
from dealflow.cli.main import run as main
from dealflow.domain.deal import commands as c
from tests.doctor.tampered_store import FAR, LATER, TamperedStore, changed, opening
from tests.support.workers.silent_waker import SilentWaker

Tamper = Callable[[TamperedStore], object]
WON, WORTH, STALLED, SPARE = "deal/won", "deal/worth", "deal/stalled", "deal/spare"
DECIDED = "key LIKE '%decided%'"


@contextmanager
def running_again(store: TamperedStore) -> Iterator[System]:
    """Another process, which has read nothing before."""
    with open_system(store.running.settings, SilentWaker()) as system:
        yield system


def sql(statement: str, *values: Any) -> Tamper:
    return lambda store: store.run(statement.replace("{position}", store.position), *values)


def last(stream: str, part: str, **values: Any) -> Tamper:
    """The last event of a stream says something else."""

    def tamper(store: TamperedStore) -> None:
        version, _, record = store.events(stream)[-1]
        store.write(stream, version, changed(record, part, list(values.items())))

    return tamper


def rechained(store: TamperedStore) -> None:
    version, _, record = store.events(WON)[0]
    store.write(WON, version, changed(record, "fact", [("title", "Another deal")]))
    store.chain_anew(WON)


def middle_taken_out(store: TamperedStore) -> None:
    """And those behind it numbered and chained anew."""
    known = store.events(WON)
    store.run("DELETE FROM stored_events WHERE originator_id = ? AND originator_version = ?", WON, 2)
    for version, _, record in known[2:]:
        moved = "UPDATE stored_events SET originator_version = ? WHERE originator_id = ? AND originator_version = ?"
        store.run(moved, version - 1, WON, version)
        store.write(WON, version - 1, changed(record, "stamp", [("version", version - 1)]))
    store.chain_anew(WON)


def forged_win(store: TamperedStore) -> None:
    """By the record of another deal's, with the right digest of its predecessor."""
    [won] = [record for _, topic, record in store.events(WON) if topic == "deal.won.v1"]
    store.add("deal/fresh", changed(won, "stamp", [("command_id", "progress/7"), ("cause", "progress")]))
    store.run("UPDATE deal_schedule SET version = version + 1 WHERE deal_id = 'fresh'")


def forged_deal(store: TamperedStore) -> None:
    for _, _, record in store.events("deal/fresh"):
        store.add("deal/forged", changed(record, "stamp", [("cause", "import")]))


def whole_deal_removed(store: TamperedStore) -> None:
    store.run("DELETE FROM stored_events WHERE originator_id = ?", WORTH)
    store.run("DELETE FROM deal_schedule WHERE deal_id = 'worth'")
    store.run("DELETE FROM commands WHERE answer LIKE '%worth%'")


def swapped_places(store: TamperedStore) -> None:
    """Two events of different deals change places in the log."""
    at = f"SELECT {store.position} FROM stored_events WHERE originator_id = ? AND originator_version = 1"
    [(first,)], [(second,)] = store.run(at, WORTH), store.run(at, STALLED)
    move = f"UPDATE stored_events SET {store.position} = ? WHERE {store.position} = ?"
    for to, whence in ((FAR, first), (first, second), (second, FAR)):
        store.run(move, to, whence)


def softer_standard(store: TamperedStore) -> None:
    """A published process says something else, with the right digest for it."""
    from dealflow.domain.process.canonical import digest_of_content

    version, _, record = store.events("process/two-steps")[0]
    content = record["fact"]["definition"]
    content["stages"][0]["nodes"][0]["standard"]["evidence"] = "order"
    process = {**record["fact"]["process"], "digest": digest_of_content(content)}
    store.write("process/two-steps", version, changed(record, "fact", [("definition", content), ("process", process)]))


def own_seals(store: TamperedStore) -> None:
    """The last seals made anew by a key of one's own."""
    [(number,)] = store.run("SELECT MAX(number) FROM seals")
    store.run("UPDATE seals SET key_id = 'feedfacefeed', seal = ? WHERE number = ?", "0" * 64, number)


def renumbered(store: TamperedStore) -> None:
    [(number,)] = store.run("SELECT MAX(number) FROM seals")
    store.run("DELETE FROM seals WHERE number = ?", number - 3)
    for each in range(number - 2, number + 1):
        store.run("UPDATE seals SET number = ? WHERE number = ?", each - 1, each)


def begun_anew(store: TamperedStore) -> None:
    """All seals gone, and one that says that the store was sealed as it stands."""
    store.run("DELETE FROM seals")
    store.run("INSERT INTO seals VALUES (1, 'feedfacefeed', ?, ?)", '{"begun":[0,"upgrade"]}', "0" * 64)


def set_schedule(what: str, deal: str = "fresh") -> Tamper:
    return sql(f"UPDATE deal_schedule SET {what} WHERE deal_id = ?", deal)


def set_notice(what: str, *values: Any) -> Tamper:
    return sql(f"UPDATE notices SET {what} WHERE {DECIDED}", *values)


def set_waiting(what: str) -> Tamper:
    return sql(f"UPDATE notices SET {what} WHERE NOT {DECIDED}")


KINDS: dict[str, tuple[Tamper, str]] = {
    "last event, amount": (last(WORTH, "fact", title="Deal less"), "event 2 of deal/worth is not as it was sealed"),
    "last event, actor": (last(WORTH, "stamp", actor="eve"), "event . of deal/worth is not as it was sealed"),
    "last event, recorded": (last(WORTH, "stamp", recorded_at="2030-01-01T00:00:00Z"), "deal/worth is not as it was"),
    "last event, effective": (last(WON, "fact", effective_at="2020-01-01T00:00:00Z"), "deal/won is not as it was"),
    "last event, on behalf of": (last(WORTH, "stamp", on_behalf_of="eve"), "deal/worth is not as it was sealed"),
    "stream chained anew": (rechained, "event 1 of deal/won is not as it was sealed"),
    "event taken out, stream chained anew": (middle_taken_out, "deal/won is not there, and was sealed"),
    "last event removed": (
        sql("DELETE FROM stored_events WHERE originator_id = ? AND originator_version = 2", WORTH),
        "event 2 of deal/worth is not there",
    ),
    "first event removed": (
        sql("DELETE FROM stored_events WHERE originator_id = ? AND originator_version = 1", WON),
        "event 1 of deal/won is not there, and was sealed",
    ),
    "forged win": (forged_win, "event 3 of deal/fresh has no seal"),
    "forged deal": (forged_deal, "of deal/forged have no seal"),
    "deal removed with its rows": (whole_deal_removed, "event 1 of deal/worth is not there, and was sealed"),
    "events of a deal given to another": (
        sql("UPDATE stored_events SET originator_id = 'deal/worse' WHERE originator_id = ?", WORTH),
        "event 1 of deal/worth is not there",
    ),
    "topic": (
        sql("UPDATE stored_events SET topic = 'deal.lost.v1' WHERE originator_id = ? AND originator_version = 1", WON),
        "its row was altered",
    ),
    "places in the log swapped": (swapped_places, "event 1 of deal/worth stands at another place of the log"),
    "place in the log moved": (
        sql("UPDATE stored_events SET {position} = ? WHERE originator_id = ? AND originator_version = 2", FAR, WORTH),
        "event 2 of deal/worth stands at another place of the log",
    ),
    "softer standard": (softer_standard, "event 1 of process/two-steps is not as it was sealed"),
    "process removed": (
        sql("DELETE FROM stored_events WHERE originator_id = 'process/two-steps'"),
        "event 1 of process/two-steps is not there",
    ),
    "command, digest": (
        sql("UPDATE commands SET content = ? WHERE command_id LIKE '%\ndecide'", "0" * 64),
        r"command decide \(.+\) is not as it was sealed",
    ),
    "command, answer": (
        sql("UPDATE commands SET answer = REPLACE(answer, 'stalled', 'Stalled') WHERE command_id LIKE '%\ndecide'"),
        r"command decide \(.+\) is not as it was sealed",
    ),
    "command removed": (sql("DELETE FROM commands WHERE command_id LIKE '%\ndecide'"), "decide .* is not there, and was sealed"),
    "command added": (
        sql("INSERT INTO commands SELECT 'twin', content, answer FROM commands WHERE command_id LIKE '%\npublish'"),
        "command twin has no seal",
    ),
    "command, other id": (
        sql("UPDATE commands SET command_id = 'other' WHERE command_id LIKE '%\npublish'"),
        r"command publish \(.+\) is not there, and was sealed",
    ),
    "notice, text": (
        set_notice("notice = REPLACE(notice, 'Deal stalled', 'Deal Stalled')"),
        "decided.* is not as it was sealed",
    ),
    "notice, recipient": (set_notice("recipient = 'eve'"), "decided.* is not as it was sealed"),
    "notice, recipient in text too": (
        set_waiting("recipient = 'eve', notice = REPLACE(notice, recipient, 'eve')"),
        "notice .* is not as it was sealed",
    ),
    "notice, instant": (set_notice("created_at = created_at + 1"), "decided.* is not as it was sealed"),
    "notice, batch": (set_waiting("batch = 'import-1'"), "is not as it was sealed"),
    "notice removed": (sql(f"DELETE FROM notices WHERE {DECIDED}"), "decided.* is not there, and was sealed"),
    "notice added": (
        sql(
            "INSERT INTO notices SELECT 'forged', recipient, batch, notice, created_at, 'waiting', 0, created_at, '', NULL,"
            f" NULL, 0, '' FROM notices WHERE {DECIDED}"
        ),
        "notice forged has no seal",
    ),
    "notice said to be delivered": (
        set_waiting("state = 'delivered', channel = 'mail', done_at = created_at"),
        "what became of notice .* was altered",
    ),
    "notice put off": (set_waiting(f"next_try_at = {FAR}"), "what became of notice .* was altered"),
    "delivered notice, channel": (set_notice("channel = 'pigeon'"), "what became of notice .*decided.* was altered"),
    "delivered notice, instant": (set_notice("done_at = 0"), "what became of notice .*decided.* was altered"),
    "delivered notice, tries": (set_notice("attempts = 0"), "what became of notice .*decided.* was altered"),
    "delivered notice, error": (set_notice("last_error = ''"), "what became of notice .*decided.* was altered"),
    "delivered notice, number of changes": (set_notice("changes = 1"), "what became of notice .*decided.* was altered"),
    "delivered notice, mark": (set_notice("mark = ''"), "what became of notice .*decided.* was altered"),
    "schedule, due": (set_schedule(f"next_due = {FAR}"), "the schedule of deal fresh is not as it was sealed"),
    "schedule, life": (set_schedule("in_progress = 0"), "the schedule of deal fresh is not as it was sealed"),
    "schedule, opening": (set_schedule("opening = 2"), "the schedule of deal fresh is not as it was sealed"),
    "schedule, wake": (set_schedule("wake_version = 0", "worth"), "the schedule of deal worth is not as it was sealed"),
    "schedule, armed": (set_schedule(f"armed_at = {FAR}"), "workflow of deal fresh was altered"),
    "schedule, armed, never seen": (set_schedule(f"armed_at = {FAR}", "spare"), "workflow of deal spare was altered"),
    "schedule, seen": (set_schedule("seen_version = 1"), "workflow of deal fresh was altered"),
    "schedule, signalled": (set_schedule(f"signalled_at = {FAR}"), "workflow of deal fresh was altered"),
    "schedule, number of changes": (set_schedule("changes = changes - 1"), "workflow of deal fresh was altered"),
    "schedule, another's mark": (
        set_schedule("mark = (SELECT other.mark FROM deal_schedule AS other WHERE other.deal_id = 'stalled')"),
        "workflow of deal fresh was altered",
    ),
    "schedule, removed": (sql("DELETE FROM deal_schedule WHERE deal_id = 'fresh'"), "deal fresh has no row"),
    "batch": (sql("UPDATE notice_batches SET finished_at = NULL"), "the row of batch import-1 was altered"),
    "lease": (sql("UPDATE leases SET until = ?", FAR), "the lease of the relay was altered"),
    "lease, holder": (sql("UPDATE leases SET holder = 'eve'"), "the lease of the relay was altered"),
    "seal removed": (sql("DELETE FROM seals WHERE number = 3"), "seals 3 to 3 are not there"),
    "first seal removed": (sql("DELETE FROM seals WHERE number = 1"), "seals 1 to 1 are not there"),
    "last seal removed": (
        sql("DELETE FROM seals WHERE number = (SELECT MAX(number) FROM seals)"),
        "event 3 of deal/spare has no seal",
    ),
    "all seals removed": (sql("DELETE FROM seals"), "of deal/worth have no seal"),
    "seals renumbered": (renumbered, "seal .*, or the one before it, was altered"),
    "seal, digest": (sql("UPDATE seals SET seal = ? WHERE number = 3", "0" * 64), "seal 3, .* was altered"),
    "seal, what it covers": (sql("UPDATE seals SET content = '{}' WHERE number = 3"), "seal 3, .* was altered"),
    "seal, not readable": (sql("UPDATE seals SET content = 'x' WHERE number = 3"), "seal 3, .* was altered"),
    "seal, key": (own_seals, "has another key, which nobody has added"),
    "begun anew by another": (begun_anew, "cannot be checked: its key feedfacefeed is not here"),
}  # fmt: skip


def test_nothing_is_found_where_nothing_was_changed(store: TamperedStore) -> None:
    assert store.findings() == []
    store.put_back()
    assert store.findings() == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_tampering_is_found(store: TamperedStore, kind: str) -> None:
    tamper, says = KINDS[kind]
    tamper(store)
    found = store.findings()
    assert any(re.search(says, one) for one in found), found


def test_no_deal_is_judged_by_a_softer_standard_and_publishing_the_right_file_mends_it(store: TamperedStore) -> None:
    softer_standard(store)
    with running_again(store) as system:
        with pytest.raises(EventUnreadable, match="publish the right file again"):
            system.deals.progress("fresh", 1, LATER)
        right, problems = load_process(store.running.settings.home / "two-steps.yaml", calendars=system.calendars)
        assert right is not None, problems
        system.processes.publish(right, who=c.Who(actor="ops"), command_id="publish-again")
        assert system.reading.read("fresh").deal.process.version == 1
        assert system.processes.get(system.reading.read("fresh").deal.process).definition == right


def test_no_deal_is_opened_by_a_definition_that_was_altered_with_its_digest(store: TamperedStore) -> None:
    softer_standard(store)
    with running_again(store) as system:
        altered = system.processes.get("two-steps")
        by_reference = opening(store.running).model_copy(update={"process": altered.ref})
        for named in ("two-steps", "two-steps@1", altered.ref):
            with pytest.raises(EventUnreadable, match="is not as it was sealed; publish the right file again"):
                system.processes.for_opening(named)
        given = c.Envelope(
            command_id="new", deal_id="new", who=c.Who(actor=store.running.seller), commands=(by_reference,)
        )
        with pytest.raises(EventUnreadable, match="is not as it was sealed"):
            system.deals.handle(given)
        wrong = {version.process: version.wrong for version in published_versions(system.processes)}
        assert "is not as it was sealed" in wrong.pop("two-steps")
        assert not any(wrong.values())
        # Whoever publishes what the altered one says does publish it, and on record.
        again = system.processes.publish(altered.definition, who=c.Who(actor="ops"), command_id="softer")
        assert (again.new, again.version) == (True, 2)
        assert not system.processes.fault_of(system.processes.get("two-steps"))


def test_the_command_says_so_and_exits_with_1(
    store: TamperedStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", store.url)
    rechained(store)
    capsys.readouterr()
    assert main(["doctor", "--deep", "--home", str(store.running.settings.home)]) == 1
    assert "seal: event 1 of deal/won is not as it was sealed" in capsys.readouterr().out
