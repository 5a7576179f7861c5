"""True captions in other words than our own renderings: each fact in one of several phrasings, at random."""

import dataclasses
from random import Random

from captioners import degrees, readings
from captioners.evidence import CaptionedEvidence, Evidence
from captioners.speech_lines import lines
from schemas.clip import Sound
from tests.captioners.evidences import caption_of

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight")
_MOVES = {
    "static": ["The shot is locked off.", "The camera stays put.", "A static camera.", "The camera is fixed."],
    "pan left": ["The view sweeps to the left.", "We pan left.", "The camera travels leftwards.", "A slow pan left."],
    "pan right": ["The camera glides to the right.", "A leisurely pan right.", "The view turns right."],
    "tilt up": ["The camera tilts upwards.", "The camera rises.", "The camera looks up."],
    "tilt down": ["The camera tilts downward.", "The camera moves down.", "A tilt down."],
    "zoom in": ["The camera pushes in.", "A slow zoom in.", "The camera moves closer.", "The lens zooms inwards."],
    "zoom out": ["The camera pulls back.", "We zoom out.", "The shot zooms out quickly."],
    "roll clockwise": ["The camera rotates clockwise.", "The view rolls clockwise."],
    "roll counterclockwise": ["The camera rotates anti-clockwise.", "The view rolls counter-clockwise."],
    "shake": ["The camera trembles.", "Shaky handheld footage from a jittery camera.", "The shot wobbles."],
}  # fmt: skip
_BRIGHT = {
    "very dark": ["The picture is completely black.", "It is a very dark scene."],
    "dark": ["It is a dimly lit scene.", "The lighting is dim.", "A murky image."],
    "medium": ["The picture is moderately lit.", "The scene has medium brightness, neither dark nor bright."],
    "bright": ["A brightly lit scene.", "The image is luminous.", "The scene is well lit."],
}
_COLOURS = {
    "red": "crimson", "blue": "navy", "green": "emerald", "yellow": "golden", "grey": "gray", "cyan": "turquoise",
    "purple": "violet", "brown": "chestnut", "beige": "tan", "pink": "rose", "orange": "amber", "white": "white",
    "black": "black",
}  # fmt: skip
_EVENTS = {
    "knock": ("thud", "thuds"), "tone": ("beep", "beeps"), "noise": ("hiss", "hisses"),
    "sound": ("unknown sound", "unknown sounds"),
}  # fmt: skip
_VOLUMES = {"quiet": "The audio is soft.", "moderate": "The volume is average.", "loud": "The recording is noisy."}
_VOLUMES = {**_VOLUMES, "loud": "The soundtrack is loud."}
_AMOUNTS = {"little": "slight", "moderate": "moderate", "much": "vigorous"}


