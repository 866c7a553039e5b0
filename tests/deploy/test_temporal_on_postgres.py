"""Temporal's server for PostgreSQL is built once, whole or not at all."""

from pathlib import Path

import pytest

from dealflow.adapters.temporal_server.binary import NotServed
from tests.support.running import temporal_on_postgres
from tests.support.running.temporal_on_postgres import Programs, build, programs

GO = r"""#!/bin/sh
echo "$@" >> {log}
case "$*" in
    *"-m -f"*) echo {sources} ;;
    list*) echo "go: downloading module v1"; echo one ;;
    *) while [ "$1" != -o ]; do shift; done; {build} ;;
esac
"""
GOOD = """printf '#!/bin/sh\\necho a version 1.32.0\\n' > "$2"; /bin/chmod +x "$2" """


@pytest.fixture
def bare_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it, and an empty cache."""
    path = tmp_path / "path"
    path.mkdir()
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return path


def go(path: Path, build: str) -> Path:
    """A `go` that builds by a line of shell, and the file in which it notes what it was asked."""
    sources = path.parent / "sources"
    (sources / "docker/scripts/sh").mkdir(parents=True, exist_ok=True)
    (sources / "docker/scripts/sh/entrypoint.sh").write_text("exec temporal-server start\n")
    log = path.parent / "asked"
    (path / "go").write_text(GO.format(log=log, sources=sources, build=build))
    (path / "go").chmod(0o755)
    return log


def test_it_is_built_once_with_the_image_s_own_script_beside_it(bare_computer: Path) -> None:
    asked = go(bare_computer, GOOD)
    made = build(lambda line: None)
    assert made == programs()
    assert [path.name for path in sorted(made.folder.iterdir())] == [
        "entrypoint.sh",
        "temporal-server",
        "temporal-sql-tool",
    ]
    before = asked.read_text()
    assert build(lambda line: None) == made
    assert asked.read_text() == before


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            """echo half > "$2"; echo 'no space left on device' >&2; exit 1""",
            "go build failed: .*no space left on device",
        ),
        (GOOD.replace("1.32.0", "1.29.1"), r"temporal-server is not of version 1\.32\.0: a version 1\.29\.1"),
    ],
)
def test_a_build_that_fails_says_why_and_leaves_nothing(bare_computer: Path, line: str, reason: str) -> None:
    go(bare_computer, line)
    with pytest.raises(NotServed, match=reason):
        build(lambda line: None)
    assert [path.name for path in programs().folder.parent.iterdir()] == ["lock"]
    go(bare_computer, GOOD)
    assert isinstance(build(lambda line: None), Programs)


def test_without_go_it_says_so_and_only_ci_hears_no_excuse(
    bare_computer: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert temporal_on_postgres.main() == 3
    said = capsys.readouterr().err
    assert "there is no go on PATH" in said and "will be skipped" in said
    monkeypatch.setenv("CI", "true")
    assert temporal_on_postgres.main() == 3
    assert "will be skipped" not in capsys.readouterr().err
