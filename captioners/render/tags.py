"""Tags: the record's names and kinds, no sentences."""

from collections.abc import Iterator, Sequence

from captioners.record import Record
from captioners.render.draft import Draft, Piece

NO_SOUND = "no sound"


def _all(record: Record) -> Iterator[str]:
    yield "image" if record.still else "video"
    yield from (subject.name for subject in record.subjects)
    yield from (" ".join(filter(None, (action.verb, action.direction))) for action in record.actions)
    yield from (setting.place for setting in record.settings if setting.place)
    bright = next((light.brightness for light in record.lights if light.brightness), None)
    if bright:
        yield {"medium": "medium brightness"}.get(bright, bright)
    if record.palette:
        yield from (colour.name for colour in record.palette.colours[:3])
    yield from (hold.kind for hold in record.holds)
    yield from (camera.move for camera in record.camera)
    if record.absences.camera_motion and record.absences.camera_motion.absent:
        yield "static camera"
    if record.texts:
        yield "text on screen"
    if record.speech:
        yield "speech"
    yield from (event.label for event in record.events)
    yield from _music(record)
    if record.ambience and record.ambience.volume:
        yield f"{record.ambience.volume} sound"
    if record.absences.sound and record.absences.sound.absent:
        yield NO_SOUND


def _music(record: Record) -> Iterator[str]:
    for music in record.music:
        yield "music"
        if music.tempo_bpm is not None:
            yield f"{music.tempo_bpm:.0f} bpm"
        if music.key:
            yield music.key


def tags(record: Record) -> tuple[str, ...]:
    """Each tag once, in the order of the record."""
    return tuple(dict.fromkeys(_all(record)))


def draft(record: Record, absent: bool | None = None) -> Draft:
    """Each tag once; those of absence may be left out."""
    kept = (tag for tag in tags(record) if absent is not False or tag != NO_SOUND)
    return Draft(tuple(Piece("summary", tag) for tag in kept), _commas)


def _commas(pieces: Sequence[Piece]) -> str:
    return ", ".join(piece.text for piece in pieces)


def tag_line(record: Record) -> str:
    """The tags in one line."""
    return draft(record).text
