"""What two sources agree on is joined, what one of them adds is kept, and what cannot both be so is a conflict."""

from typing import Any

import pytest

from captioners.blended import blended
from captioners.record import (
    Absence,
    Absences,
    Action,
    Ambience,
    Basis,
    Camera,
    Event,
    Light,
    Music,
    Record,
    ScreenText,
    Setting,
    Span,
    Subject,
    Utterance,
)
from captioners.render import dense

END_US = 8_000_000


def measured(start_s: float | None = None, end_s: float = 8.0, row: str = "scores:camera") -> Basis:
    span = None if start_s is None else Span(start_us=round(start_s * 1e6), end_us=round(end_s * 1e6))
    return Basis(span=span, evidence=(row,), origin="measured")


def seen(start_s: float | None = None, end_s: float = 8.0, row: str | None = None, *, sure: bool = True) -> Basis:
    span = None if start_s is None else Span(start_us=round(start_s * 1e6), end_us=round(end_s * 1e6))
    evidence = ("frames",) if row is None else ("frames", row)
    return Basis(span=span, evidence=evidence, origin="vlm", uncertain=not sure)


def record(**items: Any) -> Record:
    return Record(start_us=0, end_us=END_US, still=False, **items)


def camera(move: str, basis: Basis, pace: str | None = None) -> Camera:
    return Camera.model_validate({"move": move, "pace": pace, "basis": basis})


STILL = Absences(camera_motion=Absence(absent=True, basis=measured()))


def test_what_only_one_can_know_is_taken_from_that_one() -> None:
    made = blended(
        record(lights=(Light(brightness="dark", basis=measured()),)),
        record(
            settings=(Setting(place="a kitchen", basis=seen()),),
            lights=(Light(source="a lamp", basis=seen()),),
            subjects=(Subject(name="a man", basis=seen()),),
        ),
    )
    assert [light.brightness or light.source for light in made.lights] == ["dark", "a lamp"]
    assert dense(made).startswith("The setting is a kitchen. There is a man.")
    assert made.conflicts == ()


@pytest.mark.parametrize(("said", "told"), [("pan left", "pan left"), ("truck left", "truck left")])
def test_a_move_that_both_tell_of_rests_on_both(said: str, told: str) -> None:
    made = blended(
        record(camera=(camera("pan left", measured(0, 3), "slow"),)), record(camera=(camera(said, seen(0, 4)),))
    )
    (move,) = made.camera
    assert (move.move, move.pace, move.basis.origin) == (told, "slow", "blend")
    assert move.basis.evidence == ("scores:camera", "frames")
    assert move.basis.span == Span(start_us=0, end_us=3_000_000)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (record(camera=(camera("pan left", measured()),)), camera("truck right", seen(1, 3))),
        (record(camera=(camera("zoom in", measured()),)), camera("dolly out", seen(1, 3))),
        (record(absences=STILL), camera("tilt up", seen(1, 3))),
    ],
)
def test_moves_that_cannot_both_be_are_a_conflict_and_prose_tells_what_was_measured(
    known: Record, said: Camera
) -> None:
    made = blended(known, record(camera=(said,)))
    assert made.camera == known.camera
    (conflict,) = made.conflicts
    assert conflict.facet == "camera" and "camera" in conflict.held and conflict.held in dense(made)
    assert conflict.disputed not in dense(made)
    assert conflict.basis.span == said.basis.span
    assert set(conflict.basis.evidence) == {"scores:camera", "frames"}


def test_what_a_model_is_unsure_of_is_no_conflict() -> None:
    made = blended(record(absences=STILL), record(camera=(camera("tilt up", seen(1, 3, sure=False)),)))
    assert made.camera == () and made.conflicts == ()


def test_moves_of_other_kinds_and_times_stand_side_by_side() -> None:
    made = blended(
        record(camera=(camera("pan left", measured(0, 3)),)),
        record(camera=(camera("zoom in", seen(0, 3)), camera("pan right", seen(4, 8)))),
    )
    assert [move.move for move in made.camera] == ["pan left", "zoom in", "pan right"]
    assert made.conflicts == ()


def test_a_text_keeps_its_measured_spelling_and_gets_its_meaning() -> None:
    made = blended(
        record(texts=(ScreenText(text="AUSGANG", place="top", basis=measured(1, 3, "m/c#text-0")),)),
        record(texts=(ScreenText(text="Ausgang", language="German", gloss="exit", basis=seen(1, 4)),)),
    )
    (text,) = made.texts
    assert (text.text, text.place, text.language, text.gloss) == ("AUSGANG", "top", "German", "exit")
    assert text.basis.span == Span(start_us=1_000_000, end_us=3_000_000) and text.basis.origin == "blend"


def test_a_text_that_is_told_of_but_read_otherwise_is_a_conflict() -> None:
    made = blended(
        record(texts=(ScreenText(text="EXIT", basis=measured(1, 3, "m/c#text-0")),)),
        record(texts=(ScreenText(text="ENTRANCE HALL", basis=seen(1, 3, "m/c#text-0")),)),
    )
    assert [text.text for text in made.texts] == ["EXIT"]
    assert [conflict.facet for conflict in made.conflicts] == ["text"]


