"""Command lines drawn from what the commands declare: every command, every parameter, settings and files beside them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from dealflow.cli.main import every_command
from dealflow.cli.user import os_user
from dealflow.settings import Settings
from tests.support.generated import files, words
from tests.support.generated.personal import personal_field

# They run until they are told to stop.
_FOR_LONG = {("up",), ("demo",), ("worker",), ("relay",)}
# They look at every part, or at Temporal, and take longer than all others.
_SLOW = {("doctor",), ("reconcile",), ("notify", "test")}
_ALWAYS_GIVEN = {"home", "help", "json"}
# A setting by which another computer could be reached is given only addresses of this one that nobody answers.
_ADDRESSES = {
    "database_url": ("postgresql://127.0.0.1:1/x", "postgresql://[", "mysql://x", "postgresql://u:p@/x?host=/nowhere"),
    "temporal_address": ("127.0.0.1:1", "127.0.0.1", ":", "[::1]:1"),
    "metrics_address": ("127.0.0.1:99999", "x", ":1"),
    "otlp_endpoint": ("http://127.0.0.1:1", "ftp://x", "x"),
}
_COMMANDS = [
    (path, command.params)
    for path, command in every_command()
    if not hasattr(command, "commands") and path not in _FOR_LONG
]


@dataclass
class Line:
    """One command line with the settings in the environment, and files of the home that stand there meanwhile."""

    words: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    home_files: dict[str, str] = field(default_factory=dict)


class Lines:
    """Draws lines; files that they name are written into a folder, which is to be the current one."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._draw, self._folder = Random(seed), folder
        self._hostility = 0.0

    def line(self) -> Line:
        """The next line."""
        draw = self._draw
        while True:
            path, parameters = draw.choice(_COMMANDS)
            if path not in _SLOW or draw.random() < 0.05:
                break
        # A line with one odd word comes farther than one that is odd all over.
        self._hostility = draw.choice((0.03, 0.1, 0.4))
        said = [*path, *self._given(path, parameters)]
        if draw.random() < self._hostility / 4:
            said.insert(draw.randint(1, len(said)), words.hostile(draw))
        if draw.random() < self._hostility / 8 and len(said) > 1:
            del said[draw.randrange(1, len(said))]
        if draw.random() < 0.4:
            said.append("--json")
        return Line([each.replace("\0", "") for each in said], self._environment(), self._home_files())

    def _given(self, path: tuple[str, ...], parameters: list[Any]) -> Iterator[str]:
        for parameter in parameters:
            if parameter.name in _ALWAYS_GIVEN or not self._is_given(parameter):
                continue
            is_option = parameter.param_type_name == "option"
            if is_option and parameter.is_flag:
                yield parameter.opts[0]
                continue
            for _ in range(self._draw.randint(1, 3) if parameter.multiple_or_many else 1):
                yield from [parameter.opts[0]] if is_option else []
                yield self._value(path, parameter.name)

    def _is_given(self, parameter: Any) -> bool:
        is_many = bool(getattr(parameter, "multiple", False)) or parameter.nargs != 1
        parameter.multiple_or_many = is_many
        if parameter.name in ("field", "fields_json", "mapping", "on_behalf_of"):
            return self._draw.random() < 0.7
        return self._draw.random() < (0.97 if parameter.required or parameter.param_type_name == "argument" else 0.25)

    def _value(self, path: tuple[str, ...], name: str) -> str:
        draw = self._draw
        match name:
            case "field":
                is_personal = draw.random() < 0.7
                key, value = personal_field(draw) if is_personal else (words.word(draw, "kind"), words.hostile(draw))
                return f"{key}={value}"
            case "fields_json":
                if draw.random() < 0.5:
                    return draw.choice(words.JSON)
                return json.dumps(dict(personal_field(draw) for _ in range(3)), ensure_ascii=False)
            case "rejects":
                return draw.choice(("rejects.csv", "new/rejects.csv", "", "people.yaml", "calls.csv", "a" * 300, "."))
            case "files" if path[0] == "process":
                return str(files.write(self._folder / "template.yaml", files.templates(draw)))
            case "files" | "file" if path[0] == "import":
                mapping, table = files.logs(draw) if path[1] == "xes" else files.tables(draw)
                files.write(self._folder / "mapping.yaml", mapping)
                return str(files.write(self._folder / ("log.xes" if path[1] == "xes" else "calls.csv"), table))
            case "mapping":
                return "mapping.yaml" if draw.random() < 0.95 else words.hostile(draw)
            case "file":
                return str(files.write(self._folder / "ids.txt", "\n".join(words.word(draw, "ids") for _ in range(3))))
        return words.word(draw, name, self._hostility)

    def _environment(self) -> dict[str, str]:
        draw = self._draw
        if draw.random() > 0.08:
            return {}
        name = draw.choice([name for name in Settings.model_fields if name != "home"])
        value = draw.choice(_ADDRESSES[name]) if name in _ADDRESSES else words.word(draw, name)
        return {f"DEALFLOW_{name.upper()}": value.replace("\0", "")}

    def _home_files(self) -> dict[str, str]:
        draw = self._draw
        if draw.random() > 0.06:
            return {}
        good = {
            "people.yaml": files.PEOPLE % os_user(),
            "calendars.yaml": files.CALENDARS,
            "settings.toml": files.SETTINGS,
        }
        name = draw.choice(list(good))
        return {name: files.spoilt(draw, good[name])}


@contextmanager
def around(line: Line, home: Path) -> Iterator[None]:
    """The line's settings and files, for as long as it runs."""
    kept = {name: (home / name).read_bytes() if (home / name).exists() else None for name in line.home_files}
    before = dict(os.environ)
    try:
        os.environ |= line.environment
        for name, text in line.home_files.items():
            files.write(home / name, text)
        yield
    finally:
        os.environ.clear()
        os.environ |= before
        for name, content in kept.items():
            if content is None:
                (home / name).unlink()
            else:
                (home / name).write_bytes(content)
