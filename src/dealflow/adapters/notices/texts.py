"""Notices as people read them: one, or a digest of many, from templates that operations may replace.

Who owns the deals of an escalation may not decide them, and has texts of their own (`escalation_owner`, `digest_owner`).
So has the escalation of a lost proof (`lost_escalation`).
A template `<name>.<language>.txt` begins with `Subject:`, then an empty line, then the body, with `$name` for a value.
A line whose values are all empty is left out. A file of the same name in the operators' folder replaces the shipped
one; one that cannot be used is reported by `problems()` and in the log, and never keeps a notice from going out.
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

from dealflow.adapters.notices.shipped import TEMPLATES, WORDS, shipped
from dealflow.domain.escalation.notice import (
    HandedOver,
    Message,
    Notice,
    NoticeSubject,
    OpenPoint,
    newest,
    oldest_first,
)
from dealflow.domain.escalation.proof_lost import PROOF_LOST, way_back
from dealflow.domain.values.language import LANGUAGES, in_language
from dealflow.domain.values.one_line import one_line
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.suggest import Suggestions, nearest
from dealflow.observability.logs import Log, emit
from dealflow.wording.catalogue import catalogue
from dealflow.wording.lengths import length
from dealflow.wording.terms import term

MAX_LINES = 50
MAX_SUBJECT = 160
MAX_TEMPLATE_BYTES = 64_000
_NOTICE = {
    *(
        "mark",
        "deal_id",
        "deal",
        "title",
        "owner",
        "stage",
        "clock",
        "limit",
        "due",
        "since",
        "provisional",
        "missing",
        "asked",
    ),
    *("escalation_id", "escalation", "decision", "decided_by", "reason", "next_due", "state"),
    *("why", "won", "until", "way_back"),
    *("previous", "given_by", "next", "stalls", "proofs", "waiting"),
    *("process", "proposed_by"),
}
_POINTS = {"next": ("clock", "step"), "stalls": ("stall",), "proofs": ("lost",), "waiting": ("evidence", "amount")}
_LOST = ("lost_escalation", "lost_escalation_owner")
_DIGEST = {"count", "stalled", "warnings", "decided", "lost", "list"}
_NOTICES = dict.fromkeys(
    ("warning", "escalation", "escalation_owner", "decided", "proof_lost", "reassigned", "published", *_LOST), _NOTICE
)
_ALLOWED = {**_NOTICES, **dict.fromkeys(("digest", "digest_owner"), _DIGEST)}
_WORD_VALUES = {"list.owner": {"owner", "count"}, "list.line": _NOTICE, "list.more": {"count"}}
_NAMES = re.compile(r"\$(?:\$|([_a-zA-Z]\w*)|\{([_a-zA-Z]\w*)\})", re.ASCII)


class NoticeTexts:
    """Renders notices; the operators' folder is read at every rendering, so that a change needs no restart."""

    def __init__(self, overrides: Path | None = None) -> None:
        self.overrides = overrides
        self._logged: dict[str, list[Phrase]] = {}

    def one(self, notice: Notice, *, language: str, zone: ZoneInfo, names: Mapping[str, str] | None = None) -> Message:
        """One notice; times in the reader's `zone`, people by `names` (id -> name) where known."""
        language = language if language in LANGUAGES else "en"
        values = self._values(notice, language, zone, names or {})
        return self._message(_template_of(notice), language, values, notice.created_at)

    def digest(
        self, notices: Sequence[Notice], *, language: str, zone: ZoneInfo, names: Mapping[str, str] | None = None
    ) -> Message:
        """Many notices as one text: counts on top, grouped by owner, oldest first; ValueError for none at all."""
        language = language if language in LANGUAGES else "en"
        kinds = [notice.kind for notice in notices]
        values = {
            "count": str(len(notices)),
            "stalled": str(kinds.count("escalation")),
            "warnings": str(kinds.count("warning")),
            "decided": str(kinds.count("decided")),
            "lost": str(kinds.count("proof_lost") or ""),
            "list": "\n".join(self._listed(notices, language, zone, names or {})),
        }
        name = "digest_owner" if all(map(_is_of_the_owner, notices)) else "digest"
        return self._message(name, language, values, newest(notices), len(notices))

    def problems(self) -> list[Phrase]:
        """Every fault of the operators' templates with its place; those files are not used."""
        if self.overrides is None or not self.overrides.is_dir():
            return []
        names = {f"{name}.{language}.txt" for name in (*TEMPLATES, "words") for language in LANGUAGES}
        found: list[Phrase] = []
        for path in sorted(self.overrides.iterdir()):
            if path.name.startswith(".") or path.name.endswith("~"):
                continue  # an editor's or a file manager's own
            if path.name not in names:
                near = nearest(path.name, names)
                found.append(
                    phrase("{file}: no notice is called so; did you mean '{near}'?", file=path, near=near)
                    if near
                    else phrase("{file}: no notice is called so", file=path)
                )
            else:
                found += _read(path)[1]
        return found

    def _override(self, name: str) -> str | None:
        """The operators' own text, where there is one that can be used."""
        if self.overrides is None or not (self.overrides / name).is_file():
            return None
        text, faults = _read(self.overrides / name)
        self._log_new(name, faults)
        return None if faults else text

    def _log_new(self, name: str, faults: list[Phrase]) -> None:
        # A thousand notices by the same broken text are one thing to know.
        if self._logged.get(name, []) != faults:
            self._logged[name] = faults
            for fault in faults:
                emit(Log.NOTICE_TEMPLATE_BROKEN, "warning", problem=fault, used="the shipped text")

    def _words(self, language: str) -> dict[str, str]:
        says = catalogue(language)
        own = _pairs(self._override(f"words.{language}.txt") or "")
        return {key: own.get(key, says.say(words)) for key, words in WORDS.items()}

    def _message(self, name: str, language: str, values: Mapping[str, str], at: datetime, count: int = 1) -> Message:
        text = self._override(f"{name}.{language}.txt") or shipped(name, catalogue(language), count)
        head, _, body = text.partition("\n")
        subject = one_line(_filled(head.removeprefix("Subject:"), values)).strip()
        lines = (_filled(line, values).rstrip() for line in body.strip("\n").split("\n") if _is_said(line, values))
        return Message(subject=subject[:MAX_SUBJECT], body="\n".join(lines).strip("\n") + "\n", at=at)

    def _listed(self, notices: Sequence[Notice], language: str, zone: ZoneInfo, names: Mapping[str, str]) -> list[str]:
        words = self._words(language)
        ordered = oldest_first(notices)
        first = {owner: place for place, owner in reversed(list(enumerate(n.subject.owner or "" for n in ordered)))}
        ordered.sort(key=lambda notice: first[notice.subject.owner or ""])
        lines: list[str] = []
        left = MAX_LINES
        for owner, group in groupby(ordered, key=lambda notice: notice.subject.owner or ""):
            members = list(group)
            if left <= 0:
                break
            head = {"owner": _person(owner, names, words), "count": str(len(members))}
            lines += ["", _filled(words["list.owner"], head)]
            for notice in members[:left]:
                text = _filled(words["list.line"], self._values(notice, language, zone, names, words))
                lines.append("  " + re.sub(r" {3,}", "  ", text).strip())
            left -= len(members)
        if len(notices) > MAX_LINES:
            lines += ["", _filled(words["list.more"], {"count": str(len(notices) - MAX_LINES)})]
        return lines[1:]

    def _values(
        self,
        notice: Notice,
        language: str,
        zone: ZoneInfo,
        names: Mapping[str, str],
        words: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        about, handed = notice.subject, notice.subject.handed_over or HandedOver()
        process = about.published
        words = words or self._words(language)
        missing = [one_line(in_language(node.title, language, node.id)) for node in about.missing]
        says = catalogue(language)
        return {
            "mark": words["mark.high_risk"] + " " if about.high_risk else "",
            "deal_id": one_line(notice.deal_id),
            "deal": shlex.quote(one_line(notice.deal_id)),
            "title": one_line(in_language(process.title, language, notice.title) if process else notice.title),
            "process": one_line(process.process) if process else "",
            "proposed_by": _person(process.proposed_by, names, words) if process and process.proposed_by else "",
            "owner": _person(about.owner, names, words),
            "stage": one_line(in_language(about.stage_title, language, about.stage)),
            "clock": words.get(f"clock.{about.clock}", about.clock),
            "limit": says.say(length(about.limit)),
            "due": _instant(about.due_at, zone),
            "since": _instant(about.since, zone),
            "provisional": words["provisional"] if about.provisional else "",
            "missing": says.listed(missing),
            "asked": says.listed([_person(person, names, words) for person in about.asked]),
            "escalation_id": one_line(about.escalation_id or ""),
            "escalation": shlex.quote(one_line(about.escalation_id)) if about.escalation_id else "",
            "decision": says.say(term("decision", about.decision or "")),
            "decided_by": _person(about.decided_by, names, words) if about.decided_by else "",
            "reason": one_line(about.decision_reason or handed.reason),
            "next_due": _instant(about.next_due_at, zone),
            "state": words[_state(notice)],
            "why": says.say(_why(about)),
            "won": words["proof_lost.after_win"] if about.after_win else "",
            "until": _instant(about.due_at, zone) if about.limit else "",
            "way_back": way_back(one_line(notice.deal_id), about.stage, in_progress=bool(about.limit)),
            "previous": _person(handed.previous, names, words),
            "given_by": _person(by, names, words) if (by := process.by if process else handed.by) else "",
            **{
                value: says.listed(
                    [_point(point, words, language, zone) for point in handed.points if point.what in of]
                )
                for value, of in _POINTS.items()
            },
        }


def _point(point: OpenPoint, words: Mapping[str, str], language: str, zone: ZoneInfo) -> str:
    node = in_language(point.node.title, language, point.node.id) if point.node else ""
    clock = words.get(f"clock.{point.clock}", point.clock)
    named = f"{clock} ({node})" if clock and node else clock or node or point.name or words["waiting.amount"]
    stall = f" ({point.name})" if point.what == "stall" else ""
    return one_line(f"{named} {_instant(point.at, zone)}".rstrip() + stall)


def _template_of(notice: Notice) -> str:
    if notice.kind != "escalation":
        return notice.kind
    whose = "escalation_owner" if _is_of_the_owner(notice) else "escalation"
    return f"lost_{whose}" if notice.subject.clock == PROOF_LOST else whose


def _state(notice: Notice) -> str:
    # Where no clock runs for a lost proof, the deal is closed.
    is_timeless = notice.kind == "proof_lost" and not notice.subject.limit
    return f"state.{notice.kind}_closed" if is_timeless else f"state.{notice.kind}"


def _is_of_the_owner(notice: Notice) -> bool:
    return notice.recipient == notice.subject.owner


def _person(person_id: str | None, names: Mapping[str, str], words: Mapping[str, str]) -> str:
    return one_line(names.get(person_id, person_id)) if person_id else words["owner.none"]


def _why(about: NoticeSubject) -> str:
    why = term("lost_why", about.lost_why or "")
    pieces = [
        phrase("{evidence} with {first} of deal {deal}", evidence=one.evidence, first=one.first, deal=one.deal)
        if one.first
        else phrase("{evidence} with a piece that you do not see", evidence=one.evidence)
        for one in about.counted_with
    ]
    return phrase("{why}: {pieces}", why=why, pieces=pieces) if pieces else why


def _instant(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(sep=" ", timespec="minutes") if at else ""


def _filled(line: str, values: Mapping[str, str]) -> str:
    return Template(line).safe_substitute(values)


def _is_said(line: str, values: Mapping[str, str]) -> bool:
    names = [match[1] or match[2] for match in _NAMES.finditer(line) if match[1] or match[2]]
    return not names or any(values.get(name) for name in names)


def _pairs(text: str) -> dict[str, str]:
    entries = (line.partition("=") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in entries}


def _read(path: Path) -> tuple[str, list[Phrase]]:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_TEMPLATE_BYTES + 1)
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        return "", [phrase("{file}: cannot be read as UTF-8 text: {problem}", file=path, problem=error)]
    if len(content) > MAX_TEMPLATE_BYTES:
        return "", [phrase("{file}: more than {most:,} bytes", file=path, most=MAX_TEMPLATE_BYTES)]
    kind = path.name.split(".")[0]
    if kind == "words":
        return text, _faults_of_words(path, text)
    suggestions = Suggestions()
    faults: list[Phrase] = []
    if not text.startswith("Subject:"):
        faults.append(_at(path, 1, phrase("the first line must begin with 'Subject:'")))
    for number, line in enumerate(text.split("\n"), start=1):
        faults += [_at(path, number, fault) for fault in _faults(line, _ALLOWED[kind], suggestions)]
    return text, faults


def _faults_of_words(path: Path, text: str) -> list[Phrase]:
    suggestions = Suggestions()
    faults: list[Phrase] = []
    for number, line in enumerate(text.split("\n"), start=1):
        key = line.partition("=")[0].strip()
        if not key or key.startswith("#"):
            continue
        if key not in WORDS:
            near = suggestions.nearest(key, WORDS)
            fault = (
                phrase("there is no wording '{given}'; did you mean '{near}'?", given=key[:60], near=near)
                if near
                else phrase("there is no wording '{given}'", given=key[:60])
            )
            faults.append(_at(path, number, fault))
        else:
            allowed = _WORD_VALUES.get(key, set())
            faults += [_at(path, number, fault) for fault in _faults(line, allowed, suggestions)]
    return faults


def _faults(line: str, allowed: set[str], suggestions: Suggestions) -> list[Phrase]:
    template = Template(line)
    if not template.is_valid():
        return [phrase("a '$' without a name; write $$ for a dollar sign")]
    faults: list[Phrase] = []
    for name in template.get_identifiers():
        if name not in allowed:
            near = suggestions.nearest(name, allowed)
            faults.append(
                phrase("there is no value '${name}'; did you mean '${near}'?", name=name, near=near)
                if near
                else phrase("there is no value '${name}'", name=name)
            )
    return faults


def _at(path: Path, line: int, fault: Phrase) -> Phrase:
    return phrase("{file}:{line}: {fault}", file=path, line=line, fault=fault)
