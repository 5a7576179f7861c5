"""What is true of a clip of a film, as the rows that a check asks by."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from captioners.context import ContextRules
from captioners.evidence import Evidence
from curate.score.palette import NAMES, names
from schemas.clip import Clip, Score, Sound, Text
from schemas.media import Media
from schemas.truth import Camera, Film, Shot, Stretch, Thing

COVERED = 0.9
"""Share of a clip that one shot must cover, or nothing is said of its picture."""
SHOWN_US = 300_000
"""A text that is shown for less, at the edge of a clip, is not asked about."""
SHAPE = 0.7
"""Share of its box that a shape fills."""
_WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_KINDS = {
    "pan": ("pan left", "pan right"), "tilt": ("tilt up", "tilt down"), "zoom": ("zoom out", "zoom in"),
    "roll": ("roll counterclockwise", "roll clockwise"),
}  # fmt: skip


def truth_of(film: Film, clip: Clip, media: Media) -> Evidence:
    """The evidence that perfect measuring, listening and reading would give of the clip.

    Where the film does not say enough (loudness, the exact share of each colour) there is no row, so nothing is asked.
    """
    sounds = _numbered(tuple(_sounds(film, clip))) if film.samples is not None else ()
    texts = tuple(_texts(film, clip))
    return Evidence(clip, media, tuple(_scores(film, clip, sounds)), sounds, texts)


def kind_of(camera: Camera) -> tuple[str, float]:
    """A movement as captions name it, and its speed in px/s."""
    if camera.kind in ("static", "shake"):
        return camera.kind, camera.flow_px_s
    speeds = {
        "pan": camera.pan_x_px_s, "tilt": camera.pan_y_px_s, "zoom": camera.zoom_per_s, "roll": camera.roll_deg_s,
    }  # fmt: skip
    return _KINDS[camera.kind][speeds[camera.kind] > 0], camera.flow_px_s


def _scores(film: Film, clip: Clip, sounds: tuple[Sound, ...]) -> Iterator[Score]:
    for shot in film.shots:
        if _overlap(shot, clip) >= COVERED * (clip.end_us - clip.start_us) and shot.scene != "black":
            yield from _picture(film, clip, shot)
    for kind in ("frozen", "black"):
        shown_us = sum(_overlap(one, clip) for one in film.stretches if one.kind == kind)
        yield Score(clip.clip_id, f"{kind}_share", shown_us / (clip.end_us - clip.start_us), None)
    for metric, kind in (("silence_share", "silence"), ("speech_share", "speech")):
        heard_us = sum(one.end_us - one.start_us for one in sounds if one.kind == kind)
        yield Score(clip.clip_id, metric, heard_us / (clip.end_us - clip.start_us), None)


def _picture(film: Film, clip: Clip, shot: Shot) -> Iterator[Score]:
    held_us = sum(_overlap(one, clip) for one in film.stretches if one.kind != "black")
    kind, speed = kind_of(shot.camera)
    if not held_us or kind == "static":
        yield Score(clip.clip_id, "camera", speed, json.dumps({"kind": kind}))
    share = shot.crop_width * shot.crop_height / (film.width * film.height)
    yield Score(clip.clip_id, "brightness", shot.luma_mean * share, None)
    yield Score(clip.clip_id, "border_share", 1 - share, None)
    tones = _tones(shot)
    yield Score(clip.clip_id, "palette", max(tones.values(), default=0.0), json.dumps(
        [{"name": name, "share": round(part, 3), "rgb": [0, 0, 0]} for name, part in tones.items()]
    ))  # fmt: skip
    if kind == "static":  # a moving camera leaves its own traces in what is left of the flow
        yield Score(clip.clip_id, "local_motion", sum(map(_flow, shot.things)), None)
        yield from _drift(clip, shot)


def _drift(clip: Clip, shot: Shot) -> Iterator[Score]:
    """Where the things go, each by its part of the picture."""
    moving = [one for one in shot.things if one.direction != "still"]
    flow = sum(map(_flow, moving))
    if not flow:
        return
    x, y = (sum(_flow(one) * _WAYS[one.direction][axis] for one in moving) for axis in (0, 1))
    speed = sum(_flow(one) * one.speed_px_s for one in moving) / flow
    agreement = math.hypot(x, y) / flow
    detail = {"dx_px_s": x / flow * speed, "dy_px_s": y / flow * speed, "agreement": agreement, "share": 1.0}
    yield Score(clip.clip_id, "drift", speed, json.dumps(detail))


def _tones(shot: Shot) -> dict[str, float]:
    """The named colours, the widest first."""
    rgb = np.array([(one.red, one.green, one.blue) for one in shot.palette], np.float32)
    tones: dict[str, float] = {}
    for index, swatch in zip(names(rgb), shot.palette, strict=True):
        tones[NAMES[index]] = tones.get(NAMES[index], 0.0) + swatch.share
    return dict(sorted(tones.items(), key=lambda item: -item[1]))


def _flow(thing: Thing) -> float:
    """Its part in the mean flow of the picture."""
    return SHAPE * math.prod((thing.path[0].width, thing.path[0].height)) * thing.speed_px_s


def _overlap(one: Shot | Sound | Stretch | Text, clip: Clip) -> int:
    return max(0, min(one.end_us, clip.end_us) - max(one.start_us, clip.start_us))


def _sounds(film: Film, clip: Clip) -> Iterator[Sound]:
    """What is heard inside, cut at the edges; of a sentence, the words that are inside."""
    part_us = round(ContextRules().part_s * 1e6)
    inside = [one for one in film.sounds if _overlap(one, clip) >= part_us or _middle(one, clip)]
    words = [one for one in inside if one.kind == "word"]
    for one in inside:
        start_us, end_us = max(one.start_us, clip.start_us), min(one.end_us, clip.end_us)
        text = one.text
        if one.kind == "sentence" and (one.start_us < clip.start_us or one.end_us > clip.end_us):
            own = [word for word in words if one.start_us <= word.start_us < one.end_us]
            text = " ".join(word.text or "" for word in own)
            if not text:
                continue
        yield replace(one, clip_id=clip.clip_id, start_us=start_us, end_us=end_us, text=text)


def _numbered(sounds: tuple[Sound, ...]) -> tuple[Sound, ...]:
    """The sounds with their speakers told apart as one does who only hears: "1" speaks first."""
    spoken = sorted((one for one in sounds if one.speaker), key=lambda one: one.start_us)
    names = {name: str(n) for n, name in enumerate(dict.fromkeys(one.speaker for one in spoken), 1)}
    return tuple(replace(one, speaker=names.get(one.speaker)) for one in sounds)


def _middle(sound: Sound, clip: Clip) -> bool:
    return clip.start_us <= (sound.start_us + sound.end_us) / 2 < clip.end_us


def _texts(film: Film, clip: Clip) -> Iterator[Text]:
    for one in film.texts:
        if _overlap(one, clip) >= SHOWN_US:
            start_us, end_us = max(one.start_us, clip.start_us), min(one.end_us, clip.end_us)
            yield replace(one, clip_id=clip.clip_id, start_us=start_us, end_us=end_us)
