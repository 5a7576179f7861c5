"""True captions in other words than our own renderings: each fact in one of several phrasings, at random."""

import dataclasses
from random import Random

from captioners import certainty, degrees, readings
from captioners.evidence import CaptionedEvidence, Evidence
from captioners.measured.sound import dynamics
from captioners.speech_lines import lines
from schemas.clip import Sound
from tests.captioners.evidences import caption_of

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight")
_MOVES = {
    "static": ["The shot is locked off.", "The camera stays put.", "A static camera.", "The camera is fixed.",
               "At no point does the camera move.", "The camera is never moved.", "Not once does the camera move.",
               "It was filmed without any camera movement.", "The camera neither pans nor tilts; it is static."],
    "pan left": ["The view sweeps to the left.", "We pan left.", "The camera travels leftwards.", "A slow pan left.",
                 "To the left goes the camera.", "The camera is panned to the left.",
                 "The camera does not stand still: it pans left.", "Leftwards pans the camera.",
                 "The camera pans from right to left."],
    "pan right": ["The camera glides to the right.", "A leisurely pan right.", "The view turns right.",
                  "The camera is swept towards the right.", "To the right the camera pans.",
                  "Rather than standing still, the camera pans right.", "The camera pans from left to right."],
    "tilt up": ["The camera tilts upwards.", "The camera rises.", "The camera looks up.", "The camera is tilted up.",
                "An upward tilt of the camera.", "Upwards tilts the camera."],
    "tilt down": ["The camera tilts downward.", "The camera moves down.", "A tilt down.", "The camera is tilted down.",
                  "Downwards tilts the camera.", "A downward tilt of the camera."],
    "zoom in": ["The camera pushes in.", "A slow zoom in.", "The camera moves closer.", "The lens zooms inwards.",
                "The view is zoomed in.", "Bit by bit the camera zooms in."],
    "zoom out": ["The camera pulls back.", "We zoom out.", "The shot zooms out quickly.", "The view is zoomed out.",
                 "Bit by bit the camera zooms out."],
    "roll clockwise": ["The camera rotates clockwise.", "The view rolls clockwise.", "The camera is rolled clockwise.",
                       "A clockwise roll of the camera."],
    "roll counterclockwise": ["The camera rotates anti-clockwise.", "The view rolls counter-clockwise.",
                              "The camera is rolled counterclockwise.", "A counterclockwise roll of the camera."],
    "shake": ["The camera trembles.", "Shaky handheld footage from a jittery camera.", "The shot wobbles.",
              "The camera is shaken.", "The camera is not steady: it shakes."],
}  # fmt: skip
_WAYS = {
    "left": ["Everything that moves goes to the left.", "The things in the picture drift leftwards.",
             "What moves is carried from right to left.", "The movement is from right to left.",
             "The objects move left, never right.", "Leftward motion of the shapes."],
    "right": ["Everything that moves goes to the right.", "The things in the picture drift rightwards.",
              "What moves is carried from left to right.", "The movement is from left to right.",
              "The objects move right, never left.", "Rightward motion of the shapes."],
    "up": ["Everything that moves goes up.", "The things in the picture drift upwards.",
           "What moves is carried upward.", "The movement is from bottom to top.", "The objects move up, never down."],
    "down": ["Everything that moves goes down.", "The things in the picture drift downwards.",
             "What moves is carried downward.", "The movement is from top to bottom.",
             "The objects move down, never up."],
}  # fmt: skip
_BRIGHT = {
    "very dark": ["The picture is completely black.", "It is a very dark scene."],
    "dark": ["It is a dimly lit scene.", "The lighting is dim.", "A murky image.", "The picture is dark, not bright.",
             "The scene is not bright but dim."],
    "medium": ["The picture is moderately lit.", "The scene has medium brightness, neither dark nor bright."],
    "bright": ["A brightly lit scene.", "The image is luminous.", "The scene is well lit.",
               "The scene is bright, not dark.",
               "The picture is by no means dark: it is bright."],
}  # fmt: skip
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
_COURSES = {
    "crescendo": ["getting louder", "in a long crescendo", "which swells"],
    "decrescendo": ["growing quieter", "in a diminuendo", "growing softer"],
    "quiet then loud": ["quiet and then loud", "quietly, then loud"],
    "loud then quiet": ["loud and then quiet", "loudly, then quiet"],
}
_AMOUNTS = {"little": "slight", "moderate": "moderate", "much": "vigorous"}


