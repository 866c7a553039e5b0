"""Where a Temporal server comes from: configured, on the computer, in the cache, downloaded, built."""

import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dealflow.adapters.temporal_server import binary
from dealflow.adapters.temporal_server.binary import NotServed, cached_binary, server_version
from dealflow.adapters.temporal_server.find import ServerNotFound, find_server
from dealflow.settings import Settings
from tests.support.shell_programs import program, runs
from tests.support.waiting import LONGEST_SECONDS


class Said(list[str]):
    """Collects what a search says."""

    def __call__(self, line: str) -> None:
        self.append(line)

    @property
    def text(self) -> str:
        return "\n".join(self)


@pytest.fixture
def bare_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No cache, nothing on PATH, and no way to the internet; gives the one folder on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # A port of loopback that nobody listens at: the download ends at once, wherever the test runs.
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return folder


def test_a_configured_address_goes_before_all(bare_computer: Path) -> None:
    said = Said()
    found = find_server(Settings.load(temporal_address="temporal.example:7233"), said)
    assert (found.kind, found.address, found.binary) == ("configured", "temporal.example:7233", None)
    assert "configured address temporal.example:7233" in said.text


def test_a_program_on_path_goes_before_the_cache(bare_computer: Path) -> None:
    on_path = program(bare_computer / "temporal", "echo 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'")
    program(cached_binary(), "echo 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'")
    found = find_server(Settings.load(), Said())
    assert (found.kind, found.binary, found.version) == ("path", on_path, "1.32.0")


def test_an_old_program_on_path_is_passed_over_with_its_reason(bare_computer: Path) -> None:
    program(bare_computer / "temporal", "echo 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)'")
    kept = program(cached_binary(), "echo 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'")
    said = Said()
    found = find_server(Settings.load(), said)
    assert (found.kind, found.binary) == ("cache", kept)
    assert "has server 1.29.1; 1.32 or later is needed" in said.text


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["exit 3"], "does not say which server it has: no answer"),
        (["echo hello"], "does not say which server it has: hello"),
    ],
)
def test_another_program_of_that_name_is_passed_over(tmp_path: Path, lines: list[str], reason: str) -> None:
    with pytest.raises(NotServed, match=reason):
        server_version(program(tmp_path / "temporal", *lines))


def test_a_file_that_cannot_be_run_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "temporal"
    file.write_text("")
    with pytest.raises(NotServed, match="cannot be run"):
        server_version(file)


def test_with_no_way_open_the_error_names_all_of_them(bare_computer: Path) -> None:
    said = Said()
    with pytest.raises(ServerNotFound) as refused:
        find_server(Settings.load(), said)
    for part in ("DEALFLOW_TEMPORAL_ADDRESS", "on PATH", "the cache", "SDK's own download", "no go on PATH"):
        assert part in str(refused.value)
    assert [line for line in said if line.startswith("Temporal: trying")] == [
        "Temporal: trying a `temporal` program on PATH",
        "Temporal: trying the program in the cache",
        "Temporal: trying the SDK's own download",
        "Temporal: trying building it with Go",
    ]


