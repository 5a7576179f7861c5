"""Music of which everything is known: notes written down here, played by FluidSynth with a General MIDI sound font."""

import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from librosa import resample
from numpy.typing import NDArray

from tests.captioners.synth import RATE_HZ, Samples

FONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
TICKS = 480  # a beat
PITCHES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
PROGRESSIONS = {
    "major": ((0, 4, 5, 3), (0, 3, 4, 0), (0, 5, 3, 4), (0, 1, 4, 0)),
    "minor": ((0, 3, 4, 0), (0, 5, 3, 4), (0, 6, 5, 4), (0, 3, 0, 4)),
}
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
KICK, SNARE, HAT, RIDE = 36, 38, 42, 51

Style = Literal["rock", "floor", "waltz", "ballad", "arpeggio", "hymn", "walk"]
Shape = Literal["even", "crescendo", "decrescendo", "quiet then loud", "loud then quiet"]


@dataclass(frozen=True, slots=True)
class Piece:
    """What is played. `drums`, instruments (General MIDI programs) and what changes in the middle are free."""

    name: str
    tempo_bpm: float
    key: str
    metre: int
    style: Style
    bars: int = 12
    seed: int = 0
    chords: int = 0  # General MIDI programs
    bass: int = 32
    lead: int = 0
    drums: bool = True
    shape: Shape = "even"
    turn: int | None = None  # the bar from which other instruments play
    reverb: bool = True

    @property
    def beat_s(self) -> float:
        return 60 / self.tempo_bpm

    @property
    def beats_s(self) -> NDArray[np.float64]:
        return np.arange(self.bars * self.metre) * self.beat_s

    @property
    def downbeats_s(self) -> NDArray[np.float64]:
        return self.beats_s[:: self.metre]

    @property
    def length_s(self) -> float:
        return self.bars * self.metre * self.beat_s


@dataclass(frozen=True, slots=True)
class _Note:
    at: float  # beats
    lasts: float
    channel: int
    pitch: int
    velocity: int


