"""From what a model answered, window by window, to one record on the clock of the media."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from captioners.record import (
    Action,
    Ambience,
    Basis,
    Camera,
    Colour,
    Event,
    Light,
    Music,
    Overlay,
    Palette,
    Record,
    ScreenText,
    Setting,
    Shot,
    Sight,
    Span,
    Subject,
    Utterance,
)
from captioners.seeing.answer import Answer, Timed
from captioners.seeing.window import Window
from schemas.clip import Clip

FRAMES = "frames"
"""Evidence of what was seen: the frames of the window, whose times stand in the row of `views`."""
SOUND = "sound"
"""Evidence of what was heard: the sound of the window."""
_WHOLE_US = 50_000  # what reaches so near to both ends of the clip holds for all of it


@dataclass(frozen=True, slots=True)
class Said:
    """The answer of one window, and the rows behind the names of the facts that it was told."""

    window: Window
    answer: Answer
    facts: Mapping[str, str]


def record(clip: Clip, said: Sequence[Said]) -> Record:
    """All that was said of a clip. What goes on over the edge of two windows is said by both, each for its own part."""
    return Record(
        start_us=clip.start_us,
        end_us=clip.end_us,
        still=clip.still,
        shots=_shots(clip, said),
        settings=_settings(clip, said),
        lights=_lights(clip, said),
        palette=_palette(said),
        subjects=_subjects(clip, said),
        actions=_actions(clip, said),
        camera=_camera(clip, said),
        texts=_texts(clip, said),
        overlays=tuple(
            Overlay(description=item.description, basis=basis) for item, basis in _each(clip, said, "overlays")
        ),
        speech=_speech(clip, said),
        events=_events(clip, said),
        music=_music(clip, said),
        ambience=_ambience(said),
        first_frame=_sight(said[0], said[0].answer.first_frame, first=True, clip=clip),
        last_frame=_sight(said[-1], said[-1].answer.last_frame, first=False, clip=clip),
    )


def _each(clip: Clip, said: Sequence[Said], name: str) -> Iterator[tuple[Any, Basis]]:
    """The items of one list of all windows, in order, with what they rest on."""
    for one in said:
        for item in getattr(one.answer, name):
            told = one.facts.get(getattr(item, "fact", None) or "")
            by = (FRAMES,) if one.window.at_us else (SOUND,)
            basis = Basis(
                span=_span(clip, one.window, item),
                evidence=by if told is None else (*by, told),
                origin="vlm" if one.window.at_us else "sound",
                uncertain=not item.sure,
            )
            yield item, basis


def _span(clip: Clip, window: Window, item: Timed) -> Span | None:
    if clip.still or item.start_s is None or item.end_s is None:
        return None
    start_us = min(max(clip.start_us + round(item.start_s * 1e6), window.start_us), window.end_us)
    end_us = min(max(clip.start_us + round(item.end_s * 1e6), start_us), window.end_us)
    if start_us - clip.start_us <= _WHOLE_US and clip.end_us - end_us <= _WHOLE_US:
        return None
    return Span(start_us=start_us, end_us=end_us)


def _some(item: Timed, *names: str) -> dict[str, Any]:
    """The named fields that say something."""
    return {name: value for name in names if (value := getattr(item, name)) is not None}


def _merged(make: Callable[..., Any], found: Iterator[tuple[dict[str, Any], Basis]]) -> tuple[Any, ...]:
    """Items that say something; the same said again of the next window is one item for both."""
    kept: list[tuple[dict[str, Any], Basis]] = []
    for fields, basis in found:
        if not fields:
            continue
        for index, (known, before) in enumerate(kept):
            if known == fields and (joined := _joined(before, basis)) is not None:
                kept[index] = (fields, joined)
                break
        else:
            kept.append((fields, basis))
    return tuple(make(**fields, basis=basis) for fields, basis in kept)


def _joined(one: Basis, other: Basis) -> Basis | None:
    """One basis for what ends where the other begins; None where there is time between them."""
    if one.span is None or other.span is None or other.span.start_us - one.span.end_us > _WHOLE_US:
        return None
    span = Span(start_us=one.span.start_us, end_us=max(one.span.end_us, other.span.end_us))
    return one.model_copy(update={"span": span, "uncertain": one.uncertain and other.uncertain})


def _shots(clip: Clip, said: Sequence[Said]) -> tuple[Shot, ...]:
    return _merged(Shot, ((_some(i, "framing", "angle", "lens"), b) for i, b in _each(clip, said, "shots")))


def _settings(clip: Clip, said: Sequence[Said]) -> tuple[Setting, ...]:
    names = ("place", "depth", "style", "medium")
    return _merged(Setting, ((_some(i, *names), b) for i, b in _each(clip, said, "settings")))


def _lights(clip: Clip, said: Sequence[Said]) -> tuple[Light, ...]:
    names = ("source", "direction", "temperature")
    return _merged(Light, ((_some(i, *names), b) for i, b in _each(clip, said, "lights")))


def _subjects(clip: Clip, said: Sequence[Said]) -> tuple[Subject, ...]:
    names = ("name", "count", "looks", "clothing", "position", "size", "facing")
    return _merged(Subject, ((_some(i, *names), b) for i, b in _each(clip, said, "subjects")))


def _actions(clip: Clip, said: Sequence[Said]) -> tuple[Action, ...]:
    names = ("actor", "verb", "target", "direction", "speed", "contact")
    return _merged(Action, ((_some(i, *names), b) for i, b in _each(clip, said, "actions")))


def _camera(clip: Clip, said: Sequence[Said]) -> tuple[Camera, ...]:
    return _merged(Camera, ((_some(i, "move", "pace"), b) for i, b in _each(clip, said, "camera")))


def _texts(clip: Clip, said: Sequence[Said]) -> tuple[ScreenText, ...]:
    names = ("text", "place", "language", "gloss")
    return _merged(ScreenText, ((_some(i, *names), b) for i, b in _each(clip, said, "texts")))


def _speech(clip: Clip, said: Sequence[Said]) -> tuple[Utterance, ...]:
    names = ("text", "speaker", "manner", "language", "gloss")
    return tuple(Utterance(**_some(item, *names), basis=basis) for item, basis in _each(clip, said, "speech"))


def _events(clip: Clip, said: Sequence[Said]) -> tuple[Event, ...]:
    names = ("source", "on_screen")
    return tuple(
        Event(label=item.label, **_some(item, *names), basis=basis) for item, basis in _each(clip, said, "sounds")
    )


def _music(clip: Clip, said: Sequence[Said]) -> tuple[Music, ...]:
    found = (("; ".join(_some(i, "instruments", "vocals", "style").values()), b) for i, b in _each(clip, said, "music"))
    return _merged(Music, (({"description": told} if told else {}, basis) for told, basis in found))


def _ambience(said: Sequence[Said]) -> Ambience | None:
    told = " ".join(dict.fromkeys(one.answer.ambience for one in said if one.answer.ambience))
    if not told:
        return None
    return Ambience(description=told, basis=Basis(evidence=(SOUND,), origin="sound"))


def _palette(said: Sequence[Said]) -> Palette | None:
    names = dict.fromkeys(name.lower() for one in said for name in one.answer.colours)
    if not names:
        return None
    colours = tuple(Colour(name=name) for name in list(names)[:12])
    return Palette(colours=colours, basis=Basis(evidence=(FRAMES,), origin="vlm"))


def _sight(said: Said, description: str | None, *, first: bool, clip: Clip) -> Sight | None:
    if description is None:
        return None
    at_us = said.window.at_us[0 if first else -1]
    span = None if clip.still else Span(start_us=at_us, end_us=at_us)
    return Sight(description=description, basis=Basis(span=span, evidence=(FRAMES,), origin="vlm"))
