"""Questions about what comes first, across sounds, speech and texts."""

from collections.abc import Iterator
from dataclasses import dataclass

from captioners import certainty
from captioners.check.bank.asking import Subject, shuffled
from captioners.check.bank.sounds import called
from captioners.check.question import Question, plain
from captioners.speech_lines import lines


@dataclass(frozen=True, slots=True)
class Thing:
    """The first appearance of something."""

    name: str  # "event:knock", "text:EXIT", "speech", "music"
    called: str
    start_us: int
    row: str


def things(it: Subject) -> list[Thing]:
    """What has a start, in order of time; each once."""
    found: dict[str, Thing] = {}

    def add(thing: Thing) -> None:
        known = found.get(thing.name)
        if known is None or thing.start_us < known.start_us:
            found[thing.name] = thing

    for row in it.sounds("event", "music"):
        if row.kind == "music":
            add(Thing("music", "the music", row.start_us, row.sound_id))
        elif row.label:
            add(Thing(f"event:{row.label}", f"the first {called(row.label)}", row.start_us, row.sound_id))
    for line in lines(it.evidence.sounds or ()):
        add(Thing("speech", "the speech", line.start_us, line.rows[0].sound_id))
    for text in it.evidence.texts or ():
        if certainty.legible(text) and it.sure(text.score) and text.text.strip():
            shown = " ".join(text.text.split())
            add(Thing(f"text:{plain(shown)}", f"the text “{shown}”", text.start_us, text.text_id))
    return sorted(found.values(), key=lambda thing: (thing.start_us, thing.name))


def order(it: Subject) -> Iterator[Question]:
    """Which of two neighbours in time comes first."""
    if it.clip.still:
        return
    row = things(it)
    for index, first in enumerate(row):
        later = (other for other in row[index + 1 :] if other.start_us - first.start_us >= it.rules.apart_s * 1e6)
        second = next(later, None)
        if second is None:
            continue
        names = shuffled(it.id, [first.name, second.name])
        options = tuple({first.name: first.called, second.name: second.called}[name] for name in names)
        yield it.ask("order", "order", "order", f"Which comes first: {options[0]} or {options[1]}?", first.called,
                     (first.row, second.row), about=names, options=options,
                     span=(first.start_us, second.start_us))  # fmt: skip
