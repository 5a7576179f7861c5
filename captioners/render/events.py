"""Sounds of one name told in one sentence; whether there is anything to tell of the sound as a whole."""

from captioners import statements as say
from captioners.phrase import article, count, listing, sentence, when
from captioners.record import Ambience, Event, Record

MOST = 40  # sounds or words in one sentence


def plural(noun: str) -> str:
    """The plural of a sound's name."""
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def grouped(events: tuple[Event, ...]) -> list[tuple[Event, ...]]:
    """Sounds of one name together, in order of the first of each; what has more to say of itself stays alone."""
    groups: dict[object, list[Event]] = {}
    for index, event in enumerate(events):
        alone = event.description or event.source or event.on_screen is not None or event.basis.uncertain
        groups.setdefault(index if alone else say.event_name(event), []).append(event)
    return [group[at : at + MOST] for group in map(tuple, groups.values()) for at in range(0, len(group), MOST)]


def told(events: tuple[Event, ...], record: Record) -> str:
    """ "Three knocks are heard: at 1.20 s, at 2.40 s and at 3.10 s."."""
    if len(events) == 1:
        return say.event(events[0], record)
    times = [when(event.basis.span, record).strip() for event in events]
    heard = f": {listing(times)}" if all(times) else ""
    return sentence(f"{count(len(events))} {plural(say.event_name(events[0]))} are heard{heard}")


def counted(events: tuple[Event, ...]) -> list[str]:
    """ "three knocks", "a 440 Hz tone": without times."""
    parts = []
    for group in grouped(events):
        name = say.event_name(group[0])
        parts.append(article(name) if len(group) == 1 else f"{count(len(group))} {plural(name)}")
    return parts


def told_of(ambience: Ambience) -> bool:
    """Whether it says anything."""
    return ambience.volume is not None or ambience.loudness_lufs is not None or ambience.description is not None
