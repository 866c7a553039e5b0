"""Runs generated command lines in one home, and finds what no command line may come to."""

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from dealflow.cli.main import run
from dealflow.cli.user import os_user
from tests.support.generated import files
from tests.support.generated.lines import Line, Lines, around
from tests.support.generated.personal import SECRETS, TEMPLATE, told
from tests.support.paths import PROCESS_DEFS

_CODES = {0, 1, 2, 3}
_FAULTS = ("Traceback (most recent", "this should not have happened", '"unexpected"', "不应发生")
_PATIENCE_SECONDS = 20.0
# Readings of a deal or a customer show their personal values to whoever may see them.
_SHOWS = {("deal", "show"), ("deal", "history"), ("deal", "next"), ("customer", "show"), ("customer", "history")}
# It shows what the files hold that its user names, and nothing else; a failure shows nothing of them.
_LOOKS = ("import", "look")
_FIRST = (
    "process publish standard-sale.yaml", "process publish hearsay.yaml",
    "deal open One --process standard-sale --owner anna --id d1 --amount 5000",
    "deal open Two --process standard-sale --id d2",
    "deal open Three --process hearsay --owner anna --id h1 --customer-id k1 --on-behalf-of anna",
    "deal open Four --process hearsay --owner anna --id h2 --on-behalf-of anna",
    "evidence record h1 call --id e1 --field phone=+4977123456789 --on-behalf-of anna",
    "customer add k2 --wecom qzsecret-w1", "step plan d1 call --by 2099-01-01 --id s1 --on-behalf-of anna",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """A line, and what it came to that it may not."""

    line: Line
    why: str
    said: str


class Judged:
    """One home, prepared; lines are run in it one after the other, in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.home.mkdir(parents=True)
        self.codes: dict[int, int] = {}
        files.write(self.home / "people.yaml", files.PEOPLE % os_user())
        files.write(folder / "hearsay.yaml", TEMPLATE)
        files.write(folder / "standard-sale.yaml", (PROCESS_DEFS / "standard-sale.yaml").read_text("utf-8"))
        with self._here():
            for words in _FIRST:
                code, said = self.run(Line(words.split()))
                assert code == 0, (words, said)

    def findings(self, seed: int, count: int) -> Iterator[Finding]:
        """Run so many lines, drawn with the seed; what is wrong with them, and last with what they left behind."""
        lines = Lines(seed, self.folder)
        with self._here():
            for _ in range(count):
                yield from self.judge(lines.line())
        for file in self.home.rglob("*"):
            if file.is_file() and (secrets := self._in_the_clear(file)):
                yield Finding(Line([]), f"{file.relative_to(self.home)} holds {secrets}", "")

    def judge(self, line: Line) -> Iterator[Finding]:
        """What is wrong with what this line comes to."""
        begun = time.monotonic()
        code, said = self.run(line)
        self.codes[code] = self.codes.get(code, 0) + 1
        if code not in _CODES:
            yield Finding(line, f"exit code {code}", said)
        for fault in _FAULTS:
            if fault in said:
                yield Finding(line, fault, said)
        if tuple(line.words[:2]) not in _SHOWS and (secrets := self._told(line, code, said)):
            yield Finding(line, f"told {secrets}", said)
        if not said.strip() and code:
            yield Finding(line, "nothing said", said)
        if time.monotonic() - begun > _PATIENCE_SECONDS:
            yield Finding(line, "slow", said)

    def _told(self, line: Line, code: int, said: str) -> list[str]:
        secrets = told(said)
        if tuple(line.words[:2]) != _LOOKS or code:
            return secrets
        given = b"".join(file.read_bytes() for word in line.words[2:] if self._is_given(file := Path(word))).lower()
        return [secret for secret in secrets if secret.encode() not in given]

    def _is_given(self, file: Path) -> bool:
        return file.is_file() and self.home not in file.absolute().parents

    def run(self, line: Line) -> tuple[int, str]:
        """The exit code, and all that was written to both outputs."""
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace")
        with around(line, self.home), redirect_stdout(out), redirect_stderr(err):
            try:
                code = run([*line.words, "--home", str(self.home)])
            except BaseException as error:  # noqa: BLE001  this is what is looked for
                code, said = -1, f"{type(error).__name__}: {error}"
                sys.stderr.write(said)
            sys.stdout.flush()
            sys.stderr.flush()
        return code, b"".join(each.buffer.getvalue() for each in (out, err)).decode("utf-8", "replace")

    def _in_the_clear(self, file: Path) -> list[str]:
        # Rejected rows are the source's own, kept for whoever sent them.
        if "rejects" in file.parts:
            return []
        content = file.read_bytes().lower()
        return [secret for secret in SECRETS if len(secret) > 6 and secret.encode() in content]

    @contextmanager
    def _here(self) -> Iterator[None]:
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            yield
        finally:
            os.chdir(before)
