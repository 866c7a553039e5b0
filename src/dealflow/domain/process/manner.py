"""By what the texts of fields are read: currencies, the decimal mark, the zone, and the instant of the command."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dealflow.domain.values.written.digits import DecimalMark


@dataclass(frozen=True, slots=True)
class Manner:
    """`currency` is the template's. Without `now`, as in a file, nothing is told from today; without `zone`, every time
    needs its offset.
    """

    currency: str
    deal_currency: str | None = None
    mark: DecimalMark | None = None
    zone: ZoneInfo | None = None
    now: datetime | None = None

    @property
    def today(self) -> date | None:
        """The day in the zone."""
        return self.now.astimezone(self.zone).date() if self.now is not None and self.zone is not None else None
