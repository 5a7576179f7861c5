"""The speech detector of a strip: VAD_HOP_US is `HOP` samples at `RATE_HZ`."""

from curate.media.silero import RATE_HZ, SpeechTrack, load

__all__ = ["RATE_HZ", "SpeechTrack", "load"]