def test_a_cache_that_cannot_be_made_is_said(bare_computer: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(ServerNotFound, match="the cache cannot be written"):
        find_server(Settings.load(), Said())


class TestDownloading:
    """With a stand-in for the program that calls the SDK: what it leaves in the folder that it is given."""

    @pytest.fixture
    def stand_in(self, bare_computer: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        path = bare_computer / "downloads"
        monkeypatch.setattr(sys, "executable", str(path))
        return path

    def test_what_was_downloaded_is_kept_in_the_cache(self, stand_in: Path) -> None:
        version = "echo 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'"
        program(stand_in, f'echo "#!/bin/sh\n{version}" > "$4/temporal-v1.9.1"; /bin/chmod +x "$4/temporal-v1.9.1"')
        found = find_server(Settings.load(), Said())
        assert (found.kind, found.binary) == ("download", cached_binary())

    def test_a_download_that_stands_still_is_given_up(self, stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(binary, "QUIET_SECONDS", 1.0)
        program(stand_in, 'echo half > "$4/x.downloading"', "/bin/sleep 60")
        with pytest.raises(ServerNotFound, match="nothing arrived for 1 s"):
            find_server(Settings.load(), Said())
        assert [path for path in cached_binary().parent.iterdir() if path.is_dir()] == []

    def test_an_old_download_is_not_kept(self, stand_in: Path) -> None:
        version = "echo 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)'"
        program(stand_in, f'echo "#!/bin/sh\n{version}" > "$4/t"; /bin/chmod +x "$4/t"')
        with pytest.raises(ServerNotFound, match=r"1\.32 or later is needed"):
            find_server(Settings.load(), Said())
        assert not cached_binary().exists()


class TestBuilding:
    """With a stand-in for the Go compiler: the real build takes minutes and is tried by `make demo` on a new machine."""

    VERSION = "echo 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'"

    def go(self, folder: Path, *build: str) -> None:
        program(
            folder / "go",
            'if [ "$1" = list ]; then echo "go: downloading module v1"; echo one; echo two; exit 0; fi',
            "/bin/cat go.mod > module-that-was-seen",
            'while [ "$1" != -o ]; do shift; done',
            *build,
        )

    def test_the_program_is_built_from_the_kept_module_into_the_cache(self, bare_computer: Path) -> None:
        self.go(
            bare_computer,
            "/bin/grep -q 'github.com/temporalio/cli v1.9.1' go.mod || exit 1",
            "test -s go.sum || exit 1",
            f'echo "#!/bin/sh\n{self.VERSION}" > "$2"; /bin/chmod +x "$2"',
        )
        said = Said()
        found = find_server(Settings.load(), said)
        assert (found.kind, found.binary) == ("built", cached_binary())
        assert "compiling up to 2 packages" in said.text
        assert cached_binary().stat().st_mode & stat.S_IXUSR
        assert [path.name for path in cached_binary().parent.iterdir() if path.is_dir()] == []

    def test_a_build_that_fails_leaves_nothing_and_says_its_last_words(self, bare_computer: Path) -> None:
        self.go(bare_computer, 'echo half > "$2"', "echo 'no space left on device' >&2", "exit 1")
        with pytest.raises(ServerNotFound, match=r"go build failed: .*no space left on device"):
            find_server(Settings.load(), Said())
        assert not cached_binary().exists()

    def test_a_build_that_hangs_is_ended_with_its_children(
        self, bare_computer: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(binary, "BUILD_SECONDS", 2.0)
        self.go(bare_computer, f"/bin/sleep 60 & echo $! > {tmp_path}/child; wait")
        with pytest.raises(ServerNotFound, match="go build took longer than"):
            find_server(Settings.load(), Said())
        assert not runs(int((tmp_path / "child").read_text()))

    def test_a_second_program_waits_for_the_first_and_takes_what_it_made(
        self, bare_computer: Path, tmp_path: Path
    ) -> None:
        self.go(
            bare_computer,
            f"echo built >> {tmp_path}/builds",
            "/bin/sleep 2",
            f'echo "#!/bin/sh\n{self.VERSION}" > "$2"; /bin/chmod +x "$2"',
        )
        command = [sys.executable, "-m", "dealflow.adapters.temporal_server.find"]
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        answers = [process.communicate(timeout=LONGEST_SECONDS)[0] for process in both]
        assert [process.returncode for process in both] == [0, 0]
        assert (tmp_path / "builds").read_text() == "built\n"
        assert any("waiting for that one" in answer for answer in answers)

    def test_a_search_that_is_told_to_end_takes_its_build_along(self, bare_computer: Path, tmp_path: Path) -> None:
        child = tmp_path / "child"
        self.go(bare_computer, f"/bin/sleep 60 & echo $! > {child}.new; /bin/mv {child}.new {child}; wait")
        search = subprocess.Popen(
            [sys.executable, "-m", "dealflow.adapters.temporal_server.find"], stdout=subprocess.PIPE
        )
        ends = time.monotonic() + 30
        while not child.exists() and time.monotonic() < ends:
            time.sleep(0.05)
        search.terminate()
        search.communicate(timeout=LONGEST_SECONDS)
        assert search.returncode == 143
        assert not runs(int(child.read_text()))


def test_the_module_says_where_the_server_is_and_ends_with_3_when_nowhere(bare_computer: Path) -> None:
    command = [sys.executable, "-m", "dealflow.adapters.temporal_server.find"]
    failed = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)
    assert failed.returncode == 3
    assert "No Temporal server was found" in failed.stderr
    program(cached_binary(), TestBuilding.VERSION)
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True)
    assert str(cached_binary()) in done.stdout
