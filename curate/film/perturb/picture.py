"""Perturbations of the picture: mirrored, reversed, frozen, shuffled."""

from dataclasses import replace

import numpy as np

from curate.film.perturb.edit import Edit
from curate.film.tones import Wave
from schemas.clip import Sound
from schemas.truth import Box, Camera, Direction, Film, Shot, Stretch, Thing

_ASIDE: dict[Direction, Direction] = {"left": "right", "right": "left"}
_BACK: dict[Direction, Direction] = {**_ASIDE, "up": "down", "down": "up"}
_WORDS = ("word", "sentence")


def mirrored(film: Film, wave: Wave, seed: int) -> Edit:
    """Left and right change places. What is written is there, but nobody can read it."""
    shots = tuple(_mirrored(film, shot) for shot in film.shots)
    clips = tuple(replace(c, crop_x=film.width - c.crop_x - c.crop_width) for c in film.clips)
    return Edit(
        replace(film, shots=shots, clips=clips, texts=()),
        mirrored=True,
        lost=frozenset({"text"}),
        unknown=frozenset({"text"}),
    )


def _mirrored(film: Film, shot: Shot) -> Shot:
    camera = replace(shot.camera, pan_x_px_s=-shot.camera.pan_x_px_s, roll_deg_s=-shot.camera.roll_deg_s)
    things = tuple(
        replace(
            thing,
            direction=_ASIDE.get(thing.direction, thing.direction),
            path=tuple(replace(box, x=round(1 - box.x - box.width, 6)) for box in thing.path),
        )
        for thing in shot.things
    )
    return replace(shot, camera=camera, things=things, crop_x=film.width - shot.crop_x - shot.crop_width)


def backward(film: Film, wave: Wave, seed: int) -> Edit:
    """The last frame and the last sample come first.

    Nobody understands what is said; a blow that swells is no knock, and whether notes without a beginning are music is
    a matter of taste.
    """
    frames, end_us, count = film.frames, film.end_us, len(film.shots)
    ends = (*film.pts_us[1:], end_us)
    pts_us = tuple(end_us - end for end in reversed(ends))

    def frame(first: int) -> int:
        return frames - first

    def box(one: Box) -> Box:
        return replace(one, frame=frames - 1 - one.frame, pts_us=pts_us[frames - 1 - one.frame])

    def thing(one: Thing) -> Thing:
        path = tuple(box(each) for each in reversed(one.path))
        return replace(one, direction=_BACK.get(one.direction, one.direction), path=path)

    shots = tuple(
        replace(
            shot, index=count - 1 - shot.index, first_frame=frame(shot.end_frame), end_frame=frame(shot.first_frame),
            start_us=end_us - shot.end_us, end_us=end_us - shot.start_us, start_kind=shot.end_kind,
            end_kind=shot.start_kind, camera=_turned(shot.camera), things=tuple(map(thing, shot.things)),
        )
        for shot in reversed(film.shots)
    )  # fmt: skip
    joins = tuple(
        replace(
            join, index=count - 2 - join.index, first_frame=frame(join.end_frame), end_frame=frame(join.first_frame),
            start_us=end_us - join.end_us, end_us=end_us - join.start_us,
        )
        for join in reversed(film.transitions)
    )  # fmt: skip
    stretches = tuple(
        replace(
            one, first_frame=frame(one.end_frame), end_frame=frame(one.first_frame), start_us=end_us - one.end_us,
            end_us=end_us - one.start_us,
        )
        for one in reversed(film.stretches)
    )  # fmt: skip
    clips = tuple(
        replace(
            clip, start_us=end_us - clip.end_us, end_us=end_us - clip.start_us, shot=count - 1 - clip.shot,
            start_kind=clip.end_kind, end_kind=clip.start_kind,
        )
        for clip in reversed(film.clips)
    )  # fmt: skip
    copies = tuple(replace(one, shot=count - 1 - one.shot, of=count - 1 - one.of) for one in film.duplicates)
    texts = tuple(replace(t, start_us=end_us - t.end_us, end_us=end_us - t.start_us) for t in reversed(film.texts))
    sounds = tuple(_backward(one, end_us) for one in reversed(film.sounds) if one.kind not in _WORDS)
    truth = replace(
        film, pts_us=pts_us, shots=shots, transitions=joins, stretches=stretches, duplicates=copies, clips=clips,
        texts=texts, sounds=sounds,
    )  # fmt: skip
    order = np.arange(frames)[::-1]
    samples = None if film.samples is None else np.ascontiguousarray(wave[::-1])
    return Edit(
        truth,
        order,
        pts_us,
        wave=samples,
        lost=frozenset({"speech"}),
        unknown=frozenset({"knock", "music", "speech"}),
        backward=True,
    )


def _backward(sound: Sound, end_us: int) -> Sound:
    beats_us = tuple(end_us - beat for beat in reversed(sound.beats_us))
    return replace(sound, start_us=end_us - sound.end_us, end_us=end_us - sound.start_us, beats_us=beats_us)


def _turned(camera: Camera) -> Camera:
    return replace(
        camera, pan_x_px_s=-camera.pan_x_px_s, pan_y_px_s=-camera.pan_y_px_s, zoom_per_s=-camera.zoom_per_s,
        roll_deg_s=-camera.roll_deg_s,
    )  # fmt: skip


def frozen(film: Film, wave: Wave, seed: int) -> Edit:
    """One frame stands for the whole film: the middle of the longest shot in which the camera moves."""
    moving = [shot for shot in film.shots if shot.camera.kind not in ("static", "shake")] or list(film.shots)
    shot = max(moving, key=lambda one: one.end_frame - one.first_frame)
    at = (shot.first_frame + shot.end_frame) // 2
    pts_us = film.pts_us[at]
    things = tuple(replace(one, direction="still", speed_px_s=0.0, path=_near(one, at)) for one in shot.things)
    held = replace(
        shot, index=0, first_frame=0, end_frame=film.frames, start_us=0, end_us=film.end_us, start_kind="edge",
        end_kind="edge", camera=Camera("static", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), things=things,
    )  # fmt: skip
    clip = next(clip for clip in film.clips if clip.shot == shot.index)
    whole = replace(
        clip, start_us=0, end_us=film.end_us, frames=film.frames, start_kind="edge", end_kind="edge", shot=0
    )
    shown = (text for text in film.texts if text.start_us <= pts_us < text.end_us)
    truth = replace(
        film, shots=(held,), transitions=(), duplicates=(), clips=(whole,),
        stretches=(Stretch("frozen", 1, film.frames, film.pts_us[1], film.end_us),),
        texts=tuple(replace(text, start_us=0, end_us=film.end_us) for text in shown),
    )  # fmt: skip
    return Edit(truth, np.full(film.frames, at))


def _near(thing: Thing, frame: int) -> tuple[Box, ...]:
    return (min(thing.path, key=lambda box: abs(box.frame - frame)),)


def shuffled(film: Film, wave: Wave, seed: int) -> Edit:
    """The frames of each shot in another order: what moves has no direction any more."""
    rng, order = np.random.default_rng((seed, 11)), np.arange(film.frames)
    for shot in film.shots:
        order[shot.first_frame : shot.end_frame] = rng.permutation(order[shot.first_frame : shot.end_frame])
    return Edit(
        film,
        order,
        lost=frozenset({"camera"}),
        unknown=frozenset({"cut", "camera", "movement", "frozen", "text_time", "order"}),
    )
