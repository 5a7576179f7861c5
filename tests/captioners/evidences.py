"""Evidence made up at random, as the measuring rooms would write it; the same for the same seed."""

import dataclasses
import json
from random import Random

from captioners.blend import Blend
from captioners.evidence import CaptionedEvidence, Evidence
from schemas.caption import Caption
from schemas.clip import Clip, MusicPart, Score, Sound, Text, clip_id
from schemas.media import Audio, Media, Picture

MEDIA_ID = "ab" * 32
COLOURS = (
    "black", "white", "grey", "brown", "red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "beige",
)  # fmt: skip
MOVES = (
    "static", "pan left", "pan right", "tilt up", "tilt down", "zoom in", "zoom out", "roll clockwise",
    "roll counterclockwise", "shake", "mixed",
)  # fmt: skip
LINE = (
    "the quick fox runs over a small bridge while seven birds sing near red water and nobody knows where it's going "
    "tonight please open your window slowly before morning comes again"
)
WORDS = LINE.split()
TEXTS = (
    "EXIT", "Night Train", "Gate 12", "OPEN 24 HOURS", "hello world", "NO PARKING", "Chapter One", "Züge 3-7",
    "RED SALE", "Page 4 of 9", "It's fine.", "Don't panic!", 'The "Big" One',
)  # fmt: skip
KEYS = ("C major", "A minor", "F# minor", "D# major", "G major", "B minor")


def media(*, audio: bool = True, still: bool = False) -> Media:
    picture = Picture(0, "h264", 640, 360, 640, 360, 0, "yuv420p", 25.0, 250, hdr=False)
    sound = Audio(1, "aac", 48000, 2) if audio else None
    return Media(MEDIA_ID, "src", 1000, "mp4", 10_000_000, still, (), picture, sound)


def clip(start_us: int = 3_000_000, length_us: int = 8_000_000, *, still: bool = False) -> Clip:
    end_us = start_us + length_us
    key = clip_id(MEDIA_ID, start_us, end_us)
    return Clip(key, MEDIA_ID, start_us, end_us, 1 if still else 200, "cut", "cut", 1, still, 0, 0, 640, 360)


def score(of: Clip, metric: str, value: float, detail: object = None) -> Score:
    return Score(of.clip_id, metric, value, None if detail is None else json.dumps(detail))


def sound(of: Clip, kind: str, index: int, start_s: float, end_s: float, **rest: object) -> Sound:
    plain = Sound(
        of.clip_id, f"{of.clip_id}#{kind}-{index}", kind, of.start_us + round(start_s * 1e6),  # type: ignore[arg-type]
        of.start_us + round(end_s * 1e6), None, None, None, None, None, None, None, None, None, (), "test",
    )  # fmt: skip
    return dataclasses.replace(plain, **rest)  # type: ignore[arg-type]


def text(of: Clip, index: int, start_s: float, end_s: float, words: str, x: float = 0.4, y: float = 0.45) -> Text:
    times = (of.start_us + round(start_s * 1e6), of.start_us + round(end_s * 1e6))
    return Text(of.clip_id, f"{of.clip_id}#text-{index}", *times, words, x, y, 0.2, 0.1, "en", 0.95, "test")


def random_evidence(seed: int) -> Evidence:
    random = Random(seed)  # noqa: S311  the same evidence for the same seed
    length_s = round(random.uniform(3, 14), 2)
    of = clip(random.randrange(0, 60_000_000), round(length_s * 1e6), still=random.random() < 0.08)
    audio = not of.still and random.random() < 0.9
    sounds = _sounds(random, of, length_s) if audio else []
    shown = _texts(random, of, length_s)
    sounds = _with_speakers(Random(f"{seed} speakers"), _musical(Random(f"{seed} bars"), sounds))  # noqa: S311
    heard = None if not of.still and random.random() < 0.05 else tuple(sounds)
    read = None if random.random() < 0.05 else tuple(shown)
    scores = (*_scores(random, of, audio=audio), *_drift(Random(f"{seed} drift"), of))  # noqa: S311  as above
    return Evidence(of, media(audio=audio, still=of.still), scores, heard, read)


