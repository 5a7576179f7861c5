"""The embedded captioner: it says what was measured, and nothing else."""

from captioners.evidence import Evidence
from captioners.measured import picture, sound
from captioners.record import Absences, Basis, Record


def record_of(evidence: Evidence, sure: float, colours: int) -> Record:
    """The record of one clip, of at most so many colours. What scores below `sure` (0..1) is marked uncertain."""
    clip = evidence.clip
    heard = not clip.still
    return Record(
        start_us=clip.start_us,
        end_us=clip.end_us,
        still=clip.still,
        duration=None if clip.still else Basis(evidence=("clips",), origin="measured"),
        actions=picture.drift(evidence),
        lights=picture.lights(evidence),
        palette=picture.palette(evidence, colours),
        camera=picture.camera(evidence),
        movement=picture.movement(evidence),
        holds=picture.holds(evidence),
        texts=picture.texts(evidence, sure),
        overlays=picture.overlays(evidence),
        speech=sound.speech(evidence, sure) if heard else (),
        events=sound.events(evidence, sure) if heard else (),
        music=sound.music(evidence, sure) if heard else (),
        silences=sound.silences(evidence) if heard else (),
        ambience=sound.ambience(evidence) if heard else None,
        absences=_absences(evidence),
    )


def _absences(evidence: Evidence) -> Absences:
    text = picture.no_text(evidence)
    if evidence.clip.still:
        return Absences(text=text, other_text=picture.no_other_text(evidence))
    return Absences(
        sound=sound.no_sound(evidence),
        speech=sound.no_speech(evidence),
        music=sound.none_of(evidence, "music"),
        events=sound.none_of(evidence, "event"),
        other_events=sound.no_other_event(evidence),
        text=text,
        other_text=picture.no_other_text(evidence),
        camera_motion=picture.camera_still(evidence),
        movement=picture.nothing_moves(evidence),
    )
