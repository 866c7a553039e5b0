"""Amounts and times that a person writes on the command line, each read by what it is for; what was read is kept to be told."""

from datetime import datetime
from zoneinfo import ZoneInfo

from dealflow.cli.output import note
from dealflow.domain.decide import checks
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.written.amount import is_plain_amount, read_amount
from dealflow.domain.values.written.day import Leaning, is_plain_day
from dealflow.domain.values.written.digits import DecimalMark
from dealflow.domain.values.written.instant import ReadInstant, is_plain_instant, read_instant
from dealflow.domain.values.written.read_as import ReadAs

INSTANT = phrase("an instant such as 2026-11-24T09:30:00+08:00 or 2026-11-24 09:30, or a date")


class Writing:
    """Reads for one command, in the user's zone at its instant; CommandRefused at the place of what cannot be read.

    `read_as` is what was written in another form than programs write.
    """

    def __init__(self, zone: ZoneInfo, now: datetime, mark: DecimalMark | None = None) -> None:
        self.zone, self.mark = zone, mark
        self.read_as: list[ReadAs] = []
        self._now = now

    def observed(self, written: str | None, place: str) -> datetime | None:
        """When something happened: it has come. A day alone is its first instant."""
        if written is None:
            return None
        at = self._instant(written, place, "past").at
        if at > self._now:
            raise refuse(Code.TIME_IN_FUTURE, place, given=at, now=self._now)
        return self._kept(written, place, at)

    def until(self, written: str, place: str) -> datetime:
        """By when something is to be: a day alone is its last instant."""
        return self._kept(written, place, self._instant(written, place, "future", ends=True).at)

    def as_of(self, written: str | None, place: str) -> datetime | None:
        """A past that is asked about: a day alone is its last instant, today is now."""
        if written is None:
            return None
        at, begins_day = self._instant(written, place, "past", ends=True)
        is_today = begins_day is not None and begins_day <= self._now < at
        return self._kept(written, place, self._now if is_today else at)

    def money(self, written: str, template: str, deal: str | None = None, place: str = "amount") -> Money:
        """An amount of nought or more, in the currency of the deal or of its template where none is named."""
        right = phrase("an amount such as {example}", example=f"50,000 {template}")
        text = checks.line(written, place)
        try:
            amount = read_amount(text, template, deal, mark=self.mark)
        except ValueError as error:
            raise refuse(Code.FIELD_INVALID, place, wrong=phrase_of(error), right=right) from error
        if amount.minor < 0:
            wrong = phrase("{amount} is less than nothing", amount=str(amount))
            raise refuse(Code.FIELD_INVALID, place, wrong=wrong, right=right)
        # A number alone is in the template's currency, and who has a deal in another may not think of that.
        is_of_another = deal not in (None, amount.currency) and not text.upper().endswith(amount.currency)
        if is_of_another or not is_plain_amount(text, self.mark):
            self.read_as.append(ReadAs(place=place, given=text, read=str(amount)))
        return amount

    def tell(self) -> None:
        """Say what was read as what, for a command without an answer that says it."""
        for read in self.read_as:
            note(read.said)

    def _instant(self, written: str, place: str, leaning: Leaning, *, ends: bool = False) -> ReadInstant:
        try:
            return read_instant(checks.line(written, place), self.zone, self._now, leaning=leaning, ends=ends)
        except ValueError as error:
            raise refuse(Code.FIELD_INVALID, place, wrong=phrase_of(error), right=INSTANT) from error

    def _kept(self, written: str, place: str, at: datetime) -> datetime:
        """The instant, kept to be told where it was not written as programs write it."""
        text = written.strip()
        if not is_plain_day(text) and not is_plain_instant(text):
            shown = at.astimezone(self.zone).isoformat(timespec="seconds")
            self.read_as.append(ReadAs(place=place, given=text, read=shown))
        return at
