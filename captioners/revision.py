"""A record with its claims put right, by a person or by a model that was asked again.

An edit names a claim by its number. What the structure can say stays in it: a moved event is still an event, and so is
one whose sentence differs from the new words in a single field. All other words become a `Statement`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from captioners.claims import Line, Place, lines, span_of
from captioners.record import Absence, Absences, Basis, Record, Span, Statement, Utterance
from captioners.restating import restated, retimed, said_alone
from schemas.caption import Facet

DENIES: Mapping[Facet, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("text", "other_text"),
        "speech": ("speech", "sound"),
        "event": ("events", "other_events", "sound"),
        "music": ("music", "sound"),
        "camera": ("camera_motion",),
        "action": ("movement",),
    }
)
"""Absences that cannot be when something is said of a facet."""
BESIDE = ("other_text", "other_events")
"""Absences of what is beside the rest: they hold all the same, if somebody says so who knows the rest."""
ABOUT: Mapping[str, Facet] = MappingProxyType(
    {
        "sound": "ambience",
        "speech": "speech",
        "music": "music",
        "events": "event",
        "other_events": "event",
        "text": "text",
        "other_text": "text",
        "camera_motion": "camera",
        "movement": "action",
    }
)
"""What it is that an absence says is not there."""
_NOTHING = re.compile(r"(?:there (?:is|are) )?(?:no|nothing|nobody|no one|none|neither)\b", re.IGNORECASE)
"""How a statement begins that says of something that it is not there."""
_DENIAL = re.compile(r"\b(?:no|not|none|nothing|nobody|never|without|neither|nor)\b|n't\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Keep:
    """The claim is right: it is in doubt no more."""

    claim: int


@dataclass(frozen=True, slots=True)
class Drop:
    """The claim goes."""

    claim: int


@dataclass(frozen=True, slots=True)
class Change:
    """The claim in other words (None: in its own), at the span of the basis, by who says so."""

    claim: int
    text: str | None
    basis: Basis
    facet: Facet | None = None  # None: that of the claim


@dataclass(frozen=True, slots=True)
class Add:
    """One more statement."""

    facet: Facet
    text: str
    basis: Basis


Edit = Keep | Drop | Change | Add


def revised(record: Record, edits: Sequence[Edit]) -> Record:
    """The record after these edits; the last one of a claim counts. ValidationError where it would hold too much.

    A word goes with its utterance, and where that is said in other words it stays only if it occurs in them. An absence
    goes where a new statement denies it, which one that says that nothing is there does not.
    """
    desk = _Desk(record, lines(record))
    for last in {edit.claim: edit for edit in edits if not isinstance(edit, Add)}.values():
        desk.lay(last)
    for edit in edits:
        if isinstance(edit, Add):
            desk.add(edit.facet, edit.text, edit.basis)
    return desk.record_made()


@dataclass(slots=True)
class _Desk:
    """A record that is worked on: what becomes of items (None: they go), and what is added."""

    record: Record
    lines: Sequence[Line]
    made: dict[Place, Any] = field(default_factory=dict)
    added: list[Statement] = field(default_factory=list)
    kept: set[Place] = field(default_factory=set)
    reworded: dict[Place, str] = field(default_factory=dict)  # utterances that became statements

    def lay(self, edit: Keep | Drop | Change) -> None:
        line = self.lines[edit.claim]
        if isinstance(edit, Keep):
            self.kept.add(line.place)
            self.made[line.place] = _based(self._item(line.place), line.basis.model_copy(update={"uncertain": False}))
        elif isinstance(edit, Drop):
            self.made[line.place] = None
        else:
            self._change(line, edit)

    def add(self, facet: Facet, text: str, basis: Basis) -> None:
        words = " ".join(text.split())
        self.added.append(Statement(facet=facet, text=words, basis=_spanned(basis, self.record)))

    def _change(self, line: Line, edit: Change) -> None:
        item, place = self._item(line.place), line.place
        basis = _spanned(edit.basis, self.record)
        moved = _based(item, basis.model_copy(update={"evidence": line.basis.evidence}))
        if edit.text is None:
            self.made[place] = moved
            return
        words = retimed(_sure(" ".join(edit.text.split()), basis), line.basis.span, basis.span, self.record)
        facet = edit.facet or line.facet
        held = restated(_based(item, basis), place, words, self.record) if facet == line.facet else None
        if isinstance(item, Statement):
            held = Statement(facet=facet, text=words, basis=basis)
        self.made[place] = held
        if held is None:
            if place[0] == "absences" and facet == "absence" and not _DENIAL.search(words):
                facet = ABOUT[str(place[1])]
            self.added.append(Statement(facet=facet, text=words, basis=basis))
            self.reworded[place] = words

    def _item(self, place: Place) -> Any:
        item: Any = self.record
        for step in place:
            item = item[step] if isinstance(step, int) else getattr(item, step)
        return item

    def record_made(self) -> Record:
        for index, utterance in enumerate(self.record.speech):
            self._utter(("speech", index), utterance)
        positive = (statement for statement in self.added if not _NOTHING.match(statement.text))
        denied = {name for statement in positive for name in DENIES.get(statement.facet, ())}
        fields = {name: self._made(name, value) for name, value in self.record}
        fields["remarks"] = (*fields["remarks"], *self.added)
        fields["absences"] = Absences(**dict(self._absences(denied)))
        return Record(**fields)

    def _made(self, name: str, value: Any) -> Any:
        if isinstance(value, tuple):
            items = (self.made.get((name, index), item) for index, item in enumerate(value))
            return tuple(item for item in items if item is not None)
        return self.made.get((name,), value)

    def _absences(self, denied: set[str]) -> Iterator[tuple[str, Absence | None]]:
        for name, absence in self.record.absences:
            place = ("absences", name)
            spared = name in BESIDE and place in self.kept
            yield (
                name,
                None if name in denied and absence and absence.absent and not spared else self.made.get(place, absence),
            )

    def _utter(self, place: Place, before: Utterance) -> None:
        """Settle the words of one utterance."""
        numbered = [((*place, "words", at), word) for at, word in enumerate(before.words)]
        words = [(self.made.get(where, word), where) for where, word in numbered]
        after = self.made.get(place, before)
        said = self.reworded.get(place, after and after.text)
        if place in self.reworded or (after is not None and after.text != before.text):
            words = [(word, where) for word, where in words if word is not None and _occurs(word.text, said or "")]
        if after is not None:
            self.made[place] = after.model_copy(update={"words": tuple(word for word, _ in words if word is not None)})
        elif place in self.reworded:
            for word, where in words:
                text = said_alone(word, where, self.record)
                self.added.append(Statement(facet="speech", text=text, basis=word.basis))


def _based(item: Any, basis: Basis) -> Any:
    """An item that rests on something else; the length of the clip is its basis itself."""
    return basis if isinstance(item, Basis) else item.model_copy(update={"basis": basis})


def _spanned(basis: Basis, record: Record) -> Basis:
    """Within the clip; what reaches from end to end of it holds for all the clip, and so does all of a still."""
    whole = span_of(Basis(evidence=(), origin=basis.origin), record)
    span = basis.span
    if span is not None and not record.still:
        start_us = min(max(span.start_us, whole.start_us), whole.end_us)
        span = Span(start_us=start_us, end_us=min(max(span.end_us, start_us), whole.end_us))
    return basis.model_copy(update={"span": None if record.still or span == whole else span})


def _sure(words: str, basis: Basis) -> str:
    """Words without the doubt of the machine, where whoever says them has none."""
    if basis.uncertain:
        return words
    for doubt in ("; these words are uncertain", " (uncertain)"):
        words = words.replace(doubt, "")
    return words.replace(" is possibly heard", " is heard")


def _occurs(word: str, text: str) -> bool:
    spoken = [" ".join(re.findall(r"\w+", part.casefold())) for part in (word, text)]
    return f" {spoken[0]} " in f" {spoken[1]} "
