"""In which batch an import goes on: in the one that was interrupted, else in one that was never used."""

from itertools import count

from dealflow.domain.imports.state import BatchState, SourceRecord
from dealflow.domain.imports.stream import source_of


def batch_for(base: str, record: SourceRecord, used_before: frozenset[str] = frozenset()) -> str:
    """The batch of an import of these files by this mapping, of which `base` is the name.

    It goes on in the last batch of its source where that is this one and was interrupted. A batch that came to its end, that
    another has followed, or that was undone is never used again; neither is one of `used_before` there was a record.
    """
    last = [*record.batches.values()][-1] if record.batches else None
    if last is not None and last.state is BatchState.UNFINISHED and base_of(last.id) == base:
        return last.id
    names = (base if number == 1 else f"{base}-{number}" for number in count(1))
    return next(name for name in names if name not in record.batches and name not in used_before)


def source_of_batch(batch: str) -> str:
    """The source that brought it."""
    return source_of(batch.rpartition("/")[0])


def base_of(batch: str) -> str:
    """What the batch is called without its number: a digest has no dash."""
    folder, _, name = batch.rpartition("/")
    return f"{folder}/{name.partition('-')[0]}"
