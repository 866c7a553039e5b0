"""What was written in another form than programs write, and what it was read as, so that nobody has to guess."""

from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import Phrase, phrase


class ReadAs(Frozen):
    """`place` is a field or an option, `given` what was written there, `read` the plain form of what it was read as."""

    place: str
    given: str
    read: str

    @property
    def said(self) -> Phrase:
        """The sentence for whoever wrote it."""
        return phrase("{place}: {given} read as {read}", place=self.place, given=repr(self.given), read=self.read)