def test_a_text_that_only_was_seen_is_uncertain_and_no_longer_denied() -> None:
    absent = Absences(text=Absence(absent=True, basis=measured(row="texts")), other_text=None)
    made = blended(record(absences=absent), record(texts=(ScreenText(text="EXIT", basis=seen(1, 3)),)))
    assert made.texts[0].basis.uncertain and made.absences.text is None
    assert "(uncertain)" in dense(made) and "no text" not in dense(made)
    assert made.conflicts[0].held == "There is no text on screen."


def test_a_sound_gets_the_thing_that_makes_it() -> None:
    knock = Event(label="knock", basis=measured(2.0, 2.1, "m/c#event-0"))
    made = blended(
        record(events=(knock,)),
        record(
            events=(
                Event(label="footstep", source="the man's shoe", on_screen=True, basis=seen(2, 2.2, "m/c#event-0")),
            )
        ),
    )
    (event,) = made.events
    assert (event.label, event.description) == ("knock", "footstep")
    assert (event.source, event.on_screen) == ("the man's shoe", True)
    assert event.basis.span == knock.basis.span


def test_each_sound_and_text_is_joined_with_its_own_and_no_other() -> None:
    knocks = tuple(Event(label="knock", basis=measured(at, at + 0.1, f"m/c#event-{at}")) for at in (1, 2, 3))
    told = tuple(
        Event(label="knock", source=f"thing {at}", basis=seen(at, at + 0.1, f"m/c#event-{at}")) for at in (1, 2, 3)
    )
    barks = Event(label="bark", source="a dog", basis=seen(5, 6))
    signs = tuple(ScreenText(text=text, basis=measured(0, 8, f"m/c#text-{text}")) for text in ("EXIT", "GATE"))
    read = tuple(ScreenText(text=text, gloss=text.lower(), basis=seen(0, 8)) for text in ("EXIT", "GATE", "TAXI"))
    made = blended(record(events=knocks, texts=signs), record(events=(*told, barks), texts=read))
    assert [event.source for event in made.events] == ["thing 1", "thing 2", "thing 3", "a dog"]
    assert [event.description for event in made.events] == [None] * 4
    assert [(text.text, text.gloss) for text in made.texts] == [("EXIT", "exit"), ("GATE", "gate"), ("TAXI", "taxi")]
    assert made.conflicts == ()


def test_a_sound_without_a_name_gets_one() -> None:
    made = blended(
        record(events=(Event(label="sound", basis=measured(2.0, 2.5, "m/c#event-0")),)),
        record(events=(Event(label="bark", source="the dog", basis=seen(2, 2.5, "m/c#event-0", sure=False)),)),
    )
    assert (made.events[0].label, made.events[0].basis.uncertain) == ("bark", True)


def test_a_voice_gets_its_speaker_and_its_words_stay() -> None:
    line = Utterance(text="Good morning everyone", speaker="Speaker A", basis=measured(1, 2, "m/c#sentence-0"))
    told = Utterance(text="Good night", speaker="The tall man", manner="softly", basis=seen(1, 2, "m/c#sentence-0"))
    made = blended(record(speech=(line,)), record(speech=(told,)))
    (said,) = made.speech
    assert (said.text, said.speaker, said.manner) == ("Good morning everyone", "The tall man", "softly")
    assert [conflict.facet for conflict in made.conflicts] == ["speech"]


def test_what_is_heard_where_nothing_sounds_is_a_conflict() -> None:
    silent = Absences(sound=Absence(absent=True, basis=measured()), speech=Absence(absent=True, basis=measured()))
    made = blended(
        record(absences=silent),
        record(events=(Event(label="bark", basis=seen(1, 2)),), speech=(Utterance(text="Hello", basis=seen(1, 2)),)),
    )
    assert made.events == () and made.speech == ()
    assert {conflict.held for conflict in made.conflicts} == {"There is no sound.", "There is no speech."}


def test_music_gets_its_instruments_and_the_place_its_sound() -> None:
    plays = Music(tempo_bpm=120.0, key="A minor", basis=measured(0, 6, "m/c#music-0"))
    loud = Ambience(volume="loud", loudness_lufs=-14.0, basis=measured(row="scores:loudness"))
    heard = record(
        music=(Music(description="piano and strings", basis=seen(1, 7)),),
        ambience=Ambience(description="a large hall", basis=seen()),
    )
    made = blended(record(music=(plays,), ambience=loud), heard)
    (music,) = made.music
    assert (music.tempo_bpm, music.description, music.basis.span) == (120.0, "piano and strings", plays.basis.span)
    assert made.ambience and (made.ambience.volume, made.ambience.description) == ("loud", "a large hall")
    none = Absences(music=Absence(absent=True, basis=measured()))
    assert blended(record(absences=none), heard).conflicts[0].held == "There is no music."


def test_things_that_go_somewhere_where_nothing_moves_are_a_conflict() -> None:
    still = Absences(movement=Absence(absent=True, basis=measured(row="scores:local_motion")))
    walks = Action(actor="a man", verb="walks", direction="to the left", basis=seen(1, 2))
    stands = Action(actor="a man", verb="stands", basis=seen())
    made = blended(record(absences=still), record(actions=(walks, stands)))
    assert made.actions == (stands,)
    assert made.conflicts[0].held == "Nothing moves in the picture."