def _drift(random: Random, of: Clip) -> list[Score]:
    if of.still or random.random() < 0.4:
        return []
    x, y = random.choice([(-1, 0), (1, 0), (0, 1), (0, -1)])
    speed, agreement = random.uniform(10, 90), random.choice([0.99, 0.97, 0.6])
    detail = {"dx_px_s": x * speed, "dy_px_s": y * speed, "agreement": agreement, "share": 0.5}
    return [score(of, "drift", speed, detail)]


def _musical(random: Random, sounds: list[Sound]) -> list[Sound]:
    """The sounds with the metre and the course of their music."""
    told = []
    for row in sounds:
        if row.kind == "music":
            middle = (row.start_us + row.end_us) // 2
            course: list[MusicPart] = random.choice([
                [], [MusicPart(row.start_us, row.end_us, "crescendo", -20.0)],
                [MusicPart(row.start_us, row.end_us, "decrescendo", -20.0)],
                [MusicPart(row.start_us, middle, "even", -30.0), MusicPart(middle, row.end_us, "even", -15.0)],
                [MusicPart(row.start_us, middle, "even", -15.0), MusicPart(middle, row.end_us, "even", -30.0)],
            ])  # fmt: skip
            told.append(dataclasses.replace(row, metre=random.choice([None, 3, 4, 4]), parts=tuple(course)))
        else:
            told.append(row)
    return told


def _with_speakers(random: Random, sounds: list[Sound]) -> list[Sound]:
    """The sounds with those who speak, by number or by name; or nobody told them apart."""
    names = random.choice([(), ("1", "2"), ("1", "2"), ("Anna", "Ben"), ("Anna", "Ben Okri", "Zoé")])
    if not names:
        return sounds
    said = {row.sound_id: random.choice(names) for row in sounds if row.kind == "sentence"}
    spans = [(row.start_us, row.end_us, said[row.sound_id]) for row in sounds if row.sound_id in said]

    def speaker(row: Sound) -> str | None:
        if row.kind not in {"word", "sentence"}:
            return None
        return said.get(row.sound_id) or next((n for a, b, n in spans if a <= row.start_us < b), None)

    return [dataclasses.replace(row, speaker=speaker(row)) for row in sounds]


def _scores(random: Random, of: Clip, *, audio: bool) -> tuple[Score, ...]:
    names = random.sample(COLOURS, random.randint(1, 6))
    weights = sorted((random.random() ** 2 for _ in names), reverse=True)
    shares = [round(weight / sum(weights), 3) for weight in weights]
    palette = [{"name": n, "share": s, "rgb": [1, 2, 3]} for n, s in zip(names, shares, strict=True) if s >= 0.02]
    rows = [
        score(of, "brightness", random.uniform(3, 240)),
        score(of, "palette", shares[0], palette),
        score(of, "border_share", random.choice([0.0, random.uniform(0.1, 0.4)])),
    ]
    if not of.still:
        kind = random.choice(MOVES)
        rows += [
            score(of, "camera", 1.0 if kind == "static" else random.uniform(3, 150), {"kind": kind}),
            score(of, "local_motion", random.choice([0.0, random.uniform(0, 60)])),
            score(of, "frozen_share", random.choice([0.0, 0.0, random.uniform(0.05, 1)])),
            score(of, "black_share", random.choice([0.0, 0.0, random.uniform(0.05, 0.5)])),
        ]
    if audio:
        rows += [
            score(of, "loudness", random.uniform(-45, -8)),
            score(of, "silence_share", random.choice([0.0, random.uniform(0, 0.5)])),
            score(of, "speech_share", 0.0),
        ]
    return tuple(row for row in rows if random.random() > 0.05)


def _sounds(random: Random, of: Clip, length_s: float) -> list[Sound]:
    rows: list[Sound] = []
    for index in range(random.choice([0, 1, 2, 3, 5, 8])):
        start = round(random.uniform(0, length_s - 0.5), 3)
        label = random.choice(["knock", "knock", "tone", "noise", "sound"])
        if any(row.label == label and abs(row.start_us - of.start_us - start * 1e6) < 400_000 for row in rows):
            continue
        lasts = 0.08 if label == "knock" else random.uniform(0.1, 0.5)
        pitch = random.choice([220.0, 440.0, 997.3]) if label == "tone" else None
        rows.append(sound(of, "event", index, start, start + lasts, label=label, pitch_hz=pitch, score=0.9))
    rows += _speech(random, of, length_s)
    if random.random() < 0.4:
        start, tempo = random.uniform(0, 1.5), random.uniform(60, 180)
        rows.append(sound(of, "music", 0, start, length_s, tempo_bpm=tempo, key=random.choice(KEYS), score=0.8))
    if random.random() < 0.3:
        start = random.uniform(0, length_s - 1)
        rows.append(sound(of, "silence", 0, start, start + random.uniform(0.4, 1.0)))
    return rows


