"""Which batches a source has brought, and in which one an import goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

from dealflow.domain.deal import events as e
from dealflow.domain.imports.batch import base_of, batch_for
from dealflow.domain.imports.state import BatchState, SourceRecord, record_after
from dealflow.domain.imports.stream import import_stream, source_of

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
A, B = "import/crm/aaaa", "import/crm/bbbb"
FILE = e.ImportedFile(role="deals", name="deals.csv", digest="7d" * 32)


def begun(batch: str, **more: Any) -> e.ImportBegun:
    given: dict[str, Any] = {"process": "sale@1", "command": "crm-csv", "mapping_digest": "6c", "mapping": {}, **more}
    return e.ImportBegun(effective_at=AT, batch=batch, files=(FILE,), **given)


def finished(batch: str) -> e.ImportFinished:
    return e.ImportFinished(effective_at=AT, batch=batch, new=1, changed=0, deals=1, events=3, rejects=0, seconds=0.1)


def after(*facts: e.Fact) -> SourceRecord:
    stamps = (
        e.Stamp(
            version=n,
            recorded_at=AT + timedelta(hours=n),
            actor="ops",
            command_id="c",
            correlation_id="c",
            cause="import",
        )
        for n in range(1, 99)
    )
    return record_after(e.Recorded("import/crm", stamp, fact) for fact, stamp in zip(facts, stamps, strict=False))


def test_a_source_of_which_nothing_was_imported_has_no_batch() -> None:
    record = after()
    assert (record.last, record.shift, record.exported_at("deals"), record.version) == (None, None, None, 0)
    assert batch_for(A, record) == A


def test_a_batch_is_unfinished_until_it_is_finished() -> None:
    assert after(begun(A)).batches[A].state is BatchState.UNFINISHED
    batch = after(begun(A), finished(A)).batches[A]
    assert (batch.state, batch.source, batch.version, batch.finished_version) == (BatchState.FINISHED, "crm", 1, 2)
    assert batch.finished_at == AT + timedelta(hours=2)


def test_an_import_that_was_interrupted_goes_on_in_its_batch() -> None:
    assert batch_for(A, after(begun(A))) == A
    assert batch_for(A, after(begun(A), finished(A), begun(f"{A}-2"))) == f"{A}-2"


def test_a_batch_that_came_to_its_end_is_not_used_again() -> None:
    assert batch_for(A, after(begun(A), finished(A))) == f"{A}-2"
    assert batch_for(A, after(begun(A), finished(A), begun(f"{A}-2"), finished(f"{A}-2"))) == f"{A}-3"


def test_a_batch_that_another_has_followed_is_not_used_again() -> None:
    assert batch_for(A, after(begun(A), begun(B), finished(B))) == f"{A}-2"


def test_a_batch_of_before_there_was_a_record_is_not_used_again() -> None:
    assert batch_for(A, after(), frozenset({A, f"{A}-2"})) == f"{A}-3"


def test_the_last_batch_says_how_dates_are_moved() -> None:
    shift = e.ShiftedBy(days=3, last_day=AT.date(), snapshot=AT)
    assert after(begun(A, shift=shift), finished(A), begun(B, shift=shift)).shift == shift
    assert after(begun(A)).shift is None


def test_the_latest_export_of_each_kind_of_file_is_known() -> None:
    record = after(
        begun(A, export="deals", exported_at=AT),
        begun(B, export="deals", exported_at=AT - timedelta(days=1)),
        begun(f"{B}-2", export="log", exported_at=AT + timedelta(days=1)),
    )
    assert record.exported_at("deals") == AT
    last = record.last_of("deals")
    assert last is not None and last.id == B


def test_an_end_of_nothing_and_an_unknown_event_change_no_batch() -> None:
    record = after(finished(A), e.HouseFollowed(effective_at=AT))
    assert (record.batches, record.version) == ({}, 2)


def test_a_name_without_its_number_is_the_first_of_its_kind() -> None:
    assert (base_of(A), base_of(f"{A}-12"), base_of("import/my-crm/cccc-2")) == (A, A, "import/my-crm/cccc")
    assert source_of(import_stream("my-crm")) == "my-crm"
