"""What is known of one clip: the input of a captioner, and of the check."""

from dataclasses import dataclass

from curate.media.file import ClipFile, LocalFile
from schemas.caption import Caption, Review, Verdict
from schemas.clip import Clip, Score, Sound, Text
from schemas.media import Media
from schemas.question import QuizQuestion
from schemas.testimony import Testimony
from schemas.view import View


@dataclass(frozen=True, slots=True)
class Evidence:
    """One clip and every row that was measured, heard and read in it.

    `sounds` or `texts` is None where nobody listened or read: an empty tuple says that there was nothing.
    """

    clip: Clip
    media: Media
    scores: tuple[Score, ...]
    sounds: tuple[Sound, ...] | None
    texts: tuple[Text, ...] | None
    view: View | None = None  # what a model that sees says; None where none was asked
    hearing: View | None = None  # the same of one that only hears; None also where there is no sound

    @property
    def id(self) -> str:
        return self.clip.clip_id


@dataclass(frozen=True, slots=True)
class SeenEvidence:
    """The evidence of a clip and the bytes of its media: the input of `see` and `hear`."""

    evidence: Evidence
    file: LocalFile

    @property
    def id(self) -> str:
        return self.evidence.id

    @property
    def media(self) -> Media:
        return self.evidence.media

    @property
    def clip_file(self) -> ClipFile:
        return ClipFile(self.evidence.clip, self.evidence.media, self.file)


@dataclass(frozen=True, slots=True)
class SeenCaption:
    """A caption, the evidence of its clip and the bytes of its media: the input of `witness`."""

    caption: Caption
    evidence: Evidence
    file: LocalFile

    @property
    def id(self) -> str:
        return self.caption.caption_id

    @property
    def media(self) -> Media:
        return self.evidence.media

    @property
    def clip_file(self) -> ClipFile:
        return ClipFile(self.evidence.clip, self.evidence.media, self.file)


@dataclass(frozen=True, slots=True)
class CaptionedEvidence:
    """A caption and the evidence of its clip, with what one who sees asks and says of it: the input of `check`."""

    caption: Caption
    evidence: Evidence
    questions: tuple[QuizQuestion, ...] = ()
    testimony: Testimony | None = None  # None where nobody who sees was asked

    @property
    def id(self) -> str:
        return self.caption.caption_id


@dataclass(frozen=True, slots=True)
class FlawedCaption:
    """A caption, what the check says of it, the evidence of its clip and the bytes: the input of `repair`.

    `file` is None where the caption is not flagged: nothing of it is looked at again.
    """

    caption: Caption
    verdict: Verdict
    evidence: Evidence
    file: LocalFile | None

    @property
    def id(self) -> str:
        return self.caption.caption_id

    @property
    def media(self) -> Media:
        return self.evidence.media


@dataclass(frozen=True, slots=True)
class ReviewedCaption:
    """What people decided about a caption, and that caption: the input of `revise`; None where it is gone."""

    review: Review
    caption: Caption | None

    @property
    def id(self) -> str:
        return self.review.review_id