class Voice:
    """Tells one clip."""

    def __init__(self, evidence: Evidence, seed: int) -> None:
        self.evidence = evidence
        self.random = Random(seed)  # noqa: S311  the same words for the same seed
        self.start_us = evidence.clip.start_us

    def at(self, time_us: int) -> str:
        value = (time_us - self.start_us) / 1e6
        return self.random.choice([
            f"at {value:.1f} s", f"at about {value:.1f} seconds", f"at 0:{value:04.1f}", f"{value:.1f} seconds in",
            f"at {value:.2f}s",
        ])  # fmt: skip

    def over(self, start_us: int, end_us: int) -> str:
        first, last = (start_us - self.start_us) / 1e6, (end_us - self.start_us) / 1e6
        return self.random.choice([
            f"between {first:.1f} and {last:.1f} seconds", f"from {first:.1f} s until {last:.1f} s",
            f"from {first:.2f} to {last:.2f} s", f"({first:.1f}-{last:.1f} s)",
        ])  # fmt: skip

    def tell(self) -> str:
        parts = [*self.picture(), *self.texts(), *self.sounds()]
        return " ".join(parts)

    def picture(self) -> list[str]:
        of, parts = self.evidence, []
        length = (of.clip.end_us - of.clip.start_us) / 1e6
        if not of.clip.still:
            parts.append(
                self.random.choice([f"This is a {length:.1f}-second clip.", f"The video is {length:.1f} s long."])
            )
        luma, kind = readings.value(of, "brightness"), readings.camera_kind(of)
        if luma is not None:
            parts.append(self.random.choice(_BRIGHT[degrees.brightness(luma)]))
        tones = [_COLOURS[tone.name] for tone in readings.palette(of)][:5]
        if tones:
            rest = f", with {' and '.join(tones[1:])}" if len(tones) > 1 else ""
            parts.append(self.random.choice([f"It is mostly {tones[0]}{rest}.", f"The palette is {', '.join(tones)}.",
                                             f"The frame is dominated by {tones[0]}{rest}."]))  # fmt: skip
        if kind in _MOVES:
            parts.append(self.random.choice(_MOVES[kind]))
        flow = readings.value(of, "local_motion")
        if flow is not None and not of.clip.still:
            amount = degrees.amount(flow)
            parts += ["Nothing stirs in the picture."] if flow < degrees.STILL_PX_S else []
            parts += [f"There is {_AMOUNTS[amount]} movement among the things shown."] if amount else []
        return parts

    def texts(self) -> list[str]:
        parts = []
        for row in sorted(self.evidence.texts or (), key=lambda row: row.start_us):
            quote = f"“{row.text}”"
            place = (
                degrees.place(row.x, row.y, row.width, row.height).replace("top", "upper").replace("bottom", "lower")
            )
            place = {"upper": "top edge", "lower": "bottom edge", "centre": "middle"}.get(place, f"{place} part")
            time = "" if self.evidence.clip.still else f" {self.over(row.start_us, row.end_us)}"
            parts.append(self.random.choice([f"A sign reads {quote} in the {place}{time}.",
                                             f"In the {place}, lettering shows {quote}{time}.",
                                             f"The title {quote} appears in the {place}{time}."]))  # fmt: skip
        if self.evidence.texts is not None and not parts:
            parts.append(self.random.choice(["Nothing is written on screen.", "No lettering is visible."]))
        return parts

    def sounds(self) -> list[str]:
        of = self.evidence
        if of.clip.still:
            return []
        if not readings.has_sound(of):
            return [self.random.choice(["The clip is silent.", "There is no audio.", "It has no sound at all."])]
        parts = [*self.speech(), *self.events(), *self.music()] if of.sounds is not None else []
        lufs = readings.value(of, "loudness")
        return [*parts, _VOLUMES[degrees.volume(lufs)]] if lufs is not None else parts

    def speech(self) -> list[str]:
        said = lines(self.evidence.sounds or ())
        parts = []
        for line in said:
            quote = f"“{line.text}”" if line.text else None
            parts.append(self.random.choice([f"{self.at(line.start_us).capitalize()}, a man says {quote}.",
                                             f"{quote} is spoken {self.at(line.start_us)}.",
                                             f"A woman's voice {self.at(line.start_us)}: {quote}."]))  # fmt: skip
        return parts or [self.random.choice(["Nobody talks.", "No voices can be heard."])]

    def events(self) -> list[str]:
        parts: list[str] = []
        labels: dict[str, list[Sound]] = {}
        for row in sorted(self.evidence.sounds or (), key=lambda row: row.start_us):
            if row.kind == "event" and row.label:
                labels.setdefault(row.label, []).append(row)
        for label, rows in labels.items():
            one, many = _EVENTS[label]
            if len(rows) > 1 and self.random.random() < 0.5:
                times = [f"{(row.start_us - self.start_us) / 1e6:.1f}" for row in rows]
                parts.append(f"You can hear {_NUMBERS[len(rows)]} {many} at {', '.join(times[:-1])} and {times[-1]} s.")
                continue
            for row in rows:
                name = f"{row.pitch_hz:.0f}-hertz {one}" if row.pitch_hz else one
                name = f"{'an' if name[0] in 'aeiou8' else 'a'} {name}"
                time = self.at(row.start_us)
                told = [f"{time.capitalize()} there is {name}.", f"{name.capitalize()} can be heard {time}."]
                parts.append(self.random.choice(told))
        return parts or ["There are no sound events."]

    def music(self) -> list[str]:
        rows = [row for row in self.evidence.sounds or () if row.kind == "music"]
        parts = []
        for row in rows:
            key = (row.key or "").replace("#", " sharp")
            start = f"{(row.start_us - self.start_us) / 1e6:.1f} s"
            parts.append(self.random.choice([
                f"A song in the key of {key} plays from {start} at {row.tempo_bpm:.0f} BPM.",
                f"From {start} on there is a tune in {key}, {row.tempo_bpm:.0f} beats a minute.",
            ]))  # fmt: skip
        return parts or [self.random.choice(["Music is absent.", "No music plays."])]


def retold(evidence: Evidence, seed: int) -> CaptionedEvidence:
    """The clip with a caption in another voice; its claims are the sentences that our captioner makes."""
    caption = dataclasses.replace(caption_of(evidence), dense=Voice(evidence, seed).tell(), claims=())
    return CaptionedEvidence(caption, evidence)