def _speech(random: Random, of: Clip, length_s: float) -> list[Sound]:
    rows, at, index = [], random.uniform(0.1, 1.5), 0
    for nth in range(random.choice([0, 1, 2, 3])):
        first, words = at, []
        for word in random.choices(WORDS, k=random.randint(1, 8)):
            lasts = random.uniform(0.15, 0.4)
            if at + lasts > length_s:
                break
            sure = random.choice([0.9, 0.9, 0.9, 0.9, 0.3])
            rows.append(sound(of, "word", index, at, at + lasts, text=word, score=sure))
            words.append(word)
            at, index = at + lasts + 0.02, index + 1
        if words:
            rows.append(sound(of, "sentence", nth, first, at, text=" ".join(words), score=0.8))
        at += random.uniform(1.0, 2.0)
    return rows


def _texts(random: Random, of: Clip, length_s: float) -> list[Text]:
    rows = []
    for index, words in enumerate(random.sample(TEXTS, random.choice([0, 0, 1, 2, 3]))):
        start = random.uniform(0, length_s - 1)
        rows.append(text(of, index, start, random.uniform(start + 0.5, length_s), words, random.random() * 0.8,
                         random.random() * 0.9))  # fmt: skip
    return rows


def caption_of(evidence: Evidence) -> Caption:
    (outcome,) = Blend().open()([evidence])
    assert outcome.failure is None, outcome.failure
    return outcome.rows[0]


def captioned(evidence: Evidence) -> CaptionedEvidence:
    return CaptionedEvidence(caption_of(evidence), evidence)


def known_evidence(**changes: object) -> Evidence:
    """A clip of 8 s, from 3 s of its media on, in which a little of everything happens."""
    of = clip()
    rows = (
        score(of, "brightness", 40.0),
        score(of, "palette", 0.5, [
            {"name": "red", "share": 0.5, "rgb": [200, 10, 10]}, {"name": "blue", "share": 0.3, "rgb": [10, 10, 200]},
            {"name": "grey", "share": 0.1, "rgb": [90, 90, 90]},
        ]),
        score(of, "camera", 35.0, {"kind": "pan right"}),
        score(of, "local_motion", 12.0),
        score(of, "border_share", 0.25),
        score(of, "frozen_share", 0.0),
        score(of, "black_share", 0.0),
        score(of, "loudness", -23.0),
        score(of, "silence_share", 0.1),
        score(of, "speech_share", 0.2),
    )  # fmt: skip
    sounds = (
        sound(of, "event", 0, 1.2, 1.25, label="knock"),
        sound(of, "event", 1, 2.4, 2.45, label="knock"),
        sound(of, "event", 2, 3.1, 3.15, label="knock"),
        sound(of, "event", 3, 5.0, 6.0, label="tone", pitch_hz=440.0, score=0.97),
        sound(of, "word", 0, 3.6, 3.9, text="mind", score=0.9),
        sound(of, "word", 1, 3.9, 4.0, text="the", score=0.8),
        sound(of, "word", 2, 4.0, 4.4, text="gap", score=0.9),
        sound(of, "sentence", 0, 3.6, 4.4, text="Mind the gap.", score=0.9),
        sound(of, "music", 0, 0.5, 8.0, tempo_bpm=120.0, key="A minor", score=0.9),
        sound(of, "silence", 0, 6.2, 7.0),
    )
    texts = (text(of, 0, 1.0, 3.0, "EXIT", x=0.05, y=0.05), text(of, 1, 4.0, 7.5, "Gate 12", x=0.4, y=0.85))
    return dataclasses.replace(Evidence(of, media(), rows, sounds, texts), **changes)  # type: ignore[arg-type]
