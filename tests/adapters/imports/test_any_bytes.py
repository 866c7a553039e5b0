"""No content of a table or a mapping makes the importer crash or hang."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealflow.adapters.imports.csv.files import open_csv
from dealflow.adapters.imports.mapping.file import ImportInvalid
from tests.support.files.import_files import DEALS, HEADER, SMALL, planned, small_files, small_mapping

ROW = "D1,Anna,GTXPro,Acme,Won,2017-03-01,2017-04-02,1054,"
HOSTILE = st.lists(
    st.sampled_from(
        [
            b",",
            b'"',
            b"\n",
            b"\r",
            b"\r\n",
            b"\x00",
            b"\xff",
            b"\xc3",
            b"Won",
            b"2017-03-01",
            b"'",
            b"\xe2\x80\xae",
            b"=1",
        ]
    )
    | st.binary(max_size=8),
    max_size=40,
)
FEW = settings(
    max_examples=60, deadline=2_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@FEW
@given(pieces=HOSTILE, whole=st.booleans())
def test_any_bytes_in_a_table_end_in_plans_and_rejects(tmp_path: Path, pieces: list[bytes], whole: bool) -> None:
    small_files(tmp_path)
    content = b"".join(pieces)
    (tmp_path / DEALS).write_bytes(content if whole else f"{HEADER}\n{ROW}\n".encode() + content)
    try:
        planned(open_csv([tmp_path], small_mapping(tmp_path)))
    except ImportInvalid:
        if not whole:  # the header is good, so only rows can be bad
            raise


@FEW
@given(
    place=st.integers(0, len(SMALL)),
    length=st.integers(0, 30),
    new=st.sampled_from(
        ["", "{", "}", "[", "]", "~", "null", ": ", "- ", "{a: b}", "[[]]", "''", "'{x}'", "\n", "x.y", ".", "1e9"]
    ),
)
def test_any_change_of_a_mapping_is_read_or_refused(tmp_path: Path, place: int, length: int, new: str) -> None:
    small_files(tmp_path, ROW)
    try:
        planned(open_csv([tmp_path], small_mapping(tmp_path, SMALL[:place] + new + SMALL[place + length :])))
    except ImportInvalid:
        return
