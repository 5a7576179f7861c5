"""What becomes of one statement that is held against the evidence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from captioners.check.bank.asking import Subject
from captioners.check.reader.lexicon import unknown
from captioners.check.reader.said import Reading, Said, Time
from captioners.evidence import Evidence

Finding = Literal["supported", "contradicted", "unverifiable"]


@dataclass(frozen=True, slots=True)
class Court:
    """The clip, and all that the caption says: what "no other" is held against."""

    it: Subject
    prose: Reading

    def starts(self, time: Time, start_us: int, slack_s: float) -> bool:
        """Whether a said time is that of something that starts at `start_us`."""
        return abs(self.it.seconds(start_us) - time.start_s) <= slack_s

    def covers(self, time: Time, start_us: int, end_us: int, slack_s: float) -> bool:
        """Whether a said time fits a span: an instant lies in it, a stretch has its start and its end."""
        start_s, end_s = self.it.seconds(start_us), self.it.seconds(end_us)
        if time.end_s is None:
            return start_s - slack_s <= time.start_s <= end_s + slack_s
        return abs(time.start_s - start_s) <= slack_s and abs(time.end_s - end_s) <= slack_s

    @property
    def names(self) -> frozenset[str]:
        """Sounds by the names that only their listener has."""
        return names(self.it.evidence)


def names(evidence: Evidence) -> frozenset[str]:
    """Sounds of a clip by names that a reader would not know."""
    return unknown(row.label for row in evidence.sounds or () if row.kind == "event" and row.label)


Judge = Callable[[Court, Said], Finding]


def agrees(yes: bool) -> Finding:
    """Supported or contradicted."""
    return "supported" if yes else "contradicted"
