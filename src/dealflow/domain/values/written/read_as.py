"""What was written in another form than programs write, and what it was read as, so that nobody has to guess."""

from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import Phrase, phrase


class ReadAs(Frozen):
    """`place` is a field or an option, `given` what was written there, `read` the plain form of what it was read as.

    `read` is empty where what was written is no value.
    """

    place: str
    given: str
    read: str

    @property
    def said(self) -> Phrase:
        """The sentence for whoever wrote it."""
        if not self.read:
            return phrase(
                "{place}: {given} is no value, so none is recorded", place=self.place, given=ascii(self.given)
            )
        return phrase("{place}: {given} read as {read}", place=self.place, given=repr(self.given), read=self.read)
