"""All metrics, by the name that stands in `Score.metric`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from curate.score.audio_bandwidth import audio_bandwidth
from curate.score.audio_offset import audio_offset
from curate.score.av_sync import av_sync
from curate.score.bits_per_pixel import bits_per_pixel
from curate.score.black_share import black_share
from curate.score.blockiness import blockiness
from curate.score.border_share import border_share
from curate.score.bright_share import bright_share
from curate.score.brightness import brightness
from curate.score.camera import camera
from curate.score.clipping_share import clipping_share
from curate.score.colourfulness import colourfulness
from curate.score.combed_share import combed_share
from curate.score.contrast import contrast
from curate.score.dark_share import dark_share
from curate.score.detail_resolution import detail_resolution
from curate.score.drift import drift
from curate.score.duplicate import duplicate
from curate.score.duration import duration
from curate.score.flashes import flashes
from curate.score.flicker import flicker
from curate.score.fps import fps
from curate.score.frozen_share import frozen_share
from curate.score.level_peak import level_peak
from curate.score.local_motion import local_motion
from curate.score.loudness import loudness
from curate.score.loudness_range import loudness_range
from curate.score.measured import Measured
from curate.score.monochrome_share import monochrome_share
from curate.score.motion import motion
from curate.score.noise import noise
from curate.score.overlay_share import overlay_share
from curate.score.palette import palette
from curate.score.repeat_share import repeat_share
from curate.score.resolution import resolution
from curate.score.shake import shake
from curate.score.sharpness import sharpness
from curate.score.silence_share import silence_share
from curate.score.sound_coverage import sound_coverage
from curate.score.speech_share import speech_share
from curate.score.stereo_width import stereo_width
from curate.score.white_share import white_share
from curate.score.window import Window

METRICS: Mapping[str, Callable[[Window], Measured | None]] = MappingProxyType(
    {
        "motion": motion,
        "camera": camera,
        "shake": shake,
        "local_motion": local_motion,
        "drift": drift,
        "sharpness": sharpness,
        "detail_resolution": detail_resolution,
        "noise": noise,
        "blockiness": blockiness,
        "combed_share": combed_share,
        "brightness": brightness,
        "contrast": contrast,
        "dark_share": dark_share,
        "bright_share": bright_share,
        "flicker": flicker,
        "colourfulness": colourfulness,
        "monochrome_share": monochrome_share,
        "black_share": black_share,
        "white_share": white_share,
        "frozen_share": frozen_share,
        "repeat_share": repeat_share,
        "border_share": border_share,
        "overlay_share": overlay_share,
        "palette": palette,
        "duplicate": duplicate,
        "flashes": flashes,
        "loudness": loudness,
        "loudness_range": loudness_range,
        "level_peak": level_peak,
        "silence_share": silence_share,
        "clipping_share": clipping_share,
        "speech_share": speech_share,
        "audio_bandwidth": audio_bandwidth,
        "stereo_width": stereo_width,
        "audio_offset": audio_offset,
        "av_sync": av_sync,
        "sound_coverage": sound_coverage,
        "resolution": resolution,
        "fps": fps,
        "bits_per_pixel": bits_per_pixel,
        "duration": duration,
    }
)
