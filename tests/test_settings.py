"""Settings: the order of their sources, every fault with its place, nothing secret shown."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from dealflow.domain.people.organisation import Channel
from dealflow.settings import Settings, SettingsError, unknown_variables, without_password
from dealflow.wording.catalogue import catalogue


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DEALFLOW_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def write(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "settings.toml").write_text(text, encoding="utf-8")


def problems(home: Path) -> Sequence[str]:
    with pytest.raises(SettingsError) as error:
        Settings.load(home)
    return error.value.problems


def test_without_anything_all_state_is_in_one_folder() -> None:
    settings = Settings.load()
    assert settings.home == Path(".dealflow") and settings.people == Path(".dealflow/people.yaml")
    assert {row.source for row in settings.describe()} == {"default"}
    assert settings.default_channels == (Channel(id="file", url="file:"),)
    assert settings.timezone.key == settings.zone


def test_an_option_goes_before_a_variable_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "h", 'language = "zh"\nlog_level = "error"\nworker_threads = 3\n')
    monkeypatch.setenv("DEALFLOW_HOME", str(tmp_path / "h"))
    monkeypatch.setenv("DEALFLOW_LOG_LEVEL", "debug")
    monkeypatch.setenv("DEALFLOW_WORKER_THREADS", "")
    settings = Settings.load(language="en")
    assert (settings.language, settings.log_level, settings.worker_threads) == ("en", "debug", 3)
    sources = {row.name: row.source for row in settings.describe()}
    assert sources["language"] == "option" and sources["log_level"] == "DEALFLOW_LOG_LEVEL"
    assert sources["worker_threads"] == str(tmp_path / "h" / "settings.toml") and sources["zone"] == "default"
    assert settings.keys.parent == tmp_path / "h"


def test_an_unknown_key_names_the_file_the_line_and_what_was_meant(tmp_path: Path) -> None:
    write(tmp_path, 'zone = "UTC"\nlog_fromat = "json"\nhome = "x"\n')
    file = tmp_path / "settings.toml"
    assert problems(tmp_path) == [
        f"{file}:2: unknown key 'log_fromat'; did you mean 'log_format'?",
        f"{file}:3: unknown key 'home'; the file is found by it, so set DEALFLOW_HOME",
    ]


def test_every_wrong_value_is_named_with_where_it_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, 'worker_threads = 0\ndatabase_url = "mysql://u:pw@h/d"\n')
    monkeypatch.setenv("DEALFLOW_ZONE", "Mars/Base")
    file = tmp_path / "settings.toml"
    assert problems(tmp_path) == [
        f"{file}: database_url must be empty (SQLite in the home folder) or begin with postgresql://",
        "DEALFLOW_ZONE is not a zone such as Asia/Shanghai or UTC",
        f"{file}: worker_threads input should be greater than or equal to 1",
    ]


def test_addresses_for_metrics_and_traces_are_checked_before_anybody_listens(tmp_path: Path) -> None:
    write(tmp_path, 'metrics_address = "9464"\notlp_endpoint = "127.0.0.1:4318"\n')
    file = tmp_path / "settings.toml"
    assert problems(tmp_path) == [
        f"{file}: metrics_address must be host:port such as 127.0.0.1:9464",
        f"{file}: otlp_endpoint must begin with http:// or https://, such as http://127.0.0.1:4318",
    ]
    for wrong in ("host:", ":9464", "host:0", "host:65536", "host:http"):
        write(tmp_path, f'metrics_address = "{wrong}"\n')
        assert len(problems(tmp_path)) == 1, wrong
    write(tmp_path, 'metrics_address = "[::1]:9464"\notlp_endpoint = "https://me:p@55w0rd@host/"\n')
    settings = Settings.load(tmp_path)
    assert settings.metrics_at == ("::1", 9464)
    assert {row.name: row.value for row in settings.describe()}["otlp_endpoint"] == "https://me:***@host/"
    assert Settings.load(tmp_path / "empty").metrics_at is None


def test_a_file_that_is_no_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, "zone = UTC\n")
    assert "settings.toml: cannot be read" in problems(tmp_path)[0] and "line 1" in problems(tmp_path)[0]
    (tmp_path / "settings.toml").write_bytes(b"\xff\xfe")
    assert "cannot be read" in problems(tmp_path)[0]


def test_no_secret_is_described_or_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", "postgresql://me:p@55w0rd@host/db?password=p@55w0rd")
    monkeypatch.setenv("DEALFLOW_WEBHOOK_SECRET", "p@55w0rd")
    monkeypatch.setenv("DEALFLOW_DEFAULT_CHANNELS", "file: json://p@55w0rd:x@host/")
    settings = Settings.load(tmp_path)
    rows = {row.name: row.value for row in settings.describe()}
    assert "55w0rd" not in str(rows)
    assert rows["database_url"] == "postgresql://me:***@host/db?password=***"
    assert rows["webhook_secret"] == "(hidden)" and rows["default_channels"] == "file=file:, json1=json:"
    assert settings.webhook_secret is not None and settings.webhook_secret.get_secret_value() == "p@55w0rd"


def test_channels_in_the_file_may_have_ids(tmp_path: Path) -> None:
    write(tmp_path, "default_channels = ['file:', {id = 'hook', url = 'json://127.0.0.1:8123/'}]\n")
    assert Settings.load(tmp_path).default_channels == (
        Channel(id="file", url="file:"),
        Channel(id="hook", url="json://127.0.0.1:8123/"),
    )


def test_a_misspelt_variable_is_pointed_out() -> None:
    assert unknown_variables({"DEALFLOW_LOG_FROMAT": "json", "DEALFLOW_HOME": "x", "PATH": "y"}) == [
        "DEALFLOW_LOG_FROMAT is not a setting; did you mean DEALFLOW_LOG_FORMAT?"
    ]


def test_a_variable_that_shares_only_the_prefix_gets_no_suggestion() -> None:
    assert unknown_variables({"DEALFLOW_QQZZ": "x"}) == ["DEALFLOW_QQZZ is not a setting"]


def test_a_value_that_is_a_word_of_ours_is_not_translated(tmp_path: Path) -> None:
    rows = {row.name: row for row in Settings.load(tmp_path).describe()}
    said = catalogue("zh").text
    assert said(rows["temporal_namespace"].value) == "default"
    assert said(rows["temporal_namespace"].source) == "缺省"


def test_a_url_without_a_password_stays_as_it_is() -> None:
    assert without_password("postgresql://host:5432/db") == "postgresql://host:5432/db"
