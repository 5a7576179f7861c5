"""What is true of a script once it is filmed."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curate.film.camera import mean_flow_px
from curate.film.frames import lettering
from curate.film.pixels import Pixels, unpack
from curate.film.script import Script, Take, Title, box, pose
from curate.film.shapes import COLOURS
from curate.film.tones import RATE_HZ
from curate.film.track import Heard, Track
from schemas.clip import Clip, Sound, Text, clip_id
from schemas.truth import (
    Box,
    Camera,
    Direction,
    Duplicate,
    Film,
    Shot,
    Stretch,
    Swatch,
    Thing,
    TransitionTruth,
)

ENGINE = "film"
End = Literal["edge", "cut", "jump", "dissolve", "fade", "wipe"]
StretchKind = Literal["black", "frozen", "flash"]
Look = tuple[tuple[Swatch, ...], float]


def testify(script: Script, track: Track | None, media_id: str, looks: dict[int, Look]) -> Film:
    """looks: what `look` says of the middle frame of each take."""
    spec = script.spec
    shots = tuple(_shot(script, k, looks[k]) for k in range(len(script.takes)))
    whole = clip_id(media_id, 0, script.end_us)
    return Film(
        media_id=media_id,
        seed=spec.seed,
        width=spec.width,
        height=spec.height,
        rotation_deg=spec.rotation_deg,
        fps=spec.fps,
        vfr=spec.vfr,
        still=len(script.pts_us) == 1,
        frames=len(script.pts_us),
        end_us=script.end_us,
        sample_rate_hz=RATE_HZ if track else None,
        samples=len(track.wave) if track else None,
        pts_us=script.pts_us,
        hits_us=script.hits_us,
        shots=shots,
        transitions=tuple(_transitions(script)),
        stretches=tuple(sorted(_stretches(script), key=lambda s: s.first_frame)),
        duplicates=tuple(
            Duplicate(k, take.copy.of, take.copy.scale, take.copy.gain, take.copy.rate)
            for k, take in enumerate(script.takes)
            if take.copy
        ),
        clips=tuple(_clip(media_id, shot, len(script.pts_us) == 1) for shot in shots),
        sounds=heard(media_id, script.end_us, track) if track else (),
        texts=tuple(_text(script, whole, k, title) for k, title in enumerate(script.titles)),
    )


def heard(media_id: str, end_us: int, track: Track) -> tuple[Sound, ...]:
    """What is heard in a film of this length with this track."""
    whole = clip_id(media_id, 0, end_us)
    return tuple(_sound(whole, k, sound, track) for k, sound in enumerate(track.heard))


def middle(take: Take) -> int:
    """The frame whose look is described."""
    return (take.first_frame + take.end_frame) // 2


def look(take: Take, picture: Pixels) -> Look:
    """The five commonest colours and the mean luma inside the borders."""
    crop = take.crop
    rgb = unpack(picture)[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width, :3].reshape(-1, 3)
    return _palette(rgb), float((rgb @ np.array([0.299, 0.587, 0.114])).mean())


def _palette(rgb: NDArray[np.uint8]) -> tuple[Swatch, ...]:
    bins = (rgb >> 6).astype(np.int64) @ np.array([16, 4, 1])
    count = np.bincount(bins, minlength=64)
    swatches = []
    for best in np.argsort(-count, kind="stable")[:5]:
        if count[best]:
            red, green, blue = (round(float(c)) for c in rgb[bins == best].mean(0))
            swatches.append(Swatch(red, green, blue, round(float(count[best] / len(rgb)), 4)))
    return tuple(swatches)


def _shot(script: Script, k: int, seen: Look) -> Shot:
    take = script.takes[k]
    kinds: list[End] = ["edge", *(join.kind for join in script.joins), "edge"]
    return Shot(
        index=k,
        first_frame=take.first_frame,
        end_frame=take.end_frame,
        start_us=script.time_us(take.first_frame),
        end_us=script.time_us(take.end_frame),
        start_kind=kinds[k],
        end_kind=kinds[k + 1],
        scene=take.scene,
        camera=_camera(script, take),
        things=tuple(_things(script, take)),
        palette=seen[0],
        luma_mean=round(seen[1], 3),
        crop_x=take.crop.x,
        crop_y=take.crop.y,
        crop_width=take.crop.width,
        crop_height=take.crop.height,
    )


def _camera(script: Script, take: Take) -> Camera:
    move, copy = take.move, take.copy
    rate, scale = (copy.rate, copy.scale) if copy else (1.0, 1.0)
    return Camera(
        move.kind,
        move.pan_x_px_s * rate * scale,
        move.pan_y_px_s * rate * scale,
        move.zoom_per_s * rate,
        move.roll_deg_s * rate,
        move.shake_px * scale,
        _flow_px_s(script, take),
    )


def _flow_px_s(script: Script, take: Take) -> float:
    if take.move.kind == "static":
        return 0.0
    frozen = range(*take.frozen) if take.frozen else range(0)
    shown = [f for f in range(take.first_frame, take.end_frame) if f not in frozen]
    poses = [pose(take, script.clock_s(take, f), script.unit_px) for f in shown]
    way = sum(mean_flow_px(a, b, *script.spec.size) for a, b in pairwise(poses)) / script.unit_px
    rate = take.copy.rate if take.copy else 1.0
    lasted_s = (script.clock_s(take, shown[-1]) - script.clock_s(take, shown[0])) / rate
    return round(way / lasted_s, 4) if lasted_s else 0.0


def _key_frames(script: Script, take: Take) -> list[int]:
    step = max(1, round(script.spec.fps / 2))
    found = {*range(take.first_frame, take.end_frame, step), take.end_frame - 1}
    if take.frozen:
        found |= {take.frozen[0] - 1, take.frozen[1] - 1}
    return sorted(found)


def _things(script: Script, take: Take) -> Iterator[Thing]:
    width, height = script.spec.size
    for prop in take.props:
        path = []
        for frame in _key_frames(script, take):
            left, top, side = box(take, prop, script.clock_s(take, frame), script.spec.size)
            share = (left / width, top / height, side / width, side / height)
            path.append(Box(frame, script.pts_us[frame], *(round(s, 6) for s in share)))
        gain = take.copy.gain if take.copy else 1.0
        red, green, blue = (min(255, int(c * gain + 0.5)) for c in COLOURS[prop.colour])
        speed = math.hypot(prop.x_per_s, prop.y_per_s) / script.unit_px
        speed *= take.copy.rate * take.copy.scale if take.copy else 1.0
        yield Thing(
            prop.shape, prop.colour, red, green, blue, _direction(prop.x_per_s, prop.y_per_s), speed, tuple(path)
        )


def _direction(x: float, y: float) -> Direction:
    if x == 0 and y == 0:
        return "still"
    if abs(x) >= abs(y):
        return "right" if x > 0 else "left"
    return "down" if y > 0 else "up"


def _transitions(script: Script) -> Iterator[TransitionTruth]:
    for k, join in enumerate(script.joins):
        first, end = join.first_frame, join.end_frame
        yield TransitionTruth(k, join.kind, first, end, script.time_us(first), script.time_us(end))


def _stretches(script: Script) -> Iterator[Stretch]:
    for take in script.takes:
        if take.scene == "black":
            yield _stretch(script, "black", take.first_frame, take.end_frame)
        if take.frozen:
            yield _stretch(script, "frozen", *take.frozen)
    for join in script.joins:
        if join.kind == "fade" and join.hold:
            first = join.first_frame + (join.end_frame - join.first_frame - join.hold) // 2
            yield _stretch(script, "black", first, first + join.hold)
    for first, end in script.flashes:
        yield _stretch(script, "flash", first, end)


def _stretch(script: Script, kind: StretchKind, first: int, end: int) -> Stretch:
    return Stretch(kind, first, end, script.time_us(first), script.time_us(end))


def _clip(media_id: str, shot: Shot, still: bool) -> Clip:
    return Clip(
        clip_id(media_id, shot.start_us, shot.end_us),
        media_id,
        shot.start_us,
        shot.end_us,
        shot.end_frame - shot.first_frame,
        shot.start_kind,
        shot.end_kind,
        shot.index,
        still,
        shot.crop_x,
        shot.crop_y,
        shot.crop_width,
        shot.crop_height,
    )


def _us(sample: int) -> int:
    return round(sample * 1_000_000 / RATE_HZ)


def _sound(whole: str, k: int, sound: Heard, track: Track) -> Sound:
    power = float(np.mean(np.square(track.wave[sound.start : sound.end], dtype=np.float64)))
    return Sound(
        clip_id=whole,
        sound_id=f"{whole}#{sound.kind}-{k:03d}",
        kind=sound.kind,
        start_us=_us(sound.start),
        end_us=_us(sound.end),
        text=sound.text,
        label=sound.label,
        score=None,
        speaker=sound.speaker,
        language="en" if sound.text else None,
        loudness_db=round(10 * math.log10(power), 2) if power > 0 else None,
        pitch_hz=sound.pitch_hz,
        tempo_bpm=sound.tempo_bpm,
        key=sound.key,
        beats_us=tuple(_us(b) for b in sound.beats),
        engine=ENGINE,
    )


def _text(script: Script, whole: str, k: int, title: Title) -> Text:
    drawn = lettering(title.text, title.capital_px)
    high, wide = (n - 2 * drawn.margin for n in drawn.fill.shape)
    width, height = script.spec.size
    return Text(
        whole,
        f"{whole}#text-{k:03d}",
        script.time_us(title.first_frame),
        script.time_us(title.end_frame),
        title.text,
        title.left / width,
        title.top / height,
        wide / width,
        high / height,
        "en",
        1.0,
        ENGINE,
    )
