"""Backgrounds: square tiles that repeat without a seam, with detail that an optical flow can hold on to."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from curate.film.pixels import Pixels, pack

Plane = NDArray[np.float32]
Palette = NDArray[np.float32]  # [5, 3]: from the darkest to the lightest, 0..1
Painter = Callable[[int, Palette, np.random.Generator], Plane]


def tile(scene: str, side: int, hue: float, value: float, seed: int) -> Pixels:
    """[side + 1, side + 1], the last row and column equal to the first; `side` is a power of two.

    hue, 0..1, is that of the palette; value, 0..1, its brightness.
    """
    rng = tile_rng(seed)
    picture = SCENES[scene](side, palette(hue, value, rng), rng)
    picture *= (1 + 0.6 * (noise(side, 0.8, rng, 0.16) - 0.5))[..., None]
    return np.pad(pack((np.clip(picture, 0.04, 1) * 255).astype(np.uint8)), ((0, 1), (0, 1)), "wrap")


def tile_rng(seed: int) -> np.random.Generator:
    """The numbers of one tile; its palette comes first."""
    return np.random.default_rng((seed, 77))


def palette(hue: float, value: float, rng: np.random.Generator) -> Palette:
    """Five colours of neighbouring hues and one opposite, from dark to light."""
    hues = (hue + np.array([0.03, -0.04, 0.5, 0.07, 0.02]) + rng.uniform(-0.02, 0.02, 5)) % 1
    saturation = np.array([0.75, 0.7, 0.55, 0.6, 0.35])
    values = np.clip(value * np.array([0.35, 0.65, 0.85, 1.1, 1.35]), 0, 1)
    wheel = np.clip(np.abs((hues[:, None] * 6 + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
    return np.asarray(values[:, None] * (1 - saturation[:, None] * (1 - wheel)), np.float32)


def noise(side: int, slope: float, rng: np.random.Generator, finest: float = 0.3) -> Plane:
    """Seamless noise 0..1 whose amplitude falls with frequency to the power of `slope`; `finest` in cycles a texel."""
    spectrum = np.fft.rfft2(rng.standard_normal((side, side), np.float32))
    square = np.fft.fftfreq(side)[:, None] ** 2 + np.fft.rfftfreq(side)[None, :] ** 2
    square[0, 0] = 1
    gain = square ** (-slope / 2) * np.exp(-square / finest**2)
    gain[0, 0] = 0
    wave = np.fft.irfft2(spectrum * gain.astype(np.float32), (side, side)).astype(np.float32)
    return np.asarray(np.clip(0.5 + wave / (5 * wave.std()), 0, 1), np.float32)


def ridge(side: int, slope: float, rng: np.random.Generator) -> Plane:
    """A seamless outline 0..1, one height a column."""
    spectrum = np.fft.rfft(rng.standard_normal(side))
    frequency = np.arange(len(spectrum), dtype=float)
    frequency[0] = 1
    spectrum *= frequency**-slope * np.exp(-((frequency / (side / 6)) ** 2))
    spectrum[0] = 0
    wave = np.fft.irfft(spectrum, side)
    return np.asarray(np.clip(0.5 + wave / (5 * wave.std()), 0, 1), np.float32)


def shade(level: Plane, colours: Palette) -> Plane:
    """Map 0..1 onto the palette, in straight lines between its colours."""
    table = np.linspace(0, 1, len(colours))
    fine = np.stack([np.interp(np.linspace(0, 1, 256), table, colours[:, c]) for c in range(3)], 1)
    return np.asarray(fine.astype(np.float32)[(np.clip(level, 0, 1) * 255).astype(np.uint8)])


def _hills(side: int, colours: Palette, rng: np.random.Generator) -> Plane:
    rows = np.arange(side, dtype=np.float32)[:, None] / side
    picture = shade(np.broadcast_to(0.55 + 0.45 * rows * 2, (side, side)), colours)
    down, across = np.mgrid[0:side, 0:side].astype(np.float32) / side
    sun = np.hypot(across - rng.uniform(0.35, 0.65), down - rng.uniform(0.32, 0.42))
    picture[sun < 0.05] = colours[4] * 0.4 + 0.6
    for step in range(4):
        crest = 0.43 + 0.08 * step + (0.16 - 0.02 * step) * (ridge(side, 1.3, rng) - 0.5)
        picture[rows > crest[None, :]] = colours[3 - step] * (0.95 - 0.05 * step)
    return picture


def _clouds(side: int, colours: Palette, rng: np.random.Generator) -> Plane:
    return shade(noise(side, 1.5, rng), colours)


def _city(side: int, colours: Palette, rng: np.random.Generator) -> Plane:
    rows = np.arange(side, dtype=np.float32)[:, None] / side
    picture = shade(np.broadcast_to(0.45 + 0.5 * rows, (side, side)), colours)
    unit = side // 64
    for depth in range(3):
        at = 0
        while at < side:
            wide = int(rng.integers(3, 8)) * unit
            top = int(side * (0.30 + 0.11 * depth + rng.uniform(0, 0.16)))
            wall = colours[(2 - depth) % 3] * rng.uniform(0.6, 1.0)
            picture[top:, at : at + wide] = wall
            lit = np.kron(rng.random(((side - top) // unit + 1, wide // unit)) < 0.35, np.ones((unit, unit), bool))
            lit &= (np.arange(lit.shape[0]) % unit > unit // 3)[:, None] & (np.arange(wide) % unit > unit // 3)[None, :]
            part = picture[top:, at : at + wide]
            part[lit[: part.shape[0], : part.shape[1]]] = colours[4]
            at += wide
    return picture


def _bricks(side: int, colours: Palette, rng: np.random.Generator) -> Plane:
    tall, wide = side // 32, side // 16
    down, across = np.mgrid[0:side, 0:side]
    row = down // tall
    shifted = (across + (row % 2) * (wide // 2)) % side
    tone = rng.random((side // tall, side // wide)).astype(np.float32)[row, shifted // wide]
    joint = (down % tall < max(2, tall // 9)) | (shifted % wide < max(2, tall // 9))
    picture = shade(0.15 + 0.6 * tone, colours)
    picture[joint] = colours[4]
    return picture


def _marble(side: int, colours: Palette, rng: np.random.Generator) -> Plane:
    down, across = np.mgrid[0:side, 0:side].astype(np.float32) / side
    turns = rng.integers(2, 6, 2)
    return shade(
        0.5 + 0.5 * np.sin(2 * np.pi * (turns[0] * across + turns[1] * down + 1.5 * noise(side, 1.7, rng))), colours
    )


def _bokeh(side: int, colours: Palette, rng: np.random.Generator) -> Plane:
    picture = shade(0.5 * noise(side, 1.9, rng), colours)
    for _ in range(150):
        radius = int(side * rng.uniform(0.012, 0.05))
        y, x = rng.integers(0, side, 2)
        rows, columns = (np.arange(y - radius, y + radius) % side), (np.arange(x - radius, x + radius) % side)
        grid = np.arange(-radius, radius, dtype=np.float32) + 0.5
        cover = np.clip(radius - np.hypot(grid[:, None], grid[None, :]), 0, 1) * rng.uniform(0.35, 0.8)
        where = np.ix_(rows, columns)
        picture[where] += (colours[rng.integers(2, 5)] - picture[where]) * cover[..., None]
    return picture


def _cells(side: int, colours: Palette, rng: np.random.Generator) -> Plane:
    count = 16
    spots = rng.uniform(0.15, 0.85, (count, count, 2)).astype(np.float32)
    tones = rng.random((count, count)).astype(np.float32)
    grid = np.arange(side, dtype=np.float32) * count / side
    cell = grid.astype(int)
    nearest = np.full((side, side), 9, np.float32)
    second, tone = nearest.copy(), np.zeros((side, side), np.float32)
    for step in range(9):
        v, h = cell + step // 3 - 1, cell + step % 3 - 1
        where = np.ix_(v % count, h % count)
        spot = spots[where]
        away = (v[:, None] + spot[..., 0] - grid[:, None]) ** 2 + (h[None, :] + spot[..., 1] - grid[None, :]) ** 2
        closer = away < nearest
        second = np.where(closer, nearest, np.minimum(second, away))
        tone = np.where(closer, tones[where], tone)
        nearest = np.minimum(nearest, away)
    picture = shade(0.2 + 0.8 * tone, colours)
    picture[np.sqrt(second) - np.sqrt(nearest) < 0.06] = colours[0] * 0.5
    return picture


SCENES: Mapping[str, Painter] = MappingProxyType(
    {
        "hills": _hills,
        "clouds": _clouds,
        "city": _city,
        "bricks": _bricks,
        "marble": _marble,
        "bokeh": _bokeh,
        "cells": _cells,
    }
)
"""What a background can show."""
