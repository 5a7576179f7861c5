"""A film taken apart and put together in another way: every frame as it was decoded, every sample as it was heard."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from curate.errors import UsageError
from curate.film.perturb.edit import Edit
from curate.film.tones import RATE_HZ, Wave
from schemas.truth import Film

Picture = NDArray[np.uint8]
_MICROSECOND = Fraction(1, 1_000_000)
_BLOCK = 4096


@dataclass(frozen=True)
class Recording:
    """A decoded film: frames as stored, on disk, so that any order costs no memory; the sound from 0 on, 48 kHz."""

    frames: np.memmap[tuple[int, ...], np.dtype[np.uint8]]  # [T, rows, W] of a planar 8-bit format
    pixel_format: str
    size: tuple[int, int]
    colorspace: int
    color_range: int
    wave: Wave


@contextmanager
def recorded(path: Path, film: Film) -> Iterator[Recording]:
    """Decode a film with truth; UsageError where it is not one that `make_film` made."""
    with tempfile.TemporaryFile() as spool, av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        pixel_format, size = str(context.pix_fmt), (context.width, context.height)
        if pixel_format not in ("yuv420p", "yuv444p"):
            raise UsageError(f"{path} is in {pixel_format}: copies are made of films of `retold film`")
        count, shape = 0, (0, 0)
        for frame in container.decode(video=0):
            picture = frame.to_ndarray().reshape(-1, size[0]) if pixel_format == "yuv444p" else frame.to_ndarray()
            shape = (picture.shape[0], picture.shape[1])
            spool.write(np.ascontiguousarray(picture).tobytes())
            count += 1
        if count != film.frames:
            raise UsageError(f"{path} has {count} frames, its truth says {film.frames}: they do not belong together")
        spool.flush()
        frames = np.memmap(spool, np.uint8, "r", shape=(count, *shape))
        yield Recording(frames, pixel_format, size, context.colorspace, context.color_range, _wave(path, film))


def _wave(path: Path, film: Film) -> Wave:
    """Exactly the samples that the truth counts."""
    samples = film.samples or 0
    wave = np.zeros(samples, np.float32)
    if not samples:
        return wave
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            at = round(float((frame.pts or 0) * (frame.time_base or 0)) * RATE_HZ)
            block = frame.to_ndarray()[0].astype(np.float32)
            block = block / 32768 if frame.format.name.startswith("s16") else block
            block = block[max(0, -at) : max(0, samples - at)]
            wave[max(0, at) : max(0, at) + len(block)] = block
    return wave


def write_copy(out: Path, film: Film, recording: Recording, edit: Edit) -> None:
    """Write the edited film: H.264 without loss, FLAC in 16 bits."""
    pts_us = edit.pts_us or film.pts_us
    order = np.arange(film.frames) if edit.order is None else edit.order
    wave = recording.wave if edit.wave is None else edit.wave
    with av.open(str(out), "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        video = _video(container, film, recording)
        audio = _audio(container) if film.samples else None
        sound = _packets(audio, wave) if audio else iter(())
        until_us = 0
        for place, source in enumerate(order):
            picture = np.array(recording.frames[source])
            frame = _frame(_flipped(picture, recording, film) if edit.mirrored else picture, recording)
            frame.pts, frame.time_base = pts_us[place], _MICROSECOND
            frame.duration = (pts_us[place + 1] if place + 1 < film.frames else film.end_us) - pts_us[place]
            container.mux(video.encode(frame))
            while until_us < pts_us[place] and (packet := next(sound, None)) is not None:
                until_us = round((packet.pts or 0) * 1e6 / RATE_HZ)
                container.mux(packet)
        container.mux(video.encode(None))
        for packet in sound:
            container.mux(packet)


def _video(container: av.container.OutputContainer, film: Film, recording: Recording) -> VideoStream:
    stream = container.add_stream("libx264", rate=Fraction(film.fps).limit_denominator(1001))
    stream.width, stream.height = recording.size
    stream.pix_fmt = recording.pixel_format
    stream.time_base = _MICROSECOND
    context = stream.codec_context
    context.time_base = _MICROSECOND
    context.thread_count = 1
    context.options = {"preset": "ultrafast", "qp": "0"}
    context.colorspace, context.color_range = recording.colorspace, recording.color_range
    if film.rotation_deg:
        stream.set_display_rotation(-film.rotation_deg)  # PyAV counts counter-clockwise
    return stream


def _audio(container: av.container.OutputContainer) -> AudioStream:
    stream = container.add_stream("flac", rate=RATE_HZ)
    stream.codec_context.layout = "mono"
    stream.codec_context.format = "s16"
    return stream


def _packets(stream: AudioStream, wave: Wave) -> Iterator["av.Packet[AudioStream]"]:
    size = stream.codec_context.frame_size or _BLOCK
    for start in range(0, len(wave), size):
        block = np.clip(np.round(wave[None, start : start + size] * 32768), -32768, 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, start, Fraction(1, RATE_HZ)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _frame(picture: Picture, recording: Recording) -> av.VideoFrame:
    shaped = picture.reshape(3, -1, recording.size[0]) if recording.pixel_format == "yuv444p" else picture
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(shaped), format=recording.pixel_format)


def _flipped(picture: Picture, recording: Recording, film: Film) -> Picture:
    """Left and right of the displayed picture change places: up and down of one that is stored lying on its side."""
    axis = 0 if film.rotation_deg in (90, 270) else 1
    width, height = recording.size
    if recording.pixel_format == "yuv444p":
        planes = [picture[k * height : (k + 1) * height] for k in range(3)]
    else:
        chroma = picture[height:].reshape(2, height // 2, width // 2)
        planes = [picture[:height], chroma[0], chroma[1]]
    return np.concatenate([np.flip(plane, axis).reshape(-1) for plane in planes]).reshape(-1, width)
