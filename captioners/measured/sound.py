"""The sound half of the measured record."""

from collections.abc import Sequence

from captioners import certainty, degrees
from captioners.evidence import Evidence
from captioners.readings import has_sound, row_id, value
from captioners.record import Absence, Ambience, Basis, Dynamics, Event, Music, Silence, Span, Utterance, Word
from captioners.speech_lines import Line, lines, speaker_name
from schemas.clip import MusicPart, Sound

NO_SPEECH_SHARE = 0.05
STEP_DB = 6.0  # between a quiet and a loud part of one passage


def span(row: Sound | Line) -> Span:
    """The span of a row, as the record has it."""
    return Span(start_us=row.start_us, end_us=row.end_us)


def _unsure(row: Sound, sure: float) -> bool:
    return row.score is not None and row.score < sure


def _of(evidence: Evidence, kind: str) -> list[Sound]:
    rows = (row for row in evidence.sounds or () if row.kind == kind)
    return sorted(rows, key=lambda row: (row.start_us, row.end_us, row.sound_id))


def _word(row: Sound, sure: float) -> Word:
    basis = Basis(span=span(row), evidence=(row.sound_id,), origin="measured", uncertain=_unsure(row, sure))
    return Word(text=row.text or "", basis=basis)


def _utterance(line: Line, sure: float) -> Utterance:
    own = line.sentence or line.stretch
    rows = (own,) if own else line.words[:64]
    doubtful = [word for word in line.words if _unsure(word, sure)]
    uncertain = (own is not None and _unsure(own, sure)) or 2 * len(doubtful) > max(len(line.words), 1)
    untold = line.sentence is not None and line.text is None  # the words are in doubt, not that somebody speaks
    ids = tuple(row.sound_id for row in rows)
    return Utterance(
        text=line.text,
        speaker=speaker_name(line.speaker) if line.speaker else None,
        language=own.language if own else None,
        words=tuple(_word(word, sure) for word in line.words) if line.text else (),
        basis=Basis(span=span(line), evidence=ids, origin="measured", uncertain=uncertain and not untold),
    )


def speech(evidence: Evidence, sure: float) -> tuple[Utterance, ...]:
    """What is said, in order of time."""
    return tuple(_utterance(line, sure) for line in lines(evidence.sounds or ()))


def events(evidence: Evidence, sure: float) -> tuple[Event, ...]:
    """Sounds that are neither speech nor music; one without a label says nothing."""
    return tuple(
        Event(
            label=row.label,
            pitch_hz=row.pitch_hz,
            basis=Basis(span=span(row), evidence=(row.sound_id,), origin="measured", uncertain=_unsure(row, sure)),
        )
        for row in _of(evidence, "event")
        if row.label
    )


def dynamics(parts: Sequence[MusicPart]) -> Dynamics | None:
    """How the loudness of a passage changes; None where it does not much, or more than once."""
    if len(parts) == 1 and parts[0].trend != "even":
        return parts[0].trend
    levels = [part.loudness_db for part in parts if part.loudness_db is not None]
    if len(levels) != 2 or len(parts) != 2 or abs(levels[1] - levels[0]) < STEP_DB:
        return None
    return "quiet then loud" if levels[1] > levels[0] else "loud then quiet"


def music(evidence: Evidence, sure: float) -> tuple[Music, ...]:
    """Passages of music with what is known of tempo, key, metre and loudness."""
    return tuple(
        Music(
            tempo_bpm=row.tempo_bpm,
            key=row.key,
            metre=row.metre,
            dynamics=dynamics(row.parts),
            basis=Basis(span=span(row), evidence=(row.sound_id,), origin="measured", uncertain=_unsure(row, sure)),
        )
        for row in _of(evidence, "music")
    )


def silences(evidence: Evidence) -> tuple[Silence, ...]:
    """Stretches of silence; none where all the clip is silent, which is an absence."""
    if not has_sound(evidence):
        return ()
    return tuple(
        Silence(basis=Basis(span=span(row), evidence=(row.sound_id,), origin="measured"))
        for row in _of(evidence, "silence")
    )


def ambience(evidence: Evidence) -> Ambience | None:
    """The loudness of the clip."""
    lufs = value(evidence, "loudness")
    if lufs is None or not has_sound(evidence):
        return None
    basis = Basis(evidence=(row_id("loudness"),), origin="measured")
    return Ambience(volume=degrees.volume(lufs), loudness_lufs=round(lufs, 1), basis=basis)


def no_sound(evidence: Evidence) -> Absence | None:
    """Whether there is no sound: no track, or silence all through."""
    if evidence.media.audio is None:
        return Absence(absent=True, basis=Basis(evidence=("media",), origin="measured"))
    if value(evidence, "silence_share") is None:
        return None
    basis = Basis(evidence=(row_id("silence_share"),), origin="measured")
    return Absence(absent=not has_sound(evidence), basis=basis)


def no_speech(evidence: Evidence) -> Absence | None:
    """Whether nobody speaks: nothing was heard, and the voice detector, where it ran, agrees."""
    if evidence.sounds is None or not has_sound(evidence):
        return None
    share = value(evidence, "speech_share")
    heard = bool(lines(evidence.sounds))
    if not heard and share is not None and share >= NO_SPEECH_SHARE:
        return None
    ids = ("sounds",) if share is None else ("sounds", row_id("speech_share"))
    return Absence(absent=not heard, basis=Basis(evidence=ids, origin="measured"))


def none_of(evidence: Evidence, kind: str) -> Absence | None:
    """Whether no sound of a kind was found by those who listened; None where it may be in what has no name."""
    if evidence.sounds is None or not has_sound(evidence):
        return None
    absent = not any(row.kind == kind for row in evidence.sounds)
    if absent and not certainty.all_named(evidence):
        return None
    return Absence(absent=absent, basis=Basis(evidence=("sounds",), origin="measured"))


def no_other_event(evidence: Evidence) -> Absence | None:
    """Where sound events were found, and nothing beside them."""
    none = none_of(evidence, "event")
    if none is None or none.absent or not certainty.all_named(evidence):
        return None
    return Absence(absent=True, basis=none.basis)
