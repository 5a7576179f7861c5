"""Records of all kinds, as a model that sees and hears might write them, whose words are nobody else's."""

from typing import get_args

from hypothesis import strategies as st

from captioners.record import (
    Absence,
    Absences,
    Action,
    Ambience,
    Basis,
    Camera,
    Colour,
    Event,
    Hold,
    Light,
    Movement,
    Music,
    Overlay,
    Palette,
    Record,
    ScreenText,
    Setting,
    Shot,
    Sight,
    Silence,
    Span,
    Statement,
    Subject,
    Utterance,
    Word,
)
from schemas.caption import Facet

LENGTH_US = 10_000_000
MADE_UP = ("zorv", "klimp", "Brandel", "Quist", "mofet", "plarn", "x7 velk", "druun 42", "Ostrid", "ynt, gleb")
SAID = ("Wir gehen jetzt.", 'He said "no".', "<<S>S>kaput<E>", "Où est-ce ?", "42 balloons", "line\nbreak")

phrases = st.sampled_from(MADE_UP)
remarks = st.sampled_from([f"{one} {other}." for one in MADE_UP for other in MADE_UP[:3]])
maybe = st.none() | phrases


def _basis() -> st.SearchStrategy[Basis]:
    edges = st.tuples(st.integers(0, LENGTH_US), st.integers(0, LENGTH_US)).map(sorted)
    spans = edges.map(lambda pair: Span(start_us=pair[0], end_us=pair[1]))
    return st.builds(
        Basis, span=st.none() | spans, evidence=st.just(()), origin=st.just("vlm"), uncertain=st.booleans()
    )


def _some(one: st.SearchStrategy[object], most: int = 2) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(one, max_size=most).map(tuple)


basis = _basis()
share = st.sampled_from([0.004, 0.13, 0.5, 0.97])
colour = st.builds(Colour, name=st.sampled_from(["teal", "ochre", "mauve"]), share=st.none() | share)
words = st.builds(Word, text=phrases, basis=basis)
absence = st.none() | st.builds(Absence, absent=st.booleans(), basis=basis)

records = st.builds(
    Record,
    start_us=st.just(0),
    end_us=st.just(LENGTH_US),
    still=st.booleans(),
    duration=st.none() | basis,
    shots=_some(st.builds(Shot, framing=phrases, angle=maybe, lens=maybe, basis=basis)),
    settings=_some(st.builds(Setting, place=phrases, depth=maybe, style=maybe, medium=maybe, basis=basis)),
    subjects=_some(st.builds(Subject, name=phrases, count=st.none() | st.integers(1, 30), looks=maybe, basis=basis)),
    actions=_some(st.builds(Action, actor=phrases, verb=phrases, target=maybe, contact=maybe, basis=basis)),
    lights=_some(st.builds(Light, brightness=st.sampled_from(["dark", "bright"]), source=maybe, basis=basis)),
    palette=st.none() | st.builds(Palette, colours=st.lists(colour, min_size=1, max_size=4).map(tuple), basis=basis),
    camera=_some(st.builds(Camera, move=st.sampled_from(["pan left", "tilt up", "shake"]), basis=basis)),
    movement=st.none() | st.builds(Movement, amount=st.sampled_from(["little", "much"]), basis=basis),
    holds=_some(st.builds(Hold, kind=st.just("frozen"), share=share, basis=basis), 1),
    texts=_some(st.builds(ScreenText, text=st.sampled_from(SAID), basis=basis)),
    overlays=_some(st.builds(Overlay, description=phrases, share=st.none() | share, basis=basis), 2),
    speech=_some(
        st.builds(
            Utterance, text=st.none() | st.sampled_from(SAID), speaker=maybe, manner=maybe, gloss=maybe,
            words=_some(words, 2), basis=basis,
        )
    ),
    events=_some(
        st.builds(
            Event, label=st.sampled_from(["gong", "hiss"]), description=maybe, source=maybe,
            pitch_hz=st.none() | st.sampled_from([220.4, 997.3]), basis=basis,
        ),
        5,
    ),
    music=_some(
        st.builds(
            Music, tempo_bpm=st.none() | st.just(117.6), key=st.none() | st.just("G minor"), description=maybe,
            basis=basis,
        ),
        2,
    ),
    silences=_some(st.builds(Silence, basis=basis), 2),
    ambience=st.none()
    | st.builds(Ambience, volume=st.none() | st.just("loud"), loudness_lufs=st.none() | st.just(-12.25), basis=basis),
    first_frame=st.none() | st.builds(Sight, description=phrases, basis=basis),
    last_frame=st.none() | st.builds(Sight, description=phrases, basis=basis),
    absences=st.builds(Absences, **{name: absence for name in Absences.model_fields}),
    remarks=_some(st.builds(Statement, facet=st.sampled_from(get_args(Facet)), text=remarks, basis=basis), 4),
)  # fmt: skip
