"""Draws a script, frame by frame."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from curate.film import camera
from curate.film.ball import draw_ball
from curate.film.lettering import Lettering, letter, write
from curate.film.pixels import BLACK, Pixels, brighten, mix, pack, weight
from curate.film.script import Join, Script, Take, Title, Wipe, box, pose
from curate.film.shapes import draw_shape
from curate.film.world import tile

_WHITE = np.uint32(0xFFFFFFFF)


def frames(script: Script) -> Iterator[Pixels]:
    """Every frame as displayed, [height, width]; a frame may be the array of the one before."""
    painters = (_Painter(script, take) for take in script.takes)
    painter = next(painters)
    for k, take in enumerate(script.takes):
        for frame in range(take.first_frame, take.end_frame):
            yield _overlaid(script, painter.paint(frame), frame)
        if k < len(script.joins):
            join, old, painter = script.joins[k], painter, next(painters)
            for frame in range(join.first_frame, join.end_frame):
                yield _joined(join, old, painter, frame)


@dataclass
class _Painter:
    """One take: its tile is made once, and its background once where the camera stands."""

    script: Script
    take: Take
    _tile: Pixels | None = None
    _ground: tuple[camera.Pose, Pixels] | None = None
    _last: tuple[float, Pixels] | None = None

    def paint(self, frame: int) -> Pixels:
        """The whole take at a frame: background, things, borders."""
        script, take = self.script, self.take
        clock_s = script.clock_s(take, frame)
        if self._last is not None and self._last[0] == clock_s:
            return self._last[1]
        picture = self._background(clock_s)
        for prop in take.props:
            draw_shape(picture, prop.shape, prop.colour, box(take, prop, clock_s, script.spec.size))
        if take.copy:
            picture = brighten(picture, take.copy.gain)
        crop = take.crop
        picture[: crop.y] = BLACK
        picture[crop.y + crop.height :] = BLACK
        picture[:, : crop.x] = BLACK
        picture[:, crop.x + crop.width :] = BLACK
        self._last = (clock_s, picture)
        return picture

    def _background(self, clock_s: float) -> Pixels:
        width, height = self.script.spec.size
        if self.take.scene == "black":
            return np.full((height, width), BLACK, np.uint32)
        where = pose(self.take, clock_s, self.script.unit_px)
        if self._ground is None or self._ground[0] != where:
            if self._tile is None:
                self._tile = _tile(self.take, max(width, height))
            middle = (self._tile.shape[0] - 1) / 2
            looked = replace(where, x=where.x + middle, y=where.y + middle)
            self._ground = (where, camera.view(self._tile, looked, width, height))
        return self._ground[1].copy()


def _tile(take: Take, longest: int) -> Pixels:
    side = 64
    while side < longest:
        side *= 2
    return tile(take.scene, side, take.hue, take.value, take.seed)


def _joined(join: Join, old: _Painter, new: _Painter, frame: int) -> Pixels:
    step, length = frame - join.first_frame, join.end_frame - join.first_frame
    if join.kind == "dissolve":
        return mix(old.paint(frame), new.paint(frame), weight((step + 1) / (length + 1)))
    if join.kind == "wipe":
        shares = wiped(join.wipe, (step + 1) / (length + 1), *old.script.spec.size)
        return mix(old.paint(frame), new.paint(frame), shares)
    ramp = (length - join.hold) // 2
    if step < ramp:
        return mix(old.paint(frame), BLACK, weight((step + 1) / (ramp + 1)))
    if step < ramp + join.hold:
        return np.full((old.script.spec.height, old.script.spec.width), BLACK, np.uint32)
    return mix(new.paint(frame), BLACK, weight((length - step) / (ramp + 1)))


def wiped(wipe: Wipe, share: float, width: int, height: int) -> NDArray[np.uint32]:
    """[1, width] or [height, 1], as a weight of `mix`: how much of the new shot stands there."""
    across = wipe.towards in ("left", "right")
    count = width if across else height
    way = (np.arange(count) + 0.5) / count
    if wipe.towards in ("left", "up"):
        way = way[::-1]
    soft = max(wipe.soft, 1 / count)
    shares = np.clip((share * (1 + soft) - way) / soft, 0, 1)
    weights = np.round(256 * shares).astype(np.uint32)
    return weights[None] if across else weights[:, None]


def _overlaid(script: Script, picture: Pixels, frame: int) -> Pixels:
    shown = [title for title in script.titles if title.first_frame <= frame < title.end_frame]
    flashed = any(first <= frame < end for first, end in script.flashes)
    if shown or script.hits_us:
        picture = picture.copy()
    for title in shown:
        _inscribe(picture, title)
    if script.hits_us:
        draw_ball(picture, script.hits_us, script.pts_us[frame])
    return mix(picture, _WHITE, weight(0.92)) if flashed else picture


@lru_cache(64)
def lettering(text: str, capital_px: float) -> Lettering:
    """Drawn once for all frames that show it."""
    return letter(text, capital_px)


def _inscribe(picture: Pixels, title: Title) -> None:
    drawn = lettering(title.text, title.capital_px)
    ink = _colour(title.colour)
    if title.plate is None:
        write(picture, drawn, title.left, title.top, ink, BLACK)
        return
    high, wide = drawn.fill.shape
    x, y = title.left - drawn.margin, title.top - drawn.margin
    picture[y : y + high, x : x + wide] = _colour(title.plate)
    write(picture, drawn, title.left, title.top, ink, _colour(title.plate))


def _colour(rgb: tuple[int, int, int]) -> np.uint32:
    return np.uint32(pack(np.array(rgb, np.uint8))[()])
