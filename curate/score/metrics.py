"""All metrics, by the name that stands in `Score.metric`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from curate.score.bits_per_pixel import bits_per_pixel
from curate.score.black_share import black_share
from curate.score.border_share import border_share
from curate.score.brightness import brightness
from curate.score.camera import camera
from curate.score.clipping_share import clipping_share
from curate.score.contrast import contrast
from curate.score.duplicate import duplicate
from curate.score.duration import duration
from curate.score.flashes import flashes
from curate.score.fps import fps
from curate.score.frozen_share import frozen_share
from curate.score.level_peak import level_peak
from curate.score.local_motion import local_motion
from curate.score.loudness import loudness
from curate.score.measured import Measured
from curate.score.motion import motion
from curate.score.palette import palette
from curate.score.resolution import resolution
from curate.score.sharpness import sharpness
from curate.score.silence_share import silence_share
from curate.score.speech_share import speech_share
from curate.score.window import Window

METRICS: Mapping[str, Callable[[Window], Measured | None]] = MappingProxyType(
    {
        "motion": motion,
        "camera": camera,
        "local_motion": local_motion,
        "sharpness": sharpness,
        "brightness": brightness,
        "contrast": contrast,
        "black_share": black_share,
        "frozen_share": frozen_share,
        "border_share": border_share,
        "palette": palette,
        "duplicate": duplicate,
        "flashes": flashes,
        "loudness": loudness,
        "level_peak": level_peak,
        "silence_share": silence_share,
        "clipping_share": clipping_share,
        "speech_share": speech_share,
        "resolution": resolution,
        "fps": fps,
        "bits_per_pixel": bits_per_pixel,
        "duration": duration,
    }
)