class Voice:
    """Tells one clip."""

    def __init__(self, evidence: Evidence, seed: int) -> None:
        self.evidence = evidence
        self.random = Random(seed)  # noqa: S311  the same words for the same seed
        self.start_us = evidence.clip.start_us

    def at(self, time_us: int) -> str:
        value = (time_us - self.start_us) / 1e6
        clock = f"at {int(value // 60)}:{value % 60:04.1f}"
        return self.random.choice([
            f"at {value:.1f} s", f"at about {value:.1f} seconds", clock, f"{value:.1f} seconds in",
            f"at {value:.2f}s", f"{value:.1f} s into the clip", f"at the {value:.1f}-second mark",
            f"when {value:.1f} seconds have passed",
        ])  # fmt: skip

    def over(self, start_us: int, end_us: int) -> str:
        first, last = (start_us - self.start_us) / 1e6, (end_us - self.start_us) / 1e6
        return self.random.choice([
            f"between {first:.1f} and {last:.1f} seconds", f"from {first:.1f} s until {last:.1f} s",
            f"from {first:.2f} to {last:.2f} s", f"({first:.1f}-{last:.1f} s)",
            f"from {first:.1f} through {last:.1f} seconds", f"during {first:.1f}–{last:.1f} s",
            f"starting at {first:.1f} s and ending at {last:.1f} s",
        ])  # fmt: skip

    def tell(self) -> str:
        parts = [*self.picture(), *self.texts(), *self.sounds()]
        return " ".join(parts)

    def picture(self) -> list[str]:
        of, parts = self.evidence, []
        length = (of.clip.end_us - of.clip.start_us) / 1e6
        if not of.clip.still:
            parts.append(
                self.random.choice(
                    [
                        f"This is a {length:.1f}-second clip.",
                        f"The video is {length:.1f} s long.",
                        f"{length:.1f} seconds is how long the clip lasts.",
                        f"In all, the clip takes {length:.1f} seconds.",
                    ]
                )
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
            if amount:
                much = _AMOUNTS[amount]
                told = [f"There is {much} movement among the things shown.", f"The movement in the picture is {much}.",
                        f"Among the things shown, movement is {much}."]  # fmt: skip
                parts.append(self.random.choice(told))
        way = certainty.drift(of)
        return [*parts, self.random.choice(_WAYS[way])] if way else parts

    def texts(self) -> list[str]:
        parts = []
        for row in sorted(self.evidence.texts or (), key=lambda row: row.start_us):
            quote = f"“{row.text}”"
            place = (
                degrees.place(row.x, row.y, row.width, row.height).replace("top", "upper").replace("bottom", "lower")
            )
            place = {"upper": "top edge", "lower": "bottom edge", "centre": "middle"}.get(place, f"{place} part")
            time = "" if self.evidence.clip.still else f" {self.over(row.start_us, row.end_us)}"
            begun = time.strip().capitalize() or "There"
            told = [f"A sign reads {quote} in the {place}{time}.", f"In the {place}, lettering shows {quote}{time}.",
                    f"The title {quote} appears in the {place}{time}.", f"{quote} is written in the {place}{time}.",
                    f"{begun}, {quote} can be read on screen in the {place}."]  # fmt: skip
            parts.append(self.random.choice(told))
        if self.evidence.texts is not None and not parts:
            parts.append(
                self.random.choice(
                    [
                        "Nothing is written on screen.",
                        "No lettering is visible.",
                        "The screen is free of text.",
                        "Neither titles nor signs are seen.",
                    ]
                )
            )
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
            quote, time = f"“{line.text}”", self.at(line.start_us)
            if line.speaker is None:
                parts.append(self.random.choice([f"{time.capitalize()}, a man says {quote}.",
                                                 f"{quote} is spoken {time}.", f"{quote}, a voice says {time}.",
                                                 f"A woman's voice {time}: {quote}."]))  # fmt: skip
                continue
            who = self.named(line.speaker)
            parts.append(self.random.choice([f"{time.capitalize()}, {who} says {quote}.",
                                             f"{quote} is said by {who} {time}.", f"{quote}, {who} says {time}.",
                                             f"{_capital(who)} speaks {time}: {quote}.",
                                             f"What {who} says {time} is {quote}."]))  # fmt: skip
        return parts or [self.random.choice(["Nobody talks.", "No voices can be heard.", "Not a word is spoken.",
                                             "Speech is absent.", "There is neither speech nor singing."])]  # fmt: skip

    def named(self, speaker: str) -> str:
        if not speaker.isdecimal():
            return speaker
        ordinal = ("", "first", "second", "third")[int(speaker)]
        return self.random.choice([f"speaker {speaker}", f"speaker {_NUMBERS[int(speaker)]}", f"the {ordinal} speaker"])

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
                listed = f"at {', '.join(times[:-1])} and {times[-1]} s"
                number = _NUMBERS[len(rows)] if len(rows) < len(_NUMBERS) else str(len(rows))
                told = [f"You can hear {number} {many} {listed}.", f"{listed.capitalize()}, {number} {many} are heard.",
                        f"{number.capitalize()} {many} are to be heard {listed}."]  # fmt: skip
                parts.append(self.random.choice(told))
                continue
            for row in rows:
                name = f"{row.pitch_hz:.0f}-hertz {one}" if row.pitch_hz else one
                name = f"{'an' if name[0] in 'aeiou8' else 'a'} {name}"
                time = self.at(row.start_us)
                told = [f"{time.capitalize()} there is {name}.", f"{name.capitalize()} can be heard {time}.",
                        f"{time.capitalize()}, {name} is heard.", f"There comes {name} {time}.",
                        f"What is heard {time} is {name}."]  # fmt: skip
                parts.append(self.random.choice(told))
        none = ["There are no sound events.", "No sound events occur.", "Not a single sound event is heard."]
        return parts or [self.random.choice(none)]

    def music(self) -> list[str]:
        rows = [row for row in self.evidence.sounds or () if row.kind == "music"]
        parts = []
        for row in rows:
            key = (row.key or "").replace("#", " sharp")
            start = f"{(row.start_us - self.start_us) / 1e6:.1f} s"
            told = [
                f"A song in the key of {key} plays from {start} at {row.tempo_bpm:.0f} BPM",
                f"From {start} on there is a tune in {key}, {row.tempo_bpm:.0f} beats a minute",
                f"Music is played from {start} on, in {key} and at a tempo of {row.tempo_bpm:.0f} beats per minute",
                f"At {row.tempo_bpm:.0f} BPM and in {key}, music sets in at {start}",
            ]
            bars = {None: "", 3: ", in 3/4", 4: ", with four beats in each bar"}[row.metre]
            course = dynamics(row.parts)
            swell = f", {self.random.choice(_COURSES[course])}" if course else ""
            parts.append(f"{self.random.choice(told)}{bars}{swell}.")
        return parts or [
            self.random.choice(
                ["Music is absent.", "No music plays.", "It comes without music.", "Not a note of music."]
            )
        ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def retold(evidence: Evidence, seed: int) -> CaptionedEvidence:
    """The clip with a caption in another voice; its claims are the sentences that our captioner makes."""
    caption = dataclasses.replace(caption_of(evidence), dense=Voice(evidence, seed).tell(), claims=())
    return CaptionedEvidence(caption, evidence)
