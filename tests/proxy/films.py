"""Films whose frames carry their number, as a row of black and white squares, and whose sound is one click."""

import itertools
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = 8
SOUND_HZ = 44_100


@dataclass(frozen=True)
class Spec:
    """How a film is coded. `turns`: quarters of a turn, clockwise, that a player has to make."""

    frames: int = 60
    rate: Fraction = Fraction(24)
    width: int = 256
    height: int = 144
    codec: str = "libx264"
    pixels: str = "yuv420p"
    suffix: str = "mp4"
    turns: int = 0
    aspect: Fraction = Fraction(1)  # of a pixel
    options: tuple[tuple[str, str], ...] = ()
    pts_ms: tuple[int, ...] = ()  # of a variable rate; none: as the rate says
    click_us: int | None = None  # None: no sound
    channels: int = 2
    sound_from_us: int = 0


def shown(number: int, width: int, height: int) -> np.ndarray:
    """[H, W, 3]: the bits of a number, the lowest on the left, over a grey that no bit has."""
    picture = np.full((height, width, 3), 100, np.uint8)
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        picture[: height // 2, left:right] = 235 if number >> bit & 1 else 16
    return picture


def number_of(picture: np.ndarray) -> int:
    """The number that a picture shows; picture: [H, W, 3]."""
    height, width = picture.shape[:2]
    row = picture[height // 8 : max(height // 8 + 1, 3 * height // 8)].mean(axis=(0, 2))
    return sum(
        1 << bit
        for bit in range(BITS)
        if row[(4 * bit + 1) * width // (4 * BITS) : (4 * bit + 3) * width // (4 * BITS)].mean() > 128
    )


def film(folder: Path, spec: Spec) -> Path:
    """Write a film."""
    path = folder / f"film.{spec.suffix}"
    with av.open(str(path), "w") as out:
        stream = out.add_stream(spec.codec, rate=spec.rate, options=dict(spec.options))
        stream.width, stream.height = (spec.width, spec.height) if spec.turns % 2 == 0 else (spec.height, spec.width)
        stream.pix_fmt, stream.sample_aspect_ratio = spec.pixels, spec.aspect
        stream.time_base = stream.codec_context.time_base = tick = Fraction(1, 1000) if spec.pts_ms else 1 / spec.rate
        if spec.turns:
            stream.set_display_rotation(-90 * spec.turns)
        voice = (
            out.add_stream("aac", rate=SOUND_HZ, layout="stereo" if spec.channels == 2 else "mono")
            if spec.click_us is not None
            else None
        )
        for number in range(spec.frames):
            frame = av.VideoFrame.from_ndarray(
                np.ascontiguousarray(np.rot90(shown(number, spec.width, spec.height), spec.turns)), "rgb24"
            )
            frame = frame.reformat(format=spec.pixels)
            frame.pts, frame.time_base = (spec.pts_ms[number] if spec.pts_ms else number), tick
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
        if voice is not None and spec.click_us is not None:
            length_us = spec.pts_ms[-1] * 1000 if spec.pts_ms else int(spec.frames * 1_000_000 / spec.rate)
            wave = np.zeros((spec.channels, round((length_us - spec.sound_from_us) * SOUND_HZ / 1e6)), np.float32)
            at = round((spec.click_us - spec.sound_from_us) * SOUND_HZ / 1e6)
            wave[:, at : at + 44] = 0.9
            sound = av.AudioFrame.from_ndarray(wave, "fltp", voice.layout.name)
            sound.sample_rate, sound.time_base = SOUND_HZ, Fraction(1, SOUND_HZ)
            sound.pts = round(spec.sound_from_us * SOUND_HZ / 1e6)
            out.mux(itertools.chain(voice.encode(sound), voice.encode()))
    return path


def numbers(path: Path) -> list[int]:
    """The numbers that the frames of a film show, in order, as `ffmpeg` decodes them."""
    with av.open(str(path)) as container:
        return [number_of(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def click_us(path: Path) -> int:
    """When a film clicks, as `ffmpeg` plays it: the edit list says what of the sound is not heard."""
    asked = ("-i", path, "-map", "0:a", "-ac", "1", "-ar", "48000", "-af", "aresample=first_pts=0", "-f", "f32le", "-")
    done = subprocess.run(["ffmpeg", "-v", "error", *map(str, asked)], check=True, timeout=60, capture_output=True)
    wave = np.abs(np.frombuffer(done.stdout, "<f4"))
    return round(int(np.argmax(wave > wave.max() / 2)) * 1e6 / 48_000)