class _Score:
    """The notes of a piece, bar by bar."""

    def __init__(self, piece: Piece) -> None:
        self.piece, self.notes, self.rng = piece, list[_Note](), np.random.default_rng(piece.seed)
        tonic, self.mode = piece.key.split()
        self.tonic = PITCHES.index(tonic)

    def add(self, at: float, lasts: float, channel: int, pitch: int, velocity: int) -> None:
        piece = self.piece
        share = min(at / (piece.bars * piece.metre), 1.0)
        gain = {
            "even": 1.0, "crescendo": 0.3 + 0.7 * share, "decrescendo": 1.0 - 0.7 * share,
            "quiet then loud": 0.4 if share < 0.5 else 1.0, "loud then quiet": 1.0 if share < 0.5 else 0.4,
        }[piece.shape]  # fmt: skip
        self.notes.append(_Note(at, lasts, channel, pitch, max(1, min(127, round(velocity * gain)))))

    def pitch(self, octave: int, degree: int) -> int:
        steps = SCALES[self.mode]
        raised = self.mode == "minor" and degree % 7 == 6 and self.dominant  # the leading note
        return 12 * octave + self.tonic + steps[degree % 7] + 12 * (degree // 7) + int(raised)

    def write(self) -> list[_Note]:
        progression = PROGRESSIONS[self.mode][self.piece.seed % 4]
        for bar in range(self.piece.bars):
            root = progression[bar % 4] if bar < self.piece.bars - 1 else 0
            self.dominant = root == 4
            self.bar(bar * self.piece.metre, root, bar)
        return self.notes

    def bar(self, at: int, root: int, bar: int) -> None:
        turned = self.piece.turn is not None and bar >= self.piece.turn
        play = {"waltz": self.waltz, "arpeggio": self.arpeggio, "hymn": self.hymn, "walk": self.walk}
        play.get(self.piece.style, self.band)(at, root, 4 if turned else 0)
        self.melody(at, root, 5 if turned else 2, final=bar == self.piece.bars - 1)
        if self.piece.drums:
            self.drum(at, turned)

    def chord(self, root: int) -> list[int]:
        return [self.pitch(4, root + step) for step in (0, 2, 4)]

    def low(self, root: int) -> int:
        return self.pitch(3, root) - (12 if self.pitch(3, root) > 44 else 0)

    def strike(self, at: float, lasts: float, channel: int, pitches: list[int], velocity: int) -> None:
        for pitch in pitches:
            self.add(at, lasts, channel, pitch, velocity)

    def waltz(self, at: int, root: int, channel: int) -> None:
        self.add(at, 1, 1, self.low(root), 92)
        for beat in range(1, self.piece.metre):
            self.strike(at + beat, 0.8, channel, self.chord(root), 62)

    def arpeggio(self, at: int, root: int, channel: int) -> None:
        self.add(at, self.piece.metre, 1, self.low(root), 84)
        broken = [*self.chord(root), self.chord(root)[0] + 12] * 3
        for eighth in range(2 * self.piece.metre):
            self.add(at + eighth / 2, 0.6, channel, broken[eighth], 66 if eighth else 84)

    def hymn(self, at: int, root: int, channel: int) -> None:
        for beat in range(self.piece.metre):
            self.add(at + beat, 1, 1, self.low(root), 66 if beat else 88)
            self.strike(at + beat, 0.95, channel, self.chord(root), 62 if beat else 80)

    def walk(self, at: int, root: int, channel: int) -> None:
        for beat, step in zip(range(self.piece.metre), (0, 2, 4, 5), strict=False):
            self.add(at + beat, 0.9, 1, self.pitch(3, root + step) - 12, 88)
        self.strike(at, 1.2, channel, self.chord(root), 74)
        self.strike(at + 1.5, 0.5, channel, self.chord(root), 60)

    def band(self, at: int, root: int, channel: int) -> None:
        self.strike(at, self.piece.metre, channel, self.chord(root), 72)
        for beat in range(self.piece.metre):
            bass = self.pitch(3, root + 4) - 12 if beat % 2 else self.low(root)
            self.add(at + beat, 0.9, 1, bass, 70 if beat else 86)

    def melody(self, at: int, root: int, channel: int, *, final: bool) -> None:
        metre = self.piece.metre
        if final:
            self.add(at, metre, channel, self.pitch(6, 0), 90)
            return
        for half in range(2 * metre):
            chance = 1.0 if half == 0 else 0.75 if half % 2 == 0 else 0.4
            if self.rng.random() < chance:
                inside = half % 2 == 0
                step = root + int(self.rng.choice([0, 2, 4] if inside else [1, 3, 2, 4]))
                self.add(at + half / 2, 0.5, channel, self.pitch(5, step), 92 if half == 0 else 80)

    def drum(self, at: int, turned: bool) -> None:
        metre = self.piece.metre
        for beat in range(metre):
            where = at + beat
            if self.piece.style == "floor":
                self.add(where, 0.2, 9, KICK, 105)
                self.add(where + 0.5, 0.2, 9, HAT, 70)
                if beat % 2:
                    self.add(where, 0.2, 9, SNARE, 80)
                continue
            if metre == 3:
                self.add(where, 0.2, 9, KICK if beat == 0 else SNARE, 100 if beat == 0 else 60)
            else:
                self.add(where, 0.2, 9, SNARE if beat % 2 else KICK, 90 if beat % 2 else 100)
            self.add(where, 0.2, 9, RIDE if turned else HAT, 70)
            self.add(where + 0.5, 0.2, 9, RIDE if turned else HAT, 50)


def _length(number: int) -> bytes:
    """A number as MIDI files have it: seven bits a byte."""
    out = [number & 0x7F]
    while number := number >> 7:
        out.append(0x80 | number & 0x7F)
    return bytes(reversed(out))


def midi(piece: Piece) -> bytes:
    """The piece as a standard MIDI file of one track."""
    events: list[tuple[int, int, bytes]] = []
    programs = {0: piece.chords, 1: piece.bass, 2: piece.lead, 4: 48, 5: 73}
    for channel, program in programs.items():
        events.append((0, 0, bytes((0xC0 | channel, program))))
    for note in _Score(piece).write():
        first, end = round(note.at * TICKS), round((note.at + note.lasts * 0.97) * TICKS)
        events.append((first, 2, bytes((0x90 | note.channel, note.pitch, note.velocity))))
        events.append((end, 1, bytes((0x80 | note.channel, note.pitch, 0))))
    events.sort()
    track, last = bytearray(b"\x00\xff\x51\x03" + round(60e6 / piece.tempo_bpm).to_bytes(3, "big")), 0
    for tick, _, message in events:
        track += _length(tick - last) + message
        last = tick
    track += b"\x00\xff\x2f\x00"
    head = b"MThd" + (6).to_bytes(4, "big") + b"\x00\x00\x00\x01" + TICKS.to_bytes(2, "big")
    return head + b"MTrk" + len(track).to_bytes(4, "big") + bytes(track)


@lru_cache(maxsize=64)
def played(piece: Piece) -> Samples:
    """One channel at 16 kHz, until the last note has died away."""
    if not FONT.is_file():
        raise AssertionError(f"the sound font {FONT} is missing: apt-get install timgm6mb-soundfont")
    with tempfile.TemporaryDirectory() as folder:
        source, sound = Path(folder) / "piece.mid", Path(folder) / "piece.raw"
        source.write_bytes(midi(piece))
        space = "1" if piece.reverb else "0"
        subprocess.run(
            ["fluidsynth", "-niq", "-R", space, "-C", "0", "-g", "0.5", "-r", "48000", "-T", "raw", "-O", "float",
             "-F", str(sound), str(FONT), str(source)],
            check=True, capture_output=True,
        )  # fmt: skip
        stereo = np.fromfile(sound, np.float32).reshape(-1, 2)
    return np.asarray(resample(stereo.mean(axis=1), orig_sr=48000, target_sr=RATE_HZ), np.float32)


PIECES = (
    Piece("rock", 96, "D major", 4, "rock", seed=0, chords=27, lead=29),
    Piece("rock, minor", 128, "E minor", 4, "rock", seed=1, chords=0, bass=33, lead=80, bars=16),
    Piece("slow rock", 72, "C major", 4, "rock", seed=2, chords=0, lead=73, bars=9),
    Piece("fast rock", 164, "A minor", 4, "rock", seed=3, chords=25, lead=25, bars=18),
    Piece("dance", 124, "F minor", 4, "floor", seed=1, chords=90, bass=38, lead=81, bars=16),
    Piece("dance, major", 138, "G# major", 4, "floor", seed=2, chords=90, bass=38, lead=81, bars=16),
    Piece("ballad", 80, "F major", 4, "ballad", seed=3, chords=0, lead=0, drums=False),
    Piece("ballad, strings", 100, "B minor", 4, "ballad", seed=0, chords=48, bass=43, lead=40, drums=False),
    Piece("arpeggios", 110, "G major", 4, "arpeggio", seed=2, chords=24, lead=73, drums=False, bars=14),
    Piece("arpeggios, minor", 88, "C# minor", 4, "arpeggio", seed=1, chords=0, lead=0, drums=False),
    Piece("hymn", 84, "D# major", 4, "hymn", seed=1, chords=19, bass=19, lead=19, drums=False),
    Piece("walking bass", 140, "A# major", 4, "walk", seed=3, chords=0, bass=32, lead=65, bars=16),
    Piece("waltz", 150, "D major", 3, "waltz", seed=0, chords=0, bass=32, lead=73, drums=False, bars=22),
    Piece("waltz, accordion", 170, "G minor", 3, "waltz", seed=1, chords=21, bass=58, lead=21, drums=False, bars=24),
    Piece("waltz with drums", 132, "A major", 3, "waltz", seed=2, chords=0, bass=32, lead=40, bars=20),
    Piece("slow waltz", 96, "C minor", 3, "waltz", seed=2, chords=0, bass=43, lead=0, drums=False, bars=14),
    Piece("three, arpeggios", 92, "E major", 3, "arpeggio", seed=0, chords=24, lead=73, drums=False, bars=14),
    Piece("three, hymn", 104, "F# minor", 3, "hymn", seed=0, chords=0, bass=0, lead=0, drums=False, bars=16),
    Piece("three, rock", 116, "B major", 3, "rock", seed=3, chords=27, bass=33, lead=29, bars=16),
    Piece("band, quick", 176, "C# major", 4, "rock", seed=1, chords=25, lead=56, bars=20),
    Piece("slow", 62, "D minor", 4, "ballad", seed=0, chords=0, bass=32, lead=0, drums=False, bars=8),
    Piece("brass", 108, "G# minor", 4, "hymn", seed=3, chords=61, bass=58, lead=56, bars=13),
)
"""Twenty-two pieces: seven in three, ten without drums, tempos from 62 to 176, all twelve tonics."""
