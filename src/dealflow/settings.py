"""Settings: `DEALFLOW_*` in the environment over `<home>/settings.toml` over defaults; each value says where it came from."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails

from dealflow.domain.people.organisation import Channel
from dealflow.domain.values.language import Language
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.shape_fault import shape_fault
from dealflow.domain.values.suggest import nearest

PREFIX = "DEALFLOW_"
FILE_NAME = "settings.toml"
_PASSWORD = re.compile(r"(?<=://)([^\s/?#@:]*):\S*@")
_PASSWORD_PARAMETER = re.compile(r"(?i)([?&\s](?:password|sslpassword|passfile)=)[^&\s]*")


class SettingsError(ValueError):
    """Settings that cannot be used; carries every problem, each naming the file or variable and the key."""

    def __init__(self, problems: list[Phrase]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


# Who somebody is stands in no file that everybody reads who works with this home.
_NOT_IN_FILE = ("home", "token", "token_file", "tests_move_clocks")
# A variable of these that is empty is a slip, and passes for nothing else.
_NEVER_EMPTY = ("token", "token_file")


class SettingRow(NamedTuple):
    """One setting for people to read: secrets are hidden in `value`, `source` is a variable, a file or `default`."""

    name: str
    value: str
    source: str


class Settings(BaseModel):
    """Everything that differs between one installation and another; build it with `Settings.load`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)

    home: Path = Path(".dealflow")
    database_url: str = ""  # empty: SQLite in the home folder
    temporal_address: str = ""  # empty: none configured, an embedded server is looked for
    temporal_namespace: str = "default"
    temporal_queue: str = "dealflow"
    people: Path = Field(default_factory=lambda data: data["home"] / "people.yaml")
    process_defs: Path = Path("process_defs")
    calendars: Path = Field(default_factory=lambda data: data["home"] / "calendars.yaml")
    keys: Path = Field(default_factory=lambda data: data["home"] / "keys.sqlite")
    seal_keys: Path = Field(default_factory=lambda data: data["home"] / "seal.keys")
    default_channels: tuple[Channel, ...] = (Channel(id="file", url="file:"),)
    webhook_secret: SecretStr | None = None
    token: SecretStr | None = None  # of the person who acts; none: the operating system's user says who
    token_file: Path | None = None
    notify_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 20.0
    digest_minutes: Annotated[float, Field(ge=0, le=1440)] = 15.0
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    language: Language = "en"
    zone: str = Field(default_factory=lambda: _local_zone())  # noqa: PLW0108  it is defined below
    decimal: Literal["", "point", "comma"] = ""  # empty: an amount that could be read in two ways is refused
    worker_threads: Annotated[int, Field(ge=1, le=256)] = 8
    metrics_address: str = ""  # empty: metrics are not served
    otlp_endpoint: str = ""  # empty: OpenTelemetry's own environment says whether traces are sent, and where
    # Written out, and from the environment only, so that nobody lifts the store's clock by accident.
    tests_move_clocks: Literal["", "this is a test and no production"] = ""

    _sources: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def load(cls, home: Path | None = None, **given: Any) -> Self:
        """Read everything; what is given here (by options of the command line) goes before all; else SettingsError."""
        chosen = {**({"home": home} if home is not None else {}), **given}
        variables = _variables()
        named = {name: os.environ[variable] for name, variable in variables.items()}
        folder = Path(chosen.get("home") or named.get("home") or cls.model_fields["home"].default)
        file = folder.expanduser() / FILE_NAME
        written = _read(file, [name for name in cls.model_fields if name not in _NOT_IN_FILE])
        sources = dict.fromkeys(written, str(file)) | variables | dict.fromkeys(chosen, phrase("option"))
        try:
            settings = cls(**{**written, **named, **chosen})
        except ValidationError as error:
            faults = [fault for fault in error.errors() if fault["type"] != "default_factory_not_called"]
            raise SettingsError([_problem(fault, sources) for fault in faults]) from error
        settings._sources.update(sources)
        return settings

    @property
    def timezone(self) -> ZoneInfo:
        """The zone in which times are shown and dates without a zone are read."""
        return ZoneInfo(self.zone)

    @property
    def names_people(self) -> bool:
        """Whether the file of people is another one than the home folder's, so that it has to be there."""
        return self.people != self.home / "people.yaml"

    def is_own(self, name: Literal["people", "calendars"]) -> bool:
        """Whether this file of the house belongs to the home that holds the store: it is there, or the home's settings name it."""
        given, source = getattr(self, name), self._sources.get(name)
        return not self.database_url and (given == self.home / f"{name}.yaml" or source == str(self.home / FILE_NAME))

    @property
    def outbox(self) -> Path:
        """The folder of messages delivered as files."""
        return self.home / "outbox"

    @property
    def notices(self) -> Path:
        """The folder of templates that replace the shipped ones."""
        return self.home / "notices"

    @property
    def metrics_at(self) -> tuple[str, int] | None:
        """Host and port at which metrics are served; None: nowhere."""
        host, _, port = self.metrics_address.rpartition(":")
        return (host.strip("[]"), int(port)) if host else None

    def describe(self) -> list[SettingRow]:
        """Every setting without its secrets, in a fixed order, for `doctor`."""
        return [
            SettingRow(name, self._shown(name), self._sources.get(name, phrase("default")))
            for name in type(self).model_fields
        ]

    def _shown(self, name: str) -> str:
        value = getattr(self, name)
        match name:
            case "webhook_secret" | "token":
                return phrase("(hidden)") if value else ""
            case "token_file" if value is None:
                return ""
            case "default_channels":
                # The rest of an address may be a token.
                return ", ".join(f"{channel.id}={channel.url.partition(':')[0]}:" for channel in value)
            case "database_url":
                return without_password(value) or phrase("SQLite in {home}", home=str(self.home))
            case "otlp_endpoint":
                return without_password(value)
        # Written by a person and never translated, even where it is a word of ours, such as a namespace `default`.
        return Phrase("{value}", {"value": str(value)})

    @field_validator("home", "people", "process_defs", "calendars", "keys", "seal_keys", mode="after")
    @classmethod
    def _user_folder(cls, value: Path) -> Path:
        return value.expanduser()

    @field_validator("database_url", mode="after")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith("postgresql://"):
            raise ValueError(phrase("must be empty (SQLite in the home folder) or begin with postgresql://"))
        return value

    @field_validator("metrics_address", mode="after")
    @classmethod
    def _listenable(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value and not (host and port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65_536):
            raise ValueError(phrase("must be host:port such as {example}", example="127.0.0.1:9464"))
        return value

    @field_validator("otlp_endpoint", mode="after")
    @classmethod
    def _collector(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError(
                phrase("must begin with http:// or https://, such as {example}", example="http://127.0.0.1:4318")
            )
        return value

    @field_validator("zone", mode="after")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(phrase("is not a zone such as Asia/Shanghai or UTC")) from error

    @field_validator("default_channels", mode="before")
    @classmethod
    def _channels(cls, value: Any) -> Any:
        """Addresses separated by blanks, or a list of addresses or of {id, url}; an address alone has its scheme as id."""
        listed = value.split() if isinstance(value, str) else value
        if not isinstance(listed, list | tuple) or not listed:
            raise ValueError(phrase("must be one or more addresses such as {example}", example="file:"))
        return tuple(
            {"id": f"{item.partition(':')[0]}{place or ''}", "url": item} if isinstance(item, str) else item
            for place, item in enumerate(listed)
        )


def unknown_variables(environment: Mapping[str, str]) -> list[Phrase]:
    """A warning for each `DEALFLOW_*` variable that is no setting, which would otherwise pass in silence."""
    known = [name.upper() for name in Settings.model_fields]
    found: list[Phrase] = []
    for name in sorted(environment):
        own = name.upper().removeprefix(PREFIX)
        if name.upper().startswith(PREFIX) and own not in known:
            # Compared without the prefix: what all of them share would make any two alike.
            near = nearest(own, known)
            found.append(
                phrase("{name} is not a setting; did you mean {near}?", name=name, near=PREFIX + near)
                if near
                else phrase("{name} is not a setting", name=name)
            )
    return found


def without_password(url: str) -> str:
    """The address with its password, wherever it stands, replaced by stars."""
    # Parameters first: an @ in one of them would be taken for the end of the password before the host.
    return _PASSWORD.sub(r"\1:***@", _PASSWORD_PARAMETER.sub(r"\1***", url))


def _variables() -> dict[str, str]:
    """Which setting has a variable in the environment, in any case; an empty one counts as not set, save where it may not be."""
    spelled = {variable.upper(): variable for variable in os.environ}
    keys = {name: PREFIX + name.upper() for name in Settings.model_fields}
    set_ = {name: spelled[key] for name, key in keys.items() if key in spelled}
    return {name: variable for name, variable in set_.items() if os.environ[variable] or name in _NEVER_EMPTY}


def _read(file: Path, known: list[str]) -> dict[str, Any]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
        written = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except NotADirectoryError as error:
        wrong = phrase(
            "{file}: it is a file, and all state is kept in a folder; name one by --home or DEALFLOW_HOME",
            file=str(file.parent),
        )
        raise SettingsError([wrong]) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        reason = Phrase(why or str(error), {})
        raise SettingsError([phrase("{file}: cannot be read: {reason}", file=str(file), reason=reason)]) from error
    problems: list[Phrase] = []
    for key in written:
        if key not in known:
            near = nearest(key, known)
            place = f"{file}:{_line(text, key)}"
            if key == "home":
                said = phrase(
                    "{place}: unknown key '{key}'; the file is found by it, so set DEALFLOW_HOME", place=place, key=key
                )
            elif key in _NEVER_EMPTY:
                said = phrase(
                    "{place}: '{key}' is no setting of a home, which others read; set {name} in the environment",
                    place=place,
                    key=key,
                    name=PREFIX + key.upper(),
                )
            elif near:
                said = phrase("{place}: unknown key '{key}'; did you mean '{near}'?", place=place, key=key, near=near)
            else:
                said = phrase("{place}: unknown key '{key}'; known: {known}", place=place, key=key, known=known)
            problems.append(said)
    if problems:
        raise SettingsError(problems)
    return written


def _line(text: str, key: str) -> int:
    written = re.compile(rf"^\s*\[*[\"']?{re.escape(key)}\b")
    return next((number for number, line in enumerate(text.split("\n"), start=1) if written.match(line)), 1)


def _problem(fault: ErrorDetails, sources: Mapping[str, str]) -> Phrase:
    name = str(fault["loc"][0]) if fault["loc"] else "settings"
    source = sources.get(name, "default")
    place = source if source.upper() == PREFIX + name.upper() else f"{source}: {name}"
    return phrase("{setting} {wrong}", setting=place, wrong=shape_fault(fault))


def _local_zone() -> str:
    """The zone of this computer by its name, UTC when it has none."""
    named = os.environ.get("TZ", "").lstrip(":")
    link = str(Path("/etc/localtime").resolve())
    for name in (named, link.partition("zoneinfo/")[2]):
        try:
            if name:
                return ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return "UTC"
