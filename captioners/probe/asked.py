"""A caption of a film asked by what is true of the film."""

from dataclasses import dataclass, replace

from captioners.check.bank import Rules, questions
from captioners.check.examine import examine
from captioners.check.question import Question, right
from captioners.check.reader import ProseReader
from captioners.probe.truth import truth_of
from curate.film.perturb.edit import Fact
from schemas.caption import Caption
from schemas.clip import Clip
from schemas.media import Media
from schemas.truth import Film

RULES = Rules(time_s=0.2, word_time_s=0.2, text_time_s=0.7, colour_share=0.2, lead=0.15)
"""Tighter in time than those of `check`: a shift of 0.4 s must show. Wider in colour: a film knows five of them."""

_TEXTS = frozenset({"text", "text_time", "text_end", "text_place"})
LOST: dict[Fact, frozenset[str]] = {
    "camera": frozenset({"camera"}),
    "text": _TEXTS,
    "speech": frozenset({"transcript", "next_word", "word_time"}),
}
"""The topics of a fact that may not be answered as before."""
UNKNOWN: dict[Fact, frozenset[str]] = {
    "cut": frozenset({"duration"}),
    "movement": frozenset({"movement", "drift"}),
    "frozen": frozenset({"frozen"}),
    "camera": frozenset({"camera"}),
    "text": _TEXTS | {"any_text", "text_count", "order"},
    "text_time": frozenset({"text_time", "text_end"}),
    "order": frozenset({"order"}),
    "speech": frozenset({"order"}),
    "knock": frozenset({"any_event", "order"}),
    "music": frozenset({"any_music", "music_time", "tempo", "key", "any_event", "event_count", "order"}),
}
"""The topics that are not asked where a fact has no known truth."""


@dataclass(frozen=True)
class Told:
    """A caption, its clip, and the questions that the truth answers."""

    caption: Caption
    clip: Clip
    asked: tuple[Question, ...]
    answers: tuple[str | None, ...]
    false: tuple[str, ...]  # statements that the truth contradicts
    statements: int

    @property
    def span_us(self) -> tuple[int, int]:
        return self.clip.start_us, self.clip.end_us

    def answer(self, question: Question) -> str | None:
        """What the caption answers to a question that may be of another clip."""
        return ProseReader().answer(self.caption.dense, question)

    def right(self, question: Question) -> bool:
        """Whether it answers right."""
        answer = self.answer(question)
        return answer is not None and right(question, answer)


def told(film: Film, clip: Clip, media: Media, caption: Caption, unknown: frozenset[Fact] = frozenset()) -> Told:
    """Ask one caption; what is `unknown` of the film is not asked."""
    truth, reader = truth_of(film, clip, media), ProseReader()
    asked = tuple(one for one in questions(truth, RULES) if _asked(one, unknown))
    answers = tuple(reader.answer(caption.dense, one) for one in asked)
    palette = tuple(score for score in truth.scores if score.metric != "palette")  # too short to contradict by
    found = examine(caption, replace(truth, scores=palette), reader, RULES)
    judged = [(claim.text, finding) for claim, finding in found.claims] + list(found.strays)
    false = tuple(text for text, finding in judged if finding == "contradicted")
    return Told(caption, clip, asked, answers, false, len(judged))


def _asked(question: Question, unknown: frozenset[Fact]) -> bool:
    if any(question.topic in UNKNOWN[fact] for fact in unknown):
        return False
    if "knock" in unknown and "knock" in question.about:
        return False
    if "music" in unknown and question.topic == "event" and question.truth == "no":  # its notes may be taken for tones
        return False
    return question.topic != "colour" or question.truth == "yes"
