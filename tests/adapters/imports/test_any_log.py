"""Any bytes as an event log end in plans and rejects, or in a problem that is told; never in a crash."""

import gzip
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealflow.adapters.imports.mapping.file import ImportInvalid
from tests.support.files.xes_files import SMALL, WON, log, log_plans

GOOD = log(WON, WON.replace("C1", "C2")).encode()
# So that every activity of the mapping may go missing.
MAPPING = SMALL + "    +complete: []\n"
PIECES = [
    b"", b"<trace>", b"</trace>", b"<event>", b"</event>", b"<event/>", b'<string key="concept:name"/>', b"key=", b'"', b"'",
    b"<", b">", b"&#0;", b"&#x202e;", b"&amp;", b"&x;", b"<!--", b"<![CDATA[", b"<!DOCTYPE x>", b"<?x?>", b"\x00", b"\xff\xfe",
    b"\xe2\x80\xae", b"2012-01-02T24:00:00Z", b"9999-12-31T23:59:59-14:00", b"0001-01-01T00:00:00+14:00", b"\n",
]  # fmt: skip
FEW = settings(
    max_examples=80, deadline=2_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@FEW
@given(
    place=st.integers(0, len(GOOD)),
    length=st.integers(0, 40),
    new=st.sampled_from(PIECES) | st.binary(max_size=8),
    packed=st.booleans(),
)
def test_any_change_of_a_log_is_read_or_refused(
    tmp_path: Path, place: int, length: int, new: bytes, packed: bool
) -> None:
    changed = GOOD[:place] + new + GOOD[place + length :]
    with suppress(ImportInvalid):
        log_plans(tmp_path, gzip.compress(changed) if packed else changed, MAPPING)


@FEW
@given(place=st.integers(2, 400), new=st.binary(min_size=1, max_size=8))
def test_any_damage_of_a_packed_log_is_read_or_refused(tmp_path: Path, place: int, new: bytes) -> None:
    packed = gzip.compress(GOOD)
    damaged = packed[:place] + new + packed[place + len(new) :]
    with suppress(ImportInvalid):
        log_plans(tmp_path, damaged, MAPPING)
