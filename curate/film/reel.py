"""Writes pictures and sound to an mp4: H.264 timed in microseconds, AAC or FLAC. Same input, same bytes."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from curate.film.pixels import Pixels, unpack
from curate.film.script import Script
from curate.film.tones import RATE_HZ, Wave

_MICROSECOND = Fraction(1, 1_000_000)
_BLOCK = 1024


def write_reel(path: Path, script: Script, pictures: Iterable[Pixels], wave: Wave | None) -> None:
    """pictures: as displayed, one for each pts of the script. wave: 48 kHz from the first frame on."""
    with av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact", "movflags": "+faststart"}) as container:
        video = _video(container, script)
        audio = _audio(container, script) if wave is not None else None
        sound = _sound_packets(audio, wave) if audio is not None and wave is not None else iter(())
        heard_s = 0.0
        reformatter = VideoReformatter()
        for k, picture in enumerate(pictures):
            container.mux(video.encode(_frame(script, k, picture, reformatter, str(video.pix_fmt))))
            while heard_s < script.pts_us[k] / 1e6:
                packet = next(sound, None)
                if packet is None:
                    break
                heard_s = (
                    float(packet.pts * packet.time_base) if packet.pts is not None and packet.time_base else heard_s
                )
                container.mux(packet)
        container.mux(video.encode(None))
        for packet in sound:
            container.mux(packet)


def _video(container: av.container.OutputContainer, script: Script) -> VideoStream:
    spec = script.spec
    stream = container.add_stream("libx264", rate=Fraction(spec.fps).limit_denominator(1001))
    turned = spec.rotation_deg in (90, 270)
    stream.width, stream.height = spec.size[::-1] if turned else spec.size
    stream.pix_fmt = "yuv444p" if spec.width % 2 or spec.height % 2 else "yuv420p"
    stream.time_base = _MICROSECOND
    context = stream.codec_context
    context.time_base = _MICROSECOND
    context.thread_count = 1
    context.options = {"preset": "veryfast", "crf": str(spec.crf), "x264-params": "cpu-independent=1"}
    context.colorspace = Colorspace.ITU601.value
    context.color_range = ColorRange.MPEG.value
    if spec.rotation_deg:
        stream.set_display_rotation(-spec.rotation_deg)  # PyAV counts counter-clockwise
    return stream


def _audio(container: av.container.OutputContainer, script: Script) -> AudioStream:
    codec = cast(str, script.spec.sound)
    stream = cast(AudioStream, container.add_stream(codec, rate=RATE_HZ))
    stream.codec_context.layout = "mono"
    stream.codec_context.format = "fltp" if codec == "aac" else "s16"
    stream.codec_context.thread_count = 1
    if codec == "aac":
        stream.codec_context.bit_rate = 128_000
        stream.codec_context.options = {"aac_coder": "fast"}
    return stream


def _frame(script: Script, k: int, picture: Pixels, reformatter: VideoReformatter, pixel_format: str) -> av.VideoFrame:
    turned = np.rot90(unpack(picture), script.spec.rotation_deg // 90)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(turned), format="rgba")
    frame = reformatter.reformat(
        frame, format=pixel_format, dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.MPEG, threads=1
    )
    frame.pts, frame.time_base = script.pts_us[k], _MICROSECOND
    frame.duration = script.time_us(k + 1) - script.pts_us[k]
    return frame


def _sound_packets(stream: AudioStream, wave: Wave) -> Iterator["av.Packet[AudioStream]"]:
    size = stream.codec_context.frame_size or _BLOCK
    for start in range(0, len(wave), size):
        block = wave[None, start : start + size]
        if stream.codec_context.format.name == "s16":
            frame = av.AudioFrame.from_ndarray(
                np.clip(np.round(block * 32768), -32768, 32767).astype(np.int16), format="s16", layout="mono"
            )
        else:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, start, Fraction(1, RATE_HZ)
        yield from stream.encode(frame)
    yield from stream.encode(None)
