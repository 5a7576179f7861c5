"""An MP4 that is written in memory, and the sound in it."""

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from curate.media.blocks import Wave
from curate.media.sound import frame_of


def mp4(write: Callable[[av.container.OutputContainer], None]) -> bytes:
    """What `write` puts into a container, as an MP4 with its index in front.

    It grows in memory that is a file: an index can be moved to the front only of a file that is opened again.
    """
    fd = os.memfd_create("mp4")
    try:
        path = f"/proc/self/fd/{fd}"
        with av.open(path, "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as out:
            write(out)
        return Path(path).read_bytes()
    finally:
        os.close(fd)


class Voice:
    """The sound of a film as AAC, written as far as its picture is; what the coder puts in front, players leave out."""

    def __init__(
        self,
        out: av.container.OutputContainer,
        layout: str,
        rate_hz: int,
        sound: Iterator[Wave],
        bit_rate: int = 64_000,
    ) -> None:
        """bit_rate: of one channel."""
        self._out, self._layout, self._rate_hz, self._sound = out, layout, rate_hz, sound
        channels = 1 + (layout == "stereo")
        self._stream = out.add_stream("aac", rate=rate_hz, layout=layout, bit_rate=bit_rate * channels)
        self._samples = 0

    def write_until(self, time_s: Fraction) -> None:
        """Write what is heard before an instant of the film."""
        while self._samples < time_s * self._rate_hz and (block := next(self._sound, None)) is not None:
            self._write(block)

    def write_rest(self) -> None:
        """Write all that is left, and end."""
        for block in self._sound:
            self._write(block)
        self._out.mux(self._stream.encode())

    def _write(self, block: Wave) -> None:
        frame = frame_of(np.clip(block, -1, 1), self._layout, self._rate_hz)
        frame.pts, frame.time_base = self._samples, Fraction(1, self._rate_hz)
        self._samples += block.shape[1]
        self._out.mux(self._stream.encode(frame))
