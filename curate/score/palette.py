"""palette: the colours of the picture, by name."""

import numpy as np
from numpy.typing import NDArray

from curate.score.measured import Json, Measured
from curate.score.window import Window, crop_box

FRAMES = 8  # evenly spaced over the clip
LEAST = 0.02  # share of the picture below which a colour is not named
GREY = 0.16  # saturation below which a pixel has no hue; dark ones need more
DULL = 0.25  # the same for darker yellows and oranges: stone and dust
TAN = 0.45  # saturation below which light brown and pale orange are beige; skin and flames have more
BLACK, WHITE = 45, 205  # largest and smallest channel of a black and a white pixel, 0..255
HUES = (
    (15, "red"), (42, "orange"), (68, "yellow"), (165, "green"), (200, "cyan"), (260, "blue"), (295, "purple"),
    (345, "pink"), (361, "red"),
)  # fmt: skip
"""Degrees at which each hue ends."""
NAMES = (
    "black", "white", "grey", "brown", "red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "beige",
)  # fmt: skip


def palette(window: Window) -> Measured:
    """Share of the picture (inside its borders, over the clip) that the widest colour takes, 0..1; 1 is one colour.

    Detail: a list of `{"name", "share", "rgb"}`, widest first; the names are those of `NAMES`, `rgb` is the median.
    """
    pixels = rgb_pixels(window)
    named = names(pixels)
    found: list[dict[str, Json]] = []
    for index, name in enumerate(NAMES):
        mask = named == index
        share = float(mask.mean())
        if share >= LEAST:
            middle = [round(float(channel)) for channel in np.median(pixels[mask], axis=0)]
            found.append({"name": name, "share": round(share, 3), "rgb": middle})
    found.sort(key=lambda item: -float(str(item["share"])))
    return Measured(float(np.bincount(named).max() / len(named)), found)


def rgb_pixels(window: Window) -> NDArray[np.float32]:
    """[N, 3] R, G, B, 0..255: all pixels of a few thumbs inside the crop box. The matrix is that of BT.601."""
    count = len(window.frames.luma)
    chosen = np.unique(np.linspace(0, count - 1, min(FRAMES, count)).round().astype(np.int64))
    luma = window.frames.luma[chosen].astype(np.float32)
    chroma = window.frames.chroma[:, chosen].astype(np.float32) - 128
    u, v = chroma.repeat(2, 2).repeat(2, 3)
    rgb = np.stack([luma + 1.402 * v, luma - 0.344136 * u - 0.714136 * v, luma + 1.772 * u], -1).clip(0, 255)
    rows, columns = crop_box(window.clip, window.media, *luma.shape[1:])
    return rgb[:, rows, columns].reshape(-1, 3)


def names(rgb: NDArray[np.float32]) -> NDArray[np.int64]:
    """rgb: [N, 3], 0..255. [N]: index into `NAMES` of the basic colour of each."""
    high, low = rgb.max(1), rgb.min(1)
    span = high - low
    saturation = span / np.maximum(high, 1)
    hue = hues(rgb, high, span)
    found = np.array([NAMES.index(name) for _, name in HUES])[np.searchsorted([end for end, _ in HUES], hue, "right")]
    earthy = (hue >= 10) & (hue < 50) & (high < 170)
    found = np.where(earthy, NAMES.index("brown"), found)
    olive = (hue >= 50) & (hue < 68) & (high < 190)  # dark yellow: grass and moss
    found = np.where(olive, NAMES.index("green"), found)
    tan = (hue >= 20) & (hue < 50) & (high >= 150) & (saturation < TAN)
    found = np.where(tan, NAMES.index("beige"), found)
    pale_red = ((hue >= 325) | (hue < 20)) & (high > 190) & (saturation < 0.55)
    found = np.where(pale_red, NAMES.index("pink"), found)
    dull = (hue >= 15) & (hue < 68) & (high < 190) & (saturation <= DULL)
    grey = (saturation < GREY) | (span < 18) | dull
    tone = np.where(high <= 60, NAMES.index("black"), np.where(low >= WHITE, NAMES.index("white"), NAMES.index("grey")))
    found = np.where(grey, tone, found)
    return np.where(high <= BLACK, NAMES.index("black"), found)


def hues(rgb: NDArray[np.float32], high: NDArray[np.float32], span: NDArray[np.float32]) -> NDArray[np.float32]:
    """[N]: hue in degrees, 0..360; 0 for a grey."""
    red, green, blue = rgb.T
    scale = np.where(span > 0, span, 1)
    hue = np.where(
        high == red,
        ((green - blue) / scale) % 6,
        np.where(high == green, (blue - red) / scale + 2, (red - green) / scale + 4),
    )
    return np.where(span > 0, hue * 60, 0).astype(np.float32)
