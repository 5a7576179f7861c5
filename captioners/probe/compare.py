"""What the captions of a copy say, beside what those of the film say."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from captioners.check.question import Question, Topic, right
from captioners.probe.asked import LOST, Told
from curate.film.perturb.edit import Edit

SAME_SPAN = 0.9
"""Intersection over union from which a clip of the copy is the clip of the film."""
NOTICED = 0.5
"""Share of what is true now and was not before (0..1) from which a captioner has noticed."""
KEPT = 0.8
"""Share of what is as true as before (0..1) that it must go on saying."""


HEARD = frozenset({"speech", "event", "music", "loudness"})
"""Axes of the sound."""
STARTS: Mapping[str, Topic] = MappingProxyType(
    {"event": "event_time", "text": "text_time", "music": "music_time", "speech": "speech_time"}
)
"""The topic that asks when a thing of an order begins."""


@dataclass(frozen=True, slots=True)
class AxisScore:
    """How the captions of a film did on one axis; `wrong` answers are false statements."""

    axis: str
    asked: int
    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Change:
    """One axis of one copy: what turned, and what stayed."""

    axis: str
    turned: int  # questions whose true answer is another than it was, of the kinds that the captions answer at all
    noticed: int  # of them, those that the captions of the copy answer right
    untold: int  # such questions of kinds that the captions of the film never answer right
    stayed: int  # questions with the same answer, which the captions of the film answered right
    kept: int  # of them, those that are still answered right

    @property
    def missed(self) -> bool:
        """Whether the captions did not change as the truth did."""
        return self.turned > 0 and self.noticed < NOTICED * self.turned

    @property
    def strayed(self) -> bool:
        """Whether they changed where the truth did not."""
        return self.kept < KEPT * self.stayed


def scores(captions: Sequence[Told]) -> list[AxisScore]:
    """How the captions did, axis by axis."""
    found: dict[str, list[int]] = {}
    for one in captions:
        for question, answer in zip(one.asked, one.answers, strict=True):
            tally = found.setdefault(question.axis, [0, 0, 0])
            tally[0] += 1
            if answer is not None:
                tally[1 if right(question, answer) else 2] += 1
    return [AxisScore(axis, *tally) for axis, tally in found.items()]


def changes(film: Sequence[Told], copy: Sequence[Told], edit: Edit) -> list[Change]:
    """What turned and what stayed on each axis, and how often the captions followed."""
    tells = {one.topic for told in film for one in told.asked if told.right(one)}
    tallies: dict[str, Counter[str]] = {}
    for question, turned, right_now in (
        *_paired(film, copy, edit),
        *_alone(film, copy, edit),
        *_gone(film, copy, edit),
    ):
        tally = tallies.setdefault(question.axis, Counter())
        if not _told_of(question, tells):
            tally["untold"] += turned
        else:
            tally["turned" if turned else "stayed"] += 1
            tally["noticed" if turned else "kept"] += right_now
    names = ("turned", "noticed", "untold", "stayed", "kept")
    return [Change(axis, *(tally[name] for name in names)) for axis, tally in tallies.items()]


def _told_of(question: Question, tells: set[Topic]) -> bool:
    """Whether the captions of the film tell of such things; of an order, of both things in time."""
    if question.topic != "order":
        return question.topic in tells
    return question.topic in tells and all(STARTS[name.partition(":")[0]] in tells for name in question.about)


Followed = Iterator[tuple[Question, bool, bool]]
"""A question, whether its true answer turned, and whether the captions of the copy answer it right."""


def _paired(film: Sequence[Told], copy: Sequence[Told], edit: Edit) -> Followed:
    """Questions about a clip that film and copy share; what the film's caption answered wrong has nothing to keep."""
    for before, after in pairs(film, copy, edit):
        known = {(one.topic, one.about): one for one in before.asked}
        for question in after.asked:
            twin = known.get((question.topic, question.about))
            turned = twin is None or not right(question, twin.truth)
            if turned or (twin is not None and before.right(twin)):
                yield question, turned, after.right(question)


def _alone(film: Sequence[Told], copy: Sequence[Told], edit: Edit) -> Followed:
    """Questions about a clip that only the copy has: its picture is new where the picture was changed."""
    shared = {after.clip.clip_id for _, after in pairs(film, copy, edit)}
    for after in copy:
        if after.clip.clip_id not in shared:
            for question in after.asked:
                heard = question.axis in HEARD
                turned = edit.wave is not None if heard else edit.order is not None or edit.mirrored
                yield question, turned, after.right(question)


def _gone(film: Sequence[Told], copy: Sequence[Told], edit: Edit) -> Followed:
    """What the captions of the film said rightly and those of the copy may not say."""
    topics = frozenset[str]().union(*(LOST.get(fact, frozenset()) for fact in edit.lost))
    for before in film:
        others = [one for one in copy if _within(one, _mapped(before, edit))]
        for question in before.asked:
            if question.topic in topics and question.truth not in ("no", "static") and before.right(question):
                yield question, True, not any(one.right(question) for one in others)


def pairs(film: Sequence[Told], copy: Sequence[Told], edit: Edit) -> Iterator[tuple[Told, Told]]:
    """Clips of the film and of the copy that show the same."""
    for before in film:
        span_us = _mapped(before, edit)
        for after in copy:
            if _overlap(span_us, after.span_us) >= SAME_SPAN * _union(span_us, after.span_us):
                yield before, after


def _mapped(told: Told, edit: Edit) -> tuple[int, int]:
    """Where the copy shows a clip of the film."""
    start_us, end_us = told.span_us
    return (edit.truth.end_us - end_us, edit.truth.end_us - start_us) if edit.backward else (start_us, end_us)


def _within(told: Told, span_us: tuple[int, int]) -> bool:
    start_us, end_us = told.span_us
    return _overlap(told.span_us, span_us) >= (end_us - start_us) / 2


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _union(a: tuple[int, int], b: tuple[int, int]) -> int:
    return max(a[1], b[1]) - min(a[0], b[0])
